import { describe, expect, it } from 'vitest';
import { canonical, isFields, omit } from './canonical.ts';
import { grantDifferences, RIGHT_DIFFERENCES } from './differences.ts';
import { normalise } from './normalise.ts';
import { createJudge } from './run.ts';
import type { Scenario, State, Trace } from './scenario.ts';
import { loadScenario, rewrite, scenarioNames } from './scenario.ts';

const scenarios = scenarioNames().map(loadScenario);
/** Between them they have every kind of expectation. */
const VARIED = ['bluegreen-keda', 'deletion', 'gates-closed', 'hooks', 'traefik-rollback'];

/** What a faultless run of ours would show. */
const idealTrace = ({ name, expect: recorded }: Scenario): Trace => {
  const trace = normalise(recorded);
  return grantDifferences(name, trace, trace).expected;
};

const withObjects = (trace: Trace, objects: Trace['objects']): Trace => ({ ...trace, objects });

const without = <T>(items: readonly T[], at: number): T[] => items.filter((_, index) => index !== at);

const swapped = <T>(items: readonly T[], at: number): T[] => {
  const copy = [...items];
  copy.splice(at, 2, ...items.slice(at, at + 2).toReversed());
  return copy;
};

/** The last state once without each field of its spec. */
const lastWithoutFields = (states: readonly State[]): State[][] => {
  const last = states.at(-1) as State;
  const spec = last === 'DELETED' ? undefined : last['spec'];
  if (last === 'DELETED' || !isFields(spec)) return [];
  return Object.keys(spec).map((field) => [...states.slice(0, -1), { ...last, spec: omit(spec, [field]) }]);
};

/** Every trace that lacks exactly one state of one object, lacks a field at the end, or ends in another one. */
const faultyObjects = (trace: Trace): Trace[] =>
  Object.entries(trace.objects).flatMap(([key, states]) => [
    ...states.map((_, at) => withObjects(trace, { ...trace.objects, [key]: without(states, at) })),
    withObjects(trace, { ...trace.objects, [key]: [...states, rewrite(states[0] as State, { podinfo: 'other' })] }),
    ...lastWithoutFields(states).map((faulty) => withObjects(trace, { ...trace.objects, [key]: faulty })),
    withObjects(trace, { ...trace.objects, [`${key}-surplus`]: states }),
  ]);

/** Every trace that lacks one item of a sequence, has two neighbours swapped, or has one more item. */
const faultySequences = (trace: Trace): Trace[] =>
  (['events', 'hooks', 'alerts'] as const).flatMap((field) => [
    ...trace[field].map((_, at) => ({ ...trace, [field]: without<unknown>(trace[field], at) })),
    ...trace[field].slice(1).map((_, at) => ({ ...trace, [field]: swapped<unknown>(trace[field], at) })),
    {
      ...trace,
      [field]: [...trace[field], field === 'events' ? ['podinfo', 'Normal', 'Synced', 'surplus'] : ['surplus', {}]],
    },
  ]);

const faultyQueries = (trace: Trace): Trace[] => [
  ...trace.queries.map((_, at) => ({ ...trace, queries: without(trace.queries, at) })),
  { ...trace, queries: [...trace.queries, 'up'] },
];

/** What a real server and a patient controller add to a trace without meaning anything by it. */
const withNoise = (trace: Trace): Trace => ({
  objects: Object.fromEntries(
    Object.entries(trace.objects).map(([key, states]) => [
      key,
      states.flatMap((state, at): State[] =>
        state === 'DELETED'
          ? [state]
          : [1, 2].map((turn) => ({
              ...state,
              metadata: { ...state.metadata, uid: 'u', resourceVersion: String(at * 2 + turn), managedFields: [] },
            })),
      ),
    ]),
  ),
  events: trace.events.flatMap(([object, type, reason, message]) => [
    [object, 'Warning', 'Synced', 'podinfo-primary.test not ready: waiting for rollout to finish: 0 of 2'],
    [object, 'Normal', 'Paused', 'an event of our own'],
    [object, type, reason, `(combined from similar events): ${message}`],
    [object, type, reason, message],
  ]),
  hooks: trace.hooks.flatMap(([name, body]) =>
    [1, 2].map(() => [name, { ...(body as object), checksum: 'c' }] as const),
  ),
  alerts: trace.alerts,
  queries: [...trace.queries, 'vector(1)', ...trace.queries.map((query) => query.replace(' ', '\n\t'))],
});

describe('the judge of golden runs', () => {
  it('finds all 51 recordings', () => expect(scenarios).toHaveLength(51));

  it.each(scenarios)('accepts what the recording of $name shows', (scenario) => {
    expect(createJudge(scenario)(idealTrace(scenario))).toEqual([]);
  });

  it.each(scenarios)('does not mind what is chance or time in $name', (scenario) => {
    expect(createJudge(scenario)(withNoise(idealTrace(scenario)))).toEqual([]);
  });

  it.each(VARIED.map(loadScenario))('sees every missing, surplus and swapped item in $name', (scenario) => {
    const ideal = idealTrace(scenario);
    const faulty = [...faultyObjects(ideal), ...faultySequences(ideal), ...faultyQueries(ideal)];
    // A fault in a freedom that is granted, or one that makes a trace like itself, is none.
    const seen = (trace: Trace) =>
      canonical(grantDifferences(scenario.name, normalise(trace), normalise(trace)).expected);
    const meant = faulty.filter((trace) => seen(trace) !== seen(ideal));
    expect(meant.length).toBeGreaterThan(faulty.length * 0.8);
    const judge = createJudge(scenario);
    expect(meant.filter((trace) => judge(trace).length === 0)).toEqual([]);
  });

  it.each(RIGHT_DIFFERENCES.filter(({ got }) => got === undefined))(
    'demands the fixed form of $scenario ($id)',
    ({ scenario }) => {
      const recorded = loadScenario(scenario);
      expect(createJudge(recorded)(recorded.expect)).not.toEqual([]);
    },
  );
});
