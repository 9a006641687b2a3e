import { parseArgs } from 'node:util';
import { parseGoDuration } from '../shared/api/duration.ts';
import { CanaryError, messageOf } from '../shared/errors.ts';
import { type LogLevel, parseLogLevel } from '../shared/platform/log.ts';
import { PROVIDER_NAMES } from '../shared/routing/index.ts';
import type { RotationTimes } from './certs/rotate.ts';
import { FLAGS, type Flag, type FlagName } from './flags.ts';

/** Everything that can be told to a webhook, read once. Times are milliseconds. */
export interface Settings {
  readonly kubeconfig: string | undefined;
  readonly namespace: string;
  readonly serviceName: string;
  readonly address: string | undefined;
  readonly port: number;
  readonly healthPort: number;
  readonly meshProvider: string;
  readonly selectorLabels: readonly string[];
  readonly noCrossNamespaceRefs: boolean;
  readonly controllers: readonly string[];
  readonly configName: string;
  readonly register: boolean;
  readonly url: URL | undefined;
  readonly onlyNamespaces: readonly string[];
  readonly failurePolicy: 'Ignore' | 'Fail';
  /** Undefined: certificates of our own. */
  readonly certFolder: string | undefined;
  readonly secretName: string;
  readonly rotation: RotationTimes;
  readonly certCheckMs: number;
  readonly lookupMs: number;
  readonly lookupBudgetMs: number;
  readonly drainDelayMs: number;
  readonly drainLimitMs: number;
  readonly logLevel: LogLevel;
}

type Environment = Readonly<Record<string, string | undefined>>;
type Values = Readonly<Record<string, string | boolean | undefined>>;

const usage = (message: string): CanaryError =>
  new CanaryError('USAGE', message, { remedy: 'kubectl canary webhook --help' });

/** Go programs take one dash or two; so do we. */
const twoDashes = (argument: string): string => (/^-[a-z]{2}/.test(argument) ? `-${argument}` : argument);

const parse = (argv: readonly string[]): Values => {
  const options = Object.fromEntries(
    Object.entries(FLAGS as Record<string, Flag>).map(([name, { type }]) => [name, { type }]),
  );
  try {
    return parseArgs({ args: argv.map(twoDashes), options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw usage(messageOf(error).replace(/\. To specify a positional.*$/, ''));
  }
};

class Reader {
  readonly #values: Values;
  readonly #env: Environment;

  constructor(values: Values, env: Environment) {
    this.#values = values;
    this.#env = env;
  }

  text(name: FlagName): string {
    const flag: Flag = FLAGS[name];
    const fromEnv = flag.env === undefined ? undefined : this.#env[flag.env];
    return String(this.#values[name] ?? fromEnv ?? flag.default ?? '');
  }

  optional(name: FlagName): string | undefined {
    return this.text(name) === '' ? undefined : this.text(name);
  }

  flag(name: FlagName): boolean {
    return this.#values[name] === true;
  }

  list(name: FlagName): string[] {
    return this.text(name)
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  }

  port(name: FlagName): number {
    const port = Number(this.text(name));
    if (!/^\d+$/.test(this.text(name)) || port > 65_535)
      throw usage(`--${name} must be a port, 0 to 65535, not "${this.text(name)}"`);
    return port;
  }

  duration(name: FlagName): number {
    const ms = parseGoDuration(this.text(name));
    if (ms === undefined || ms < 0) throw usage(`--${name} must be a duration such as 30s, not "${this.text(name)}"`);
    return ms;
  }

  choice<T extends string>(name: FlagName, choices: readonly T[]): T {
    const chosen = choices.find((choice) => choice === this.text(name));
    if (chosen === undefined) throw usage(`--${name} must be ${choices.join(' or ')}, not "${this.text(name)}"`);
    return chosen;
  }

  url(name: FlagName): URL | undefined {
    const text = this.optional(name);
    if (text === undefined) return undefined;
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url?.protocol !== 'https:') throw usage(`--${name} must be an https:// address, not "${text}"`);
    return url;
  }
}

/** Reads flags and environment. Undefined: only help was asked for. Throws USAGE with the flag and what it takes. */
export const readSettings = (argv: readonly string[], env: Environment): Settings | undefined => {
  const values = parse(argv);
  if (values['help'] === true) return undefined;
  const read = new Reader(values, env);
  const url = read.url('url');
  const register = read.flag('register');
  if (url !== undefined && !register) throw usage('--url only has a meaning together with --register');
  const certs = read.text('certs');
  return {
    kubeconfig: read.optional('kubeconfig'),
    namespace: read.text('namespace'),
    serviceName: read.text('service-name'),
    address: read.optional('address'),
    port: read.port('port'),
    healthPort: read.port('health-port'),
    meshProvider: read.choice('mesh-provider', PROVIDER_NAMES),
    selectorLabels: read.list('selector-labels'),
    noCrossNamespaceRefs: read.flag('no-cross-namespace-refs'),
    controllers: read.list('controller-service-accounts'),
    configName: read.text('config-name'),
    register,
    url,
    onlyNamespaces: read.list('only-namespaces'),
    failurePolicy: read.choice('failure-policy', ['Ignore', 'Fail']),
    certFolder: certs === 'self' ? undefined : certs,
    secretName: read.text('secret-name'),
    rotation: {
      caLifeMs: read.duration('ca-life'),
      leafLifeMs: read.duration('leaf-life'),
      settleMs: read.duration('cert-settle'),
      retireMs: read.duration('cert-retire'),
    },
    certCheckMs: read.duration('cert-check'),
    lookupMs: read.duration('lookup-timeout'),
    lookupBudgetMs: read.duration('lookup-budget'),
    drainDelayMs: read.duration('drain-delay'),
    drainLimitMs: read.duration('drain-limit'),
    logLevel: parseLogLevel(read.text('log-level')),
  };
};
