/** Flags of the reference as settings of the engine. */
import { PROVIDERS } from '../../shared/api/providers.ts';
import { DEFAULT_SETTINGS, type EngineSettings } from '../../shared/engine/settings.ts';
import { CanaryError } from '../../shared/errors.ts';
import { PROVIDER_NAMES } from '../../shared/routing/index.ts';
import type { Input } from '../cli/input.ts';
import { nearest } from '../cli/nearest.ts';
import { usageError } from '../cli/usage.ts';

const split = (text: string | undefined): string[] | undefined =>
  text?.split(',').map((part) => part.trim()).filter((part) => part !== '');

/** Throws PROVIDER_UNKNOWN, with the nearest name. */
export const checkProvider = (name: string): void => {
  if (PROVIDER_NAMES.includes(name)) return;
  if ((PROVIDERS as readonly string[]).includes(name)) {
    throw new CanaryError('PROVIDER_UNKNOWN', `provider "${name}" is not supported by this version; supported: ${PROVIDER_NAMES.join(', ')}`);
  }
  const meant = nearest(name, [...PROVIDER_NAMES, ...PROVIDERS]);
  throw new CanaryError('PROVIDER_UNKNOWN', `unknown provider "${name}"${meant === undefined ? '' : `; did you mean "${meant}"?`} supported: ${PROVIDER_NAMES.join(', ')}`);
};

const checkUrl = (flag: string, text: string): string => {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) throw usageError(`invalid value for --${flag}: must be an http or https URL`);
  return text;
};

/** The flag where the command has it and it is given. */
const given = (input: Input, name: string): string | undefined =>
  input.command.groups.some((group) => Object.hasOwn(group.flags, name)) ? input.text(name) : undefined;

/** What both drivers understand; absent flags keep their defaults. Throws USAGE and PROVIDER_UNKNOWN. */
export const engineSettings = (input: Input, defaults: Partial<EngineSettings>, env: Readonly<Record<string, string | undefined>>): EngineSettings => {
  const provider = given(input, 'mesh-provider');
  if (provider !== undefined) checkProvider(provider);
  const metrics = given(input, 'metrics-server');
  const hook = env['EVENT_WEBHOOK_URL'] ?? given(input, 'event-webhook') ?? '';
  const base = { ...DEFAULT_SETTINGS, ...defaults };
  const threads = Number(given(input, 'threadiness') ?? base.concurrency);
  if (threads < 1) throw usageError('invalid value for --threadiness: must be at least 1');
  return {
    ...base,
    meshProvider: provider ?? base.meshProvider,
    metricsServer: metrics === undefined ? base.metricsServer : checkUrl('metrics-server', metrics),
    selectorLabels: split(given(input, 'selector-labels')) ?? base.selectorLabels,
    includePrefixes: split(given(input, 'include-label-prefix')) ?? base.includePrefixes,
    configTracking: given(input, 'enable-config-tracking')?.toLowerCase() !== 'false',
    clusterName: given(input, 'cluster-name') ?? base.clusterName,
    noCrossNamespaceRefs: given(input, 'no-cross-namespace-refs')?.toLowerCase() === 'true',
    ingressAnnotationsPrefix: given(input, 'ingress-annotations-prefix') ?? base.ingressAnnotationsPrefix,
    ingressClass: given(input, 'ingress-class') ?? base.ingressClass,
    eventWebhook: hook === '' ? '' : checkUrl('event-webhook', hook),
    concurrency: threads,
  };
};
