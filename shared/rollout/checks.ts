/** The checks of one analysis interval: rollout hooks, then metrics; the first that fails ends the round. */

import type { AnalysisMetric, CanaryStatus } from '../api/canary.ts';
import { hookTypeOf, metricsOf, webhooksOf } from '../api/defaults.ts';
import { type Answers, type Check, type Probe, probeKey, type Report } from '../api/model.ts';
import { BUILT_IN, judge, type Measured, type MetricPart } from './assess.ts';
import type { MetricAnswer } from './compare.ts';
import { askHooks } from './gates.ts';
import { short } from './outcome.ts';
import { canaryText, warning } from './texts.ts';
import { isoTime } from './times.ts';
import type { World } from './world.ts';

export type CheckList = NonNullable<CanaryStatus['checks']>;

export type CheckRound =
  | { ask: Probe; reports: Report[] }
  | { outcome: 'passed' | 'failed' | 'held'; checks: CheckList; reports: Report[] };

/** Built in and inline entries first, then templates: the reference's order. One entry may be several checks. */
const planOf = (world: World): { metric: AnalysisMetric; index: number; part: MetricPart }[] => {
  const entries = metricsOf(world.canary).map((metric, index) => ({ metric, index }));
  const first = entries.flatMap((entry) => [
    ...(BUILT_IN.includes(entry.metric.name) ? [{ ...entry, part: 'builtin' as const }] : []),
    ...(entry.metric.query ? [{ ...entry, part: 'query' as const }] : []),
  ]);
  const isOther = ({ metric }: { metric: AnalysisMetric }) =>
    metric.templateRef !== undefined || (!BUILT_IN.includes(metric.name) && !metric.query);
  return [...first, ...entries.filter(isOther).map((entry) => ({ ...entry, part: 'template' as const }))];
};

type MetricProbe = Extract<Probe, { ask: 'metric' }>;
type Entry = ReturnType<typeof planOf>[number];

/** What a metric needs to be judged, or the first question that is still open. The primary only where there is something to compare. */
const measure = ({ metric, index, part }: Entry, answers: Answers): Measured | { ask: Probe } => {
  const probe: MetricProbe = { ask: 'metric', index, part };
  const of = (more: Partial<MetricProbe> = {}): MetricAnswer | undefined => {
    const answer = answers.get(probeKey({ ...probe, ...more }));
    return answer === undefined || answer.kind === 'hook' || answer.kind === 'kept' ? undefined : answer;
  };
  const value = of();
  if (value === undefined) return { ask: probe };
  if (value.kind !== 'value') return { value };
  const counts = (metric.minSamples ?? 0) > 0;
  const samples = counts && value.samples === undefined ? of({ about: 'samples' }) : undefined;
  if (counts && value.samples === undefined && samples === undefined) return { ask: { ...probe, about: 'samples' } };
  const canary = { value, ...(samples && { samples }) };
  if (metric.compare === undefined) return canary;
  const primary = of({ side: 'primary' });
  if (primary === undefined) return { ask: { ...probe, side: 'primary' } };
  if (!counts || primary.kind !== 'value') return { ...canary, primary: { value: primary } };
  const theirs = of({ side: 'primary', about: 'samples' });
  if (theirs === undefined) return { ask: { ...probe, side: 'primary', about: 'samples' } };
  return { ...canary, primary: { value: primary, samples: theirs } };
};

/** Asks what is still unknown, or says how the round ended. A check that is not reached keeps its last result. */
export const runChecks = (world: World, answers: Answers): CheckRound => {
  const hooks = askHooks(world, answers, 'rollout');
  if ('ask' in hooks) return hooks;
  const halt = (what: string) => warning(world, `Halt ${canaryText(world.canary)} advancement ${what}`);
  if (!hooks.passed) {
    const message = `external check ${hooks.hook} failed ${hooks.error}`;
    const check: Check = { name: hooks.hook, verdict: 'failed', message, time: isoTime(world.now) };
    return { outcome: 'failed', checks: mergeChecks(world, [check]), reports: [...hooks.reports, halt(message)] };
  }
  const done: Check[] = hooks.names.map((name) => ({ name, verdict: 'passed', time: isoTime(world.now) }));
  for (const { metric, index, part } of planOf(world)) {
    const measured = measure({ metric, index, part }, answers);
    if ('ask' in measured) return { ask: measured.ask, reports: hooks.reports };
    const judged = judge({ canary: world.canary, metric, part, provider: world.settings.observer }, measured);
    done.push({ ...judged.check, time: isoTime(world.now) });
    if (judged.verdict === 'passed') continue;
    const policy = judged.verdict === 'failed' ? 'fail' : (metric.onInconclusive ?? 'fail');
    if (policy === 'pass') continue;
    const outcome = policy === 'hold' ? 'held' : 'failed';
    return { outcome, checks: mergeChecks(world, done), reports: [...hooks.reports, warning(world, judged.message)] };
  }
  return { outcome: 'passed', checks: mergeChecks(world, done), reports: hooks.reports };
};

/** New results replace those of the same name; results of metrics and hooks that are gone are dropped. */
const mergeChecks = (world: World, done: readonly Check[]): CheckList => {
  const before = world.canary.status?.checks ?? [];
  const hooks = webhooksOf(world.canary).filter((hook) => hookTypeOf(hook) === 'rollout');
  const known = new Set([...hooks, ...metricsOf(world.canary)].map(({ name }) => name));
  const kept = before.filter((check) => known.has(check.name) && !done.some((one) => one.name === check.name));
  return [...kept, ...done.map(shortened)];
};

/** Status is no place for whole answers and pages of query. */
const shortened = (check: Check): Check => ({
  ...check,
  ...(check.query !== undefined && { query: short(check.query, MOST_QUERY) }),
  ...(check.message !== undefined && { message: short(check.message) }),
  ...(check.compared?.query !== undefined && {
    compared: { ...check.compared, query: short(check.compared.query, MOST_QUERY) },
  }),
});

const MOST_QUERY = 2000;
