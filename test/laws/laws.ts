import type { Canary, Phase } from '../../shared/api/canary.ts';
import { canaryReadyThresholdOf, intervalMsOf } from '../../shared/api/defaults.ts';
import type { KubeObject } from '../../shared/api/kube.ts';
import { imageOf, isReady, isServing, type Moment, replicasOf, selectorOf } from './observed.ts';
import { nextImage, type Plan } from './plan.ts';

/** A law reads the moments of one rollout and says what breaks it, a line each. */
export type Law = (moments: readonly Moment[], plan: Plan) => string[];

const clockText = (at: number): string => new Date(at).toISOString().slice(11, 23);

/** Neighbouring moments. */
const pairs = (moments: readonly Moment[]): (readonly [Moment, Moment])[] =>
  moments.slice(1).map((after, at) => [moments[at] as Moment, after]);

interface Weighted {
  readonly weight?: number;
}

/** The lists of weights in an object of Traefik or Istio. A lone destination gets everything, whatever its weight. */
const weightsIn = ({ change }: Moment): number[][] => {
  const spec = change.object['spec'] as
    | { weighted?: { services?: Weighted[] }; http?: { route?: Weighted[] }[] }
    | undefined;
  const lists = [spec?.weighted?.services ?? [], ...(spec?.http ?? []).map(({ route }) => route ?? [])];
  return lists.filter((list) => list.length > 1).map((list) => list.map(({ weight }) => weight ?? 1));
};

export const weightsSumToHundred: Law = (moments) =>
  moments.flatMap((moment) => {
    const { at, change } = moment;
    const wrong = weightsIn(moment).find((list) => list.reduce((total, weight) => total + weight, 0) !== 100);
    if (wrong !== undefined) return [`${clockText(at)} weights ${wrong.join('+')}`];
    const text = change.object.metadata.annotations?.['nginx.ingress.kubernetes.io/canary-weight'];
    return text === undefined || (/^\d+$/.test(text) && Number(text) <= 100) ? [] : [`${clockText(at)} weight ${text}`];
  });

interface StepTaken {
  at: number;
  what: string;
}

const isAnalysing = (canary: Canary | undefined): boolean =>
  ['Progressing', 'WaitingPromotion'].includes(canary?.status?.phase ?? '');

const takenBetween = (before: Moment, after: Moment): string | undefined => {
  const [was, is] = [before.weight ?? 0, after.weight ?? 0];
  const phase = after.canary?.status?.phase;
  if (!before.mirrored && after.mirrored) return 'mirroring';
  if (is > was && isAnalysing(after.canary)) return `weight ${was} to ${is}`;
  if (is < was && is > 0 && phase === 'Promoting') return `weight ${was} back to ${is}`;
  const [did, does] = [before.canary?.status?.iterations ?? 0, after.canary?.status?.iterations ?? 0];
  return does > did && isAnalysing(after.canary) && before.weight === after.weight ? `iteration ${does}` : undefined;
};

/** A new revision starts over, and so does the way back after the copy: the first step of each has nobody before it. */
const startsOver = ({ canary: before }: Moment, { canary: after }: Moment): boolean =>
  before?.status?.revision !== after?.status?.revision ||
  (before?.status?.phase !== 'Promoting' && after?.status?.phase === 'Promoting');

/** Times in status are whole milliseconds. */
const ROUNDING_MS = 1;

export const oneStepPerInterval: Law = (moments) => {
  const broken: string[] = [];
  let last: StepTaken | undefined;
  for (const [before, after] of pairs(moments)) {
    if (startsOver(before, after)) last = undefined;
    const what = takenBetween(before, after);
    if (what === undefined || after.canary === undefined) continue;
    // The status of a step may come a moment after its routes; it is the same step.
    const isSame = last !== undefined && what.startsWith('iteration') && /to 100|mirroring/.test(last.what);
    if (last !== undefined && !isSame && after.at - last.at < intervalMsOf(after.canary) - ROUNDING_MS) {
      broken.push(`${clockText(after.at)} ${what} came ${after.at - last.at} ms after ${last.what}`);
    }
    if (!isSame) last = { at: after.at, what };
  }
  return broken;
};

/** The last state of a Deployment before this very moment: what its driver could know. */
export const noTrafficToTheUnready: Law = (moments) =>
  pairs(moments).flatMap(([before, after]) => {
    const broken: string[] = [];
    const [was, is] = [before.weight ?? 0, after.weight ?? 0];
    const threshold = after.canary === undefined ? 100 : canaryReadyThresholdOf(after.canary);
    const isMore = is > was || (after.mirrored && !before.mirrored);
    if (isMore && !isReady(before.target, threshold))
      broken.push(`weight ${was} to ${is} while the target is not ready`);
    if (is < was && !isServing(before.primary))
      broken.push(`weight ${was} to ${is} while no pod of the primary could answer`);
    const isSwitched = selectorOf(before.apex) !== 'podinfo-primary' && selectorOf(after.apex) === 'podinfo-primary';
    if (isSwitched && !isServing(before.primary))
      broken.push('the apex Service selects a primary that could not answer');
    if (replicasOf(before.target) > 0 && replicasOf(after.target) === 0) {
      if (is > 0) broken.push(`the target was parked with ${is} percent of the traffic`);
      if (!isServing(before.primary)) broken.push('the target was parked while no pod of the primary could answer');
    }
    return broken.map((text) => `${clockText(after.at)} ${text}`);
  });

const FOLLOWS: Readonly<Record<Phase, readonly Phase[]>> = {
  '': ['Initializing'],
  Initializing: ['Initialized'],
  Initialized: ['Progressing', 'Waiting'],
  Waiting: ['Progressing'],
  Progressing: ['WaitingPromotion', 'Promoting', 'Succeeded', 'Failed'],
  WaitingPromotion: ['Progressing', 'Promoting', 'Failed'],
  Promoting: ['Finalising', 'Failed'],
  Finalising: ['Succeeded', 'Failed'],
  Succeeded: ['Progressing', 'Waiting'],
  Failed: ['Progressing', 'Waiting'],
  Terminating: [],
  Terminated: [],
};

export const phasesFollow: Law = (moments) =>
  pairs(moments).flatMap(([before, after]) => {
    const [was, is] = [before.canary?.status?.phase ?? '', after.canary?.status?.phase ?? ''];
    return was === is || FOLLOWS[was].includes(is) ? [] : [`${clockText(after.at)} ${is} after ${was}`];
  });

const COUNTED: readonly string[] = ['pre-rollout', 'rollout'];

/** How the last revision must end; undefined: it depends on when a hook opens. */
const expected = ({ success, starts, skipAnalysis, hooks }: Plan): 'Succeeded' | 'Failed' | undefined => {
  if (!starts) return 'Failed';
  if (skipAnalysis) return 'Succeeded';
  if (success !== 100) return 'Failed';
  return hooks.some(({ type, opensAfterMs }) => COUNTED.includes(type) && opensAfterMs !== 0) ? undefined : 'Succeeded';
};

/** The end is the right one, and nothing is left as it was on the way. */
export const endsAsItMust: Law = (moments, plan) => {
  const { canary, target, primary, weight, mirrored } = moments.at(-1) as Moment;
  const status = canary?.status ?? {};
  const image = nextImage(plan, plan.nextAfterMs === undefined ? 2 : 3);
  const runs = imageOf(primary) === image;
  const wanted = expected(plan);
  const claims: [boolean, string][] = [
    [wanted === undefined || status.phase === wanted, `ended ${status.phase}, not ${wanted}`],
    [imageOf(target) === image, `the target runs ${imageOf(target)}`],
    [runs === (status.phase === 'Succeeded'), `${status.phase}, and the primary runs ${imageOf(primary)}`],
    [replicasOf(target) === 0, `${replicasOf(target)} pods of the target are left`],
    [isReady(primary, 100), 'the primary is not ready'],
    [(weight ?? 0) === 0, `${weight} percent of the traffic are left`],
    [!mirrored, 'requests are mirrored still'],
    [selectorOf(moments.at(-1)?.apex) === 'podinfo-primary', 'the apex Service does not select the primary'],
    [
      status.canaryWeight === 0 && status.iterations === 0,
      `counters are left: ${status.canaryWeight}, ${status.iterations}`,
    ],
    [
      (status.lastAppliedSpec === status.lastPromotedSpec) === (status.phase === 'Succeeded'),
      'the promoted revision is recorded wrongly',
    ],
    [
      status.dueAt === undefined && status.waitingFor === undefined && status.paused === undefined,
      'it still waits for something',
    ],
  ];
  return claims.flatMap(([holds, text]) => (holds ? [] : [text]));
};

export const LAWS: readonly Law[] = [
  weightsSumToHundred,
  oneStepPerInterval,
  noTrafficToTheUnready,
  phasesFollow,
  endsAsItMust,
];

export const brokenLaws = (moments: readonly Moment[], plan: Plan): string[] =>
  LAWS.flatMap((law) => law(moments, plan));

const MASKED = ['resourceVersion', 'uid', 'creationTimestamp', 'generation', 'managedFields'];

const settled = (object: KubeObject): unknown => {
  const metadata = Object.fromEntries(Object.entries(object.metadata).filter(([key]) => !MASKED.includes(key)));
  const text = JSON.stringify({
    ...metadata,
    annotations: { ...object.metadata.annotations, 'deployment.kubernetes.io/revision': undefined },
    spec: object['spec'],
  });
  return text
    .replace(/"(uid|flagger-id|clusterIP)":"[^"]*"/g, '"$1":"*"')
    .replace(/"clusterIPs":\[[^\]]*\]/g, '"clusterIPs":"*"');
};

const KINDS_OF_ROLLOUT = new Set([
  'Deployment',
  'Service',
  'Ingress',
  'TraefikService',
  'VirtualService',
  'DestinationRule',
  'HorizontalPodAutoscaler',
  'ScaledObject',
  'ConfigMap',
]);

/** What counts when two runs are compared: all objects of the rollout, and where the Canary stands. */
export const finalState = (moments: readonly Moment[]): Record<string, unknown> => {
  const objects = new Map<string, unknown>();
  for (const { change } of moments) {
    const { kind, metadata } = change.object;
    if (!KINDS_OF_ROLLOUT.has(kind)) continue;
    if (change.type === 'DELETED') objects.delete(`${kind}/${metadata.name}`);
    else objects.set(`${kind}/${metadata.name}`, settled(change.object));
  }
  const status = moments.at(-1)?.canary?.status ?? {};
  const { phase, canaryWeight, iterations, revision, trackedConfigs } = status;
  const conditions = status.conditions?.map((one) => `${one.type}=${one.status} ${one.reason}`);
  const last = status.history?.at(-1);
  return {
    ...Object.fromEntries([...objects].sort(([a], [b]) => (a < b ? -1 : 1))),
    canary: {
      phase,
      canaryWeight,
      iterations,
      revision,
      trackedConfigs,
      conditions,
      result: last?.result,
      image: last?.image,
    },
  };
};
