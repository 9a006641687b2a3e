/** Flags of the reference as settings of the engine. */
import { DEFAULT_SETTINGS, type EngineSettings } from '../../shared/engine/settings.ts';
import { CanaryError } from '../../shared/errors.ts';
import { PROVIDER_NAMES } from '../../shared/routing/index.ts';
import type { Input } from '../cli/input.ts';
import { nearest } from '../cli/nearest.ts';
import { usageError } from '../cli/usage.ts';

const split = (text: string | undefined): string[] | undefined =>
  text
    ?.split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** A version too many, or one too few, is no slip of the finger. */
const relative = (name: string): string | undefined =>
  PROVIDER_NAMES.find((one) => name.startsWith(`${one}:`)) ?? PROVIDER_NAMES.find((one) => one.startsWith(`${name}:`));

/** Throws PROVIDER_UNKNOWN, with the nearest name. */
export const checkProvider = (name: string): void => {
  if (PROVIDER_NAMES.includes(name)) return;
  const meant = relative(name) ?? nearest(name, PROVIDER_NAMES);
  throw new CanaryError(
    'PROVIDER_UNKNOWN',
    `unknown provider "${name}"; ${meant === undefined ? '' : `did you mean "${meant}"? `}supported: ${PROVIDER_NAMES.join(', ')}`,
  );
};

const checkUrl = (flag: string, text: string): string => {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw usageError(`invalid value for --${flag}: must be an http or https URL`);
  return text;
};

/** Reads flags that the command may or may not have. */
const readerOf = (input: Input) => {
  const has = (name: string): boolean => input.command.groups.some((group) => Object.hasOwn(group.flags, name));
  const text = (name: string): string | undefined => (has(name) ? input.text(name) : undefined);
  return {
    text,
    list: (name: string): string[] | undefined => split(text(name)),
    isFalse: (name: string): boolean => text(name)?.toLowerCase() === 'false',
    isTrue: (name: string): boolean => text(name)?.toLowerCase() === 'true',
    url: (name: string, otherwise: string): string => {
      const given = text(name);
      return given === undefined ? otherwise : checkUrl(name, given);
    },
  };
};

const concurrencyOf = (text: string | undefined, otherwise: number): number => {
  if (text === undefined) return otherwise;
  if (Number(text) < 1) throw usageError('invalid value for --threadiness: must be at least 1');
  return Number(text);
};

const eventHookOf = (env: Env, flag: string | undefined): string => {
  const hook = env['EVENT_WEBHOOK_URL'] || (flag ?? '');
  return hook === '' ? '' : checkUrl('event-webhook', hook);
};

type Env = Readonly<Record<string, string | undefined>>;

/** What both drivers understand; absent flags keep their defaults. Throws USAGE and PROVIDER_UNKNOWN. */
export const engineSettings = (input: Input, defaults: Partial<EngineSettings>, env: Env): EngineSettings => {
  const flags = readerOf(input);
  const base = { ...DEFAULT_SETTINGS, ...defaults };
  const provider = flags.text('mesh-provider');
  if (provider !== undefined) checkProvider(provider);
  return {
    ...base,
    meshProvider: provider ?? base.meshProvider,
    metricsServer: flags.url('metrics-server', base.metricsServer),
    selectorLabels: flags.list('selector-labels') ?? base.selectorLabels,
    includePrefixes: flags.list('include-label-prefix') ?? base.includePrefixes,
    configTracking: !flags.isFalse('enable-config-tracking'),
    clusterName: flags.text('cluster-name') ?? base.clusterName,
    noCrossNamespaceRefs: flags.isTrue('no-cross-namespace-refs'),
    ingressAnnotationsPrefix: flags.text('ingress-annotations-prefix') ?? base.ingressAnnotationsPrefix,
    ingressClass: flags.text('ingress-class') ?? base.ingressClass,
    eventWebhook: eventHookOf(env, flags.text('event-webhook')),
    concurrency: concurrencyOf(flags.text('threadiness'), base.concurrency),
  };
};
