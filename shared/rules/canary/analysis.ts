/** CANARY-STRAT-008 to -017: what else the analysis says, and does not do. */
import { isRecord, listOf, numberOf, recordOf, textOf } from '../raw.ts';
import { type Context, type Draft, NOTHING, type Rule, when } from '../rule.ts';
import { shown } from '../text.ts';
import type { CanaryView } from '../view.ts';
import { targetLookups, targetOf } from './lookups.ts';

const iterationsOf = ({ analysis }: CanaryView): number => numberOf(analysis['iterations']) ?? 0;
const isMatching = ({ analysis }: CanaryView): boolean => listOf(analysis['match']).length > 0;
const isOutside = (value: number | undefined, min: number, max: number): boolean =>
  value !== undefined && !(value >= min && value <= max);
const capabilities = ({ provider }: CanaryView, { settings }: Context<CanaryView>) => settings.capabilitiesOf(provider);

const matchWithoutIterations: Rule<CanaryView>['check'] = (view, context) => {
  if (!isMatching(view) || iterationsOf(view) > 0) return NOTHING;
  const jumps = capabilities(view, context)?.jumpsOnMatch === true;
  return [
    {
      path: 'spec.analysis.match',
      message: jumps
        ? 'header matching needs iterations; with step weights it would send all matched traffic at once. Add iterations, remove stepWeight.'
        : 'without iterations this is no A/B test: only matched requests take part in the weighted rollout. Add iterations, remove stepWeight.',
      value: [view.provider, view.analysis['match']],
      soft: !jumps,
    },
  ];
};

const promotionStep: Rule<CanaryView>['check'] = ({ analysis }) => {
  const step = numberOf(analysis['stepWeightPromotion']);
  return when(isOutside(step, 0, 100), () => ({
    path: 'spec.analysis.stepWeightPromotion',
    message: `${shown(step)}: promotion would ${(step ?? 0) < 0 ? 'move traffic the wrong way' : 'jump'}. Use 0-100.`,
    value: step,
  }));
};

const promotionStepUnused: Rule<CanaryView>['check'] = (view, context) => {
  const step = numberOf(view.analysis['stepWeightPromotion']) ?? 0;
  const unused = iterationsOf(view) > 0 || capabilities(view, context)?.iterationsOnly === true;
  return when(step !== 0 && unused, () => ({
    path: 'spec.analysis.stepWeightPromotion',
    message: 'no effect here: traffic moves back at once after iterations. Remove it.',
  }));
};

const threshold: Rule<CanaryView>['check'] = ({ analysis }) => {
  const value = numberOf(analysis['threshold']);
  return when(value !== undefined && value < 1, () => ({
    path: 'spec.analysis.threshold',
    message: `${shown(value)} is treated as 1: the first failed check rolls back. Write how many checks may fail.`,
  }));
};

const readyThresholds: Rule<CanaryView>['check'] = ({ analysis }) =>
  ['primaryReadyThreshold', 'canaryReadyThreshold'].flatMap((name) => {
    const value = numberOf(analysis[name]);
    return when(isOutside(value, 0, 100), () => ({
      path: `spec.analysis.${name}`,
      message: `${shown(value)} is not a percentage of pods. Use 1-100.`,
      value,
    }));
  });

const lowersReadiness = ({ analysis }: CanaryView): boolean =>
  (numberOf(analysis['canaryReadyThreshold']) ?? 100) < 100;

const singleReplica: Rule<CanaryView>['check'] = (view, { others }) => {
  const target = targetOf(view, others);
  const replicas = target === undefined ? 0 : (recordOf(target['spec'])['replicas'] ?? 1);
  return when(lowersReadiness(view) && replicas === 1, () => ({
    path: 'spec.analysis.canaryReadyThreshold',
    message: `${view.targetName} has one replica: below 100 Flagger accepts zero ready pods. Remove it, or run more replicas.`,
  }));
};

const mirrorWeight: Rule<CanaryView>['check'] = ({ analysis }) => {
  const weight = numberOf(analysis['mirrorWeight']);
  const alone = analysis['mirror'] !== true && weight !== 0;
  return when(weight !== undefined && (alone || isOutside(weight, 0, 100)), () => ({
    path: 'spec.analysis.mirrorWeight',
    message: `${shown(weight)}${alone ? ' without mirror: true does nothing' : ' is not a percentage'}. Use 1-100 together with mirror: true.`,
    value: [weight, alone],
  }));
};

/** What leaves no step for copies; in an A/B test all matched requests go to the canary from the beginning. */
const mirrorConflict = (view: CanaryView, context: Context<CanaryView>): string | undefined => {
  if (isMatching(view) && iterationsOf(view) > 0) return 'match and iterations';
  const needsIterations = capabilities(view, context)?.mirror === 'iterations';
  return needsIterations && iterationsOf(view) <= 0 ? `step weights on ${view.provider}` : undefined;
};

const mirror: Rule<CanaryView>['check'] = (view, context) => {
  if (view.analysis['mirror'] !== true) return NOTHING;
  const other = mirrorConflict(view, context);
  return when(other !== undefined, () => ({
    path: 'spec.analysis.mirror',
    message: `mirroring cannot be combined with ${other}: no request would be copied. Remove one of the two.`,
    value: other,
  }));
};

const isRolloutHook = (hook: unknown): boolean => isRecord(hook) && ['', 'rollout'].includes(textOf(hook['type']));

const nothingChecked: Rule<CanaryView>['check'] = ({ spec, analysis }) => {
  if (!isRecord(spec['analysis']) || spec['skipAnalysis'] === true) return NOTHING;
  const checked = listOf(analysis['metrics']).length > 0 || listOf(analysis['webhooks']).some(isRolloutHook);
  return when(!checked, () => ({
    path: 'spec.analysis',
    message: 'nothing is checked: every release would pass. Add a metric or a rollout hook.',
  }));
};

const skipped: Rule<CanaryView>['check'] = ({ spec, analysis }, { operation }) => {
  if (spec['skipAnalysis'] !== true) return NOTHING;
  const found: Draft[] = [];
  const path = 'spec.skipAnalysis';
  if (operation === 'CREATE') {
    found.push({
      path,
      message:
        'Flagger does not wait for the first start then; expect errors meanwhile. Set it once the Canary is Initialized.',
    });
  }
  if (listOf(analysis['metrics']).length > 0) {
    found.push({
      path,
      message: 'the metrics of the analysis are never evaluated. Remove them, or set skipAnalysis: false.',
    });
  }
  return found;
};

const row = (id: string, type: Rule<CanaryView>['class'], field: string, about: string) => ({
  id: `CANARY-STRAT-${id}`,
  class: type,
  path: field,
  about,
});

export const ANALYSIS_RULES: readonly Rule<CanaryView>[] = [
  { ...row('008', 'D', 'spec.analysis.match', 'header matching without iterations'), check: matchWithoutIterations },
  {
    ...row('009', 'D', 'spec.analysis.stepWeightPromotion', 'a promotion step that is no percentage'),
    check: promotionStep,
  },
  {
    ...row('010', 'W', 'spec.analysis.stepWeightPromotion', 'a promotion step that nobody reads'),
    check: promotionStepUnused,
  },
  { ...row('011', 'W', 'spec.analysis.threshold', 'no failed check is tolerated'), check: threshold },
  {
    ...row(
      '012',
      'D',
      'spec.analysis.primaryReadyThreshold, spec.analysis.canaryReadyThreshold',
      'readiness that is no percentage',
    ),
    check: readyThresholds,
  },
  {
    ...row('013', 'W', 'spec.analysis.canaryReadyThreshold', 'less than all pods, where there is one'),
    needs: (view) => (lowersReadiness(view) ? targetLookups(view) : []),
    check: singleReplica,
  },
  {
    ...row('014', 'D', 'spec.analysis.mirrorWeight', 'a share of mirrored requests that has no effect'),
    check: mirrorWeight,
  },
  { ...row('015', 'D', 'spec.analysis.mirror', 'mirroring beside what leaves no room for it'), check: mirror },
  { ...row('016', 'W', 'spec.analysis', 'an analysis that checks nothing'), check: nothingChecked },
  { ...row('017', 'W', 'spec.skipAnalysis', 'an analysis that is skipped'), check: skipped },
];
