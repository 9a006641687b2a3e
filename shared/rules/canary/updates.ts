/** CANARY-UPD-001 to -014: changes that leave something behind, or meet a rollout on its way. */
import { isGiven, isRecord, isSame, listOf, numberOf, recordOf, textOf } from '../raw.ts';
import { type Context, type Draft, NOTHING, type Rule, type RuleClass, when } from '../rule.ts';
import { quoted, shown } from '../text.ts';
import type { CanaryView } from '../view.ts';

const A = 'spec.analysis';
const RUNNING: ReadonlySet<string> = new Set(['Waiting', 'Progressing', 'WaitingPromotion', 'Promoting', 'Finalising']);

/** What stood there before, and where its rollout is. */
interface Before {
  readonly old: CanaryView;
  readonly isRunning: boolean;
  /** Percent that the canary has. */
  readonly weight: number;
  readonly iterations: number;
  readonly failedChecks: number;
}

const beforeOf = (old: CanaryView): Before => {
  const status = recordOf(old.raw['status']);
  const count = (name: string): number => numberOf(status[name]) ?? 0;
  return {
    old,
    isRunning: RUNNING.has(old.phase),
    weight: count('canaryWeight'),
    iterations: count('iterations'),
    failedChecks: count('failedChecks'),
  };
};

type Check = (view: CanaryView, before: Before) => readonly Draft[];

/** Asked where there was a Canary before that somebody had begun to drive. */
const ofChange =
  (check: Check): Rule<CanaryView>['check'] =>
  (view, { old }: Context<CanaryView>) =>
    old === undefined || old.phase === '' ? NOTHING : check(view, beforeOf(old));

const whileRunning = (check: Check): Rule<CanaryView>['check'] =>
  ofChange((view, before) => (before.isRunning ? check(view, before) : NOTHING));

const targetIn = ({ target }: CanaryView): string =>
  [target['apiVersion'], target['kind'], target['name']].map(textOf).join(' ');

const target = ofChange((view, { old, isRunning }) =>
  when(targetIn(view) !== targetIn(old), () => ({
    path: 'spec.targetRef',
    message: `${quoted(`${old.targetName}-primary`)} and its Services stay behind, serving traffic. ${isRunning ? 'Change it when the rollout is over' : 'Delete the Canary and create it anew instead'}.`,
    value: targetIn(view),
    soft: !isRunning,
  })),
);

const ROUTE_FIELDS = ['provider', 'ingressRef', 'routeRef'] as const;

const routes = ofChange((view, { old, isRunning, weight }) => {
  const changed = ROUTE_FIELDS.filter((name) =>
    name === 'provider' ? view.provider !== old.provider : !isSame(view.spec[name], old.spec[name]),
  );
  return changed.map((name) => ({
    path: `spec.${name}`,
    message: `routes of ${old.provider} are not removed and keep their weights (${shown(weight)}% to the canary). Remove them by hand${isRunning ? ', and change it when the rollout is over' : ''}.`,
    value: [view.provider, view.spec[name]],
    soft: !isRunning,
  }));
});

const apex = ofChange((view, { old, isRunning }) =>
  when(view.apexName !== old.apexName && targetIn(view) === targetIn(old), () => ({
    path: 'spec.service.name',
    message: `Services ${quoted(old.apexName)}, -primary and -canary stay behind. Remove them by hand${isRunning ? ', and change it when the rollout is over' : ''}.`,
    value: view.apexName,
    soft: !isRunning,
  })),
);

const strategyOf = ({ analysis }: CanaryView): string => {
  if ((numberOf(analysis['iterations']) ?? 0) <= 0) return 'step weights';
  return listOf(analysis['match']).length > 0 ? 'A/B testing' : 'blue/green';
};

const strategy = whileRunning((view, { old }) => {
  const [was, is] = [strategyOf(old), strategyOf(view)];
  return when(was !== is && isGiven(view.spec['analysis']), () => ({
    path: A,
    message: `cannot go from ${was} to ${is} during a rollout. Change it when the rollout is over, or promote or roll back first.`,
    value: is,
  }));
});

const stepGone = whileRunning((view, { old, weight }) => {
  const steps = view.analysis['stepWeights'];
  const isChanged = Array.isArray(steps) && !isSame(steps, old.analysis['stepWeights']);
  return when(isChanged && weight > 0 && !listOf(steps).includes(weight), () => ({
    path: `${A}.stepWeights`,
    message: `the rollout stands at ${shown(weight)}%, which is no step any more: it goes on with the next larger one, Flagger with all traffic. Keep ${shown(weight)} in the list.`,
  }));
});

const endReached = whileRunning(({ analysis }, { old, weight, iterations }) => {
  const reached = [
    ['maxWeight', weight],
    ['iterations', iterations],
  ] as const;
  return reached.flatMap(([name, now]) => {
    const end = numberOf(analysis[name]);
    const isLower = end !== undefined && end > 0 && end < (numberOf(old.analysis[name]) ?? 100);
    return when(isLower && now > 0 && end <= now, () => ({
      path: `${A}.${name}`,
      message: `would promote at once: the rollout has reached ${shown(now)}. Use more than that.`,
    }));
  });
});

const tooStrict = whileRunning(({ analysis }, { old, failedChecks }) => {
  const threshold = numberOf(analysis['threshold']);
  const isLower = threshold !== undefined && threshold < (numberOf(old.analysis['threshold']) ?? 0);
  return when(isLower && failedChecks > 0 && threshold <= failedChecks, () => ({
    path: `${A}.threshold`,
    message: `would roll back at once: failed checks so far: ${shown(failedChecks)}. Use more than that.`,
  }));
});

const scaler = ofChange((view, { old, isRunning, weight }) => {
  const isSame = view.scalerKind === old.scalerKind && view.scalerName === old.scalerName;
  const isParked = old.scalerKind === 'ScaledObject' && !isRunning && weight === 0 && old.phase !== 'Initializing';
  return when(!isSame && isParked && old.scalerName !== '', () => ({
    path: 'spec.autoscalerRef',
    message: `ScaledObject ${quoted(old.scalerName)} stays paused at 0 for ever. Remove its annotation autoscaling.keda.sh/paused-replicas first.`,
  }));
});

const turnedOn = (name: 'suspend' | 'skipAnalysis', message: (before: Before) => string) =>
  whileRunning((view, before) =>
    when(view.spec[name] === true && before.old.spec[name] !== true, () => ({
      path: `spec.${name}`,
      message: message(before),
    })),
  );

const headless = ofChange((view, { old }) =>
  when((view.service['headless'] === true) !== (old.service['headless'] === true), () => ({
    path: 'spec.service.headless',
    message: 'has no effect on Services that exist. Delete them, and they are made anew.',
  })),
);

const cookie = whileRunning((view, { old }) => {
  const was = recordOf(old.analysis['sessionAffinity'])['cookieName'];
  const is = recordOf(view.analysis['sessionAffinity'])['cookieName'];
  return when(isRecord(old.analysis['sessionAffinity']) && was !== is, () => ({
    path: `${A}.sessionAffinity`,
    message: 'users with the old cookie lose their version. Change it when the rollout is over.',
  }));
});

const row = (id: string, type: RuleClass, path: string, about: string) => ({
  id: `CANARY-UPD-${id}`,
  class: type,
  path,
  about,
  on: ['UPDATE'] as const,
});

export const UPDATE_RULES: readonly Rule<CanaryView>[] = [
  { ...row('001', 'D', 'spec.targetRef', 'another target'), check: target },
  { ...row('002', 'D', 'spec.provider, spec.ingressRef, spec.routeRef', 'another provider'), check: routes },
  { ...row('003', 'D', 'spec.service.name', 'other Services'), check: apex },
  { ...row('004', 'D', A, 'another strategy during a rollout'), check: strategy },
  { ...row('005', 'W', `${A}.stepWeights`, 'the step that the rollout stands at is gone'), check: stepGone },
  { ...row('006', 'W', `${A}.maxWeight, ${A}.iterations`, 'an end that is reached already'), check: endReached },
  { ...row('008', 'W', `${A}.threshold`, 'more failed checks than are allowed now'), check: tooStrict },
  { ...row('009', 'W', 'spec.autoscalerRef', 'a scaler that stays paused'), check: scaler },
  {
    ...row('010', 'W', 'spec.suspend', 'a rollout that is left as it is'),
    check: turnedOn(
      'suspend',
      ({ weight }) =>
        `traffic stays at ${shown(weight)}% to the canary, and nothing is checked or rolled back. Use kubectl canary pause to keep the checks.`,
    ),
  },
  {
    ...row('011', 'W', 'spec.skipAnalysis', 'a rollout that is no longer checked'),
    check: turnedOn(
      'skipAnalysis',
      () => 'promotes at once without further checks. Use kubectl canary promote to say so in your name.',
    ),
  },
  { ...row('012', 'W', 'spec.service.headless', 'a change that existing Services do not follow'), check: headless },
  { ...row('014', 'W', `${A}.sessionAffinity`, 'users who lose their version'), check: cookie },
];
