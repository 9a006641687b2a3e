import { styleText } from 'node:util';

/** Colours mean states: green settled, blue moving, yellow waiting for someone, red failed, dim history. */
export type Tone = 'good' | 'moving' | 'waiting' | 'bad' | 'dim' | 'strong' | 'plain';

export type Icon = 'good' | 'moving' | 'waiting' | 'bad' | 'warn' | 'unknown' | 'idle';

/** How to write for one stream: colours or not, all signs or ASCII alone. */
export interface Style {
  readonly color: boolean;
  readonly ascii: boolean;
  /** Absolute times in UTC instead of local ones. */
  readonly utc: boolean;
  paint(tone: Tone, text: string): string;
  icon(icon: Icon): string;
  /** The sign where signs may be used, else its twin. */
  sign(sign: string, ascii: string): string;
}

const TONES = {
  good: 'green',
  moving: 'blue',
  waiting: 'yellow',
  bad: 'red',
  dim: 'dim',
  strong: 'bold',
} as const satisfies Record<Exclude<Tone, 'plain'>, Parameters<typeof styleText>[0]>;

/** All one cell wide and without emoji presentation; the twin stands beside it. */
const ICONS: Record<Icon, readonly [sign: string, ascii: string]> = {
  good: ['✔', '+'],
  moving: ['●', '>'],
  waiting: ['‖', '='],
  bad: ['✖', 'x'],
  warn: ['!', '!'],
  unknown: ['?', '?'],
  idle: ['○', 'o'],
};

export const makeStyle = (options: { color: boolean; ascii?: boolean; utc?: boolean }): Style => {
  const ascii = options.ascii ?? false;
  return {
    color: options.color,
    ascii,
    utc: options.utc ?? false,
    paint: (tone, text) =>
      options.color && tone !== 'plain' && text !== '' ? styleText(TONES[tone], text, { validateStream: false }) : text,
    icon: (icon) => ICONS[icon][ascii ? 1 : 0],
    sign: (sign, twin) => (ascii ? twin : sign),
  };
};

type Env = Readonly<Record<string, string | undefined>>;

/** `--color` wins over FORCE_COLOR, over NO_COLOR, over TERM=dumb, over being a terminal. */
export const wantsColor = (choice: string | undefined, env: Env, isTTY: boolean): boolean => {
  if (choice === 'always') return true;
  if (choice === 'never') return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  return isTTY && env['TERM'] !== 'dumb';
};

/** True where the cursor may be moved, progress drawn and questions asked. */
export const isLive = (env: Env, isTTY: boolean): boolean =>
  isTTY && env['TERM'] !== 'dumb' && ((env['CI'] ?? '') === '' || env['CI'] === 'false');
