/** Names as the reference's messages write them. Texts are part of the contract: receivers match them. */
import type { Canary } from '../api/canary.ts';
import { analysisOf, maxWeightOf, progressDeadlineSecondsOf, stepWeightOf, thresholdOf } from '../api/defaults.ts';
import type { AlertField, Report } from '../api/model.ts';
import { strategyOf, targetNameOf } from '../api/names.ts';
import type { World } from './world.ts';

/** `podinfo.test`: the Canary. */
export const canaryText = ({ metadata }: Canary): string => `${metadata.name}.${metadata.namespace}`;
/** `podinfo.test`: its target. */
export const targetText = (canary: Canary): string => `${targetNameOf(canary)}.${canary.metadata.namespace}`;
/** `podinfo-primary.test`: the target's copy. */
export const primaryText = (canary: Canary): string => `${targetNameOf(canary)}-primary.${canary.metadata.namespace}`;

/** All of the reference's events carry this reason. */
const REFERENCE_REASON = 'Synced';

interface Told {
  /** What event hooks are told; default: the phase at the start of the pass. */
  phase?: string;
  once?: string;
}

const event = (type: 'Normal' | 'Warning', world: World, message: string, told: Told): Report => ({
  tell: 'event',
  type,
  reason: REFERENCE_REASON,
  message,
  hookPhase: told.phase ?? world.canary.status?.phase ?? '',
  ...(told.once !== undefined && { once: told.once }),
});

/** An event of the reference's, told to event hooks too. */
export const normal = (world: World, message: string, told: Told = {}): Report => event('Normal', world, message, told);
export const warning = (world: World, message: string, told: Told = {}): Report =>
  event('Warning', world, message, told);

/** An event of our own: typed, and not sent to event hooks, which know only the reference's. */
export const ownEvent = (type: 'Normal' | 'Warning', reason: string, message: string, once?: string): Report => ({
  tell: 'event',
  type,
  reason,
  message,
  ...(once !== undefined && { once }),
});

type AlertSeverity = 'info' | 'warn' | 'error';

export const alert = (world: World, severity: AlertSeverity, message: string, withFields = false): Report => ({
  tell: 'alert',
  severity,
  message,
  fields: [...clusterField(world), ...(withFields ? rolloutFields(world.canary) : [])],
});

const clusterField = ({ settings }: World): AlertField[] =>
  settings.clusterName === '' ? [] : [{ name: 'Cluster', value: settings.clusterName }];

const rolloutFields = (canary: Canary): AlertField[] => {
  const routing = routingText(canary);
  return [
    { name: 'Target', value: `${canary.spec.targetRef.kind}/${targetText(canary)}` },
    { name: 'Failed checks threshold', value: String(thresholdOf(canary)) },
    { name: 'Progress deadline', value: `${progressDeadlineSecondsOf(canary)}s` },
    ...(routing === undefined ? [] : [{ name: 'Traffic routing', value: routing }]),
  ];
};

const routingText = (canary: Canary): string | undefined => {
  const strategy = strategyOf(canary);
  if (strategy === 'ab-testing') return 'A/B Testing';
  if (strategy === 'blue-green') return 'Blue/Green';
  const { stepWeights = [], maxWeight = 0 } = analysisOf(canary);
  if (stepWeightOf(canary) > 0) return `Weight step: ${stepWeightOf(canary)} max: ${maxWeightOf(canary)}`;
  return stepWeights.length > 0 ? `Weight steps: ${stepWeights.join(',')} max: ${maxWeight}` : undefined;
};
