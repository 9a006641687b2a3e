/** What a key asks for. Pure. */
export type KeyAction =
  | 'quit'
  | 'promote'
  | 'approve'
  | 'rollback'
  | 'pause'
  | 'events'
  | 'help'
  | 'up'
  | 'down'
  | 'open'
  | 'back'
  | undefined;

const KEYS: Readonly<Record<string, Exclude<KeyAction, undefined>>> = {
  q: 'quit',
  '\u0003': 'quit',
  p: 'promote',
  a: 'approve',
  r: 'rollback',
  ' ': 'pause',
  e: 'events',
  '?': 'help',
  k: 'up',
  j: 'down',
  '\u001b[A': 'up',
  '\u001b[B': 'down',
  '\r': 'open',
  '\u001b': 'back',
};

const ACTING: readonly KeyAction[] = ['promote', 'approve', 'rollback', 'pause'];

/** Undefined for a key without a meaning, and for acting keys where only looking is allowed. */
export const actionOf = (key: string, readOnly: boolean): KeyAction => {
  const action = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
  return readOnly && ACTING.includes(action) ? undefined : action;
};

export const keyHelp = (readOnly: boolean, single: boolean): string =>
  [
    ...(readOnly ? [] : ['p promote', 'a approve', 'r twice rollback', 'space pause/resume']),
    'e events',
    ...(single ? [] : ['enter open', 'esc back']),
    '? help',
    'q quit',
  ].join('   ');
