import { describe, expect, it } from 'vitest';
import type { Canary, CanaryStatus } from '../../../../../shared/api/canary.ts';
import type { Answer, Answers } from '../../../../../shared/api/model.ts';
import { decide } from '../../../../../shared/rollout/decide.ts';
import type { World } from '../../../../../shared/rollout/world.ts';
import { withAnalysis, withHooks } from '../../../../make/canary.ts';
import type { Modifier } from '../../../../make/modify.ts';
import { at, command, decidedBy, NOW, told } from '../command-world.ts';
import { linesOf } from '../report-lines.ts';
import { BUSY, moves, primaryOf, routed } from './phase-world.ts';
import { hook, iterating, NO, running, YES } from './progress-world.ts';

const NOBODY: Answers = new Map();
const LOADED: NonNullable<CanaryStatus['checks']> = [{ name: 'load', verdict: 'passed', time: at(-20) }];
const AB_TEST = withAnalysis({ match: [{ headers: { a: { exact: '1' } } }] });

/** A mesh that mirrors, and a Canary that wants it. */
const mirroring = (world: World): World => ({
  ...world,
  canary: {
    ...world.canary,
    spec: { ...world.canary.spec, analysis: { ...world.canary.spec.analysis, mirror: true } },
  },
  capabilities: { ...world.capabilities, mirror: 'always' },
});

const asks = (world: World, answers = NOBODY): unknown => {
  const outcome = decide(world, answers);
  return 'ask' in outcome ? outcome.ask : undefined;
};

describe('a step that is taken moves traffic and is told', () => {
  const toCanary = { primary: 0, canary: 100, mirrored: false };

  it.each<[string, World, object | undefined, string[]]>([
    [
      'a weight',
      running(),
      { primary: 80, canary: 20, mirrored: false },
      ['Normal Synced to Progressing: Advance podinfo.test canary weight 20'],
    ],
    [
      'the first weight, while there are no routes yet',
      { ...running({ canaryWeight: 0 }), routes: undefined },
      { primary: 90, canary: 10, mirrored: false },
      [
        'Normal Synced to Progressing: Starting canary analysis for podinfo.test',
        'Normal Synced to Progressing: Advance podinfo.test canary weight 10',
      ],
    ],
    [
      'mirroring',
      mirroring(running({ canaryWeight: 0 })),
      { primary: 100, canary: 0, mirrored: true },
      [
        'Normal Synced to Progressing: Starting canary analysis for podinfo.test',
        'Normal Synced to Progressing: Advance podinfo.test canary weight 0',
      ],
    ],
    [
      'the weight after mirroring',
      mirroring({ ...running({ canaryWeight: 0, trafficSince: at(-10) }), ...routed(0, true) }),
      { primary: 90, canary: 10, mirrored: false },
      ['Normal Synced to Progressing: Advance podinfo.test canary weight 10'],
    ],
    [
      'an iteration of an A/B test',
      { ...iterating({}, AB_TEST), routes: undefined },
      toCanary,
      [
        'Normal Synced to Progressing: Starting canary analysis for podinfo.test',
        'Normal Synced to Progressing: Advance podinfo.test canary iteration 1/2',
      ],
    ],
    [
      'an iteration of blue/green',
      iterating({ iterations: 1 }),
      undefined,
      ['Normal Synced to Progressing: Advance podinfo.test canary iteration 2/2'],
    ],
    [
      'the switch',
      iterating({ iterations: 2 }),
      toCanary,
      ['Normal Synced to Progressing: Routing all traffic to canary'],
    ],
    [
      'the switch, before there are routes',
      { ...iterating({ iterations: 2 }), routes: undefined },
      toCanary,
      ['Normal Synced to Progressing: Routing all traffic to canary'],
    ],
    [
      'the switch after mirrored iterations',
      mirroring({ ...iterating({ iterations: 2 }), ...routed(0, true) }),
      toCanary,
      ['Normal Synced to Progressing: Stop traffic mirroring and route all traffic to canary'],
    ],
  ])('%s', (_what, world, routes, lines) => {
    const decision = decidedBy(world);
    expect(decision.actions.filter((action) => action.do === 'route')).toEqual(
      routes === undefined ? [] : [{ do: 'route', routes }],
    );
    expect(decision.actions.some((action) => action.do === 'ensure-routes')).toBe(routes === undefined);
    expect(linesOf(decision)).toEqual(lines);
  });

  it('the switch in silence where nothing splits traffic', () => {
    const world = iterating({ iterations: 2 });
    const plain = { ...world, capabilities: { ...world.capabilities, iterationsOnly: true } };
    const decision = decidedBy(plain);
    expect([moves(decision.actions), decision.reports]).toEqual([[], []]);
    expect(decision.status).toMatchObject({ iterations: 3, dueAt: at(0) });
  });

  it('after what its hooks said', () => {
    const world = running({ canaryWeight: 0 }, withHooks(hook('pre-rollout', 'smoke')));
    expect(linesOf(decidedBy(world, new Map([['hook:0', YES]])))).toEqual([
      'Normal Synced to Progressing: Starting canary analysis for podinfo.test',
      'Normal Synced to Progressing: Pre-rollout check smoke passed',
      'Normal Synced to Progressing: Advance podinfo.test canary weight 10',
    ]);
  });
});

describe('iterations are found by the routes where a driver died', () => {
  const fresh = (world: World, canary: number, isMirrored = false): World => ({
    ...world,
    ...routed(canary, isMirrored),
  });

  it.each<[string, World, number]>([
    ['mirrored requests', fresh(mirroring(iterating()), 0, true), 1],
    ['all traffic in an A/B test', fresh(iterating({}, AB_TEST), 100), 1],
  ])('%s are the first', (_what, world, iterations) => {
    const { status, actions } = decidedBy(world);
    expect(status).toMatchObject({ iterations, trafficSince: at(0), dueAt: at(10) });
    expect(moves(actions)).toEqual([]);
  });

  it.each<[string, World, string]>([
    ['no mirrored requests', fresh(mirroring(iterating()), 0), 'route 0% mirrored'],
    ['requests mirrored beside traffic', fresh(mirroring(iterating()), 10, true), 'route 0% mirrored'],
    ['some traffic in an A/B test', fresh(iterating({}, AB_TEST), 50), 'route 100%'],
    ['no traffic in an A/B test', fresh(iterating({}, AB_TEST), 0), 'route 100%'],
  ])('%s are none', (_what, world, move) => {
    expect(moves(decidedBy(world).actions)).toEqual([move]);
  });

  it('the second of them is not the first', () => {
    expect(decidedBy(fresh(iterating({ iterations: 1 }, AB_TEST), 100)).status?.iterations).toBe(2);
  });
});

describe('who is asked before a step', () => {
  const hooks = withHooks(hook('rollout', 'load'), hook('confirm-traffic-increase'), hook('confirm-promotion'));
  const LOAD = { ask: 'hook', index: 0, phase: 'Progressing' };

  it.each<[string, World]>([
    ['traffic', running({}, hooks)],
    [
      'requests mirrored',
      mirroring({ ...running({ canaryWeight: 0, trafficSince: at(-10) }, hooks), ...routed(0, true) }),
    ],
    ['an iteration behind it', iterating({ iterations: 1 }, hooks)],
    ['all iterations behind it, before the switch', iterating({ iterations: 2 }, hooks)],
    ['all iterations of an A/B test behind it', { ...iterating({ iterations: 2 }, hooks, AB_TEST), ...routed(100) }],
    [
      'all weights, and iterations that are left from another strategy',
      running({ canaryWeight: 50, iterations: 1 }, hooks),
    ],
  ])('rollout hooks, with %s', (_what, world) => {
    expect(decide(world, NOBODY)).toEqual({ ask: LOAD, reports: [] });
  });

  it('no gate where a check failed', () => {
    const { status, events } = decidedBy(running({}, hooks), new Map([['hook:0', NO]]));
    expect(status).toMatchObject({ canaryWeight: 10, failedChecks: 1 });
    expect(events).toEqual(['Synced: Halt podinfo.test advancement external check load failed no']);
  });

  it('no promotion gate in the middle', () => {
    const answers = new Map([
      ['hook:0', YES],
      ['hook:1', YES],
    ]);
    expect(decidedBy(running({}, hooks), answers).status?.canaryWeight).toBe(20);
    expect(asks(running({ canaryWeight: 50 }, hooks), answers)).toMatchObject({ index: 2 });
  });

  it('nobody after the switch: that was approved, and only the copy is missing', () => {
    const { status, actions } = decidedBy({ ...iterating({ iterations: 3, checks: LOADED }, hooks), ...routed(100) });
    expect(moves(actions)).toEqual(['promote']);
    expect(status).toMatchObject({ phase: 'Promoting', checks: LOADED });
  });

  it('nobody where a person takes the step, and the checks stay as they were', () => {
    const byHand = (checks?: typeof LOADED): CanaryStatus | undefined =>
      decidedBy(running({ ...(checks && { checks }) }, hooks, told(command('promote')))).status;
    expect(byHand(LOADED)).toMatchObject({ canaryWeight: 20, checks: LOADED });
    expect(byHand()).toMatchObject({ canaryWeight: 20, checks: [] });
  });
});

describe('before the first traffic', () => {
  const first = (status: Partial<CanaryStatus>, ...more: Modifier<Canary>[]): World =>
    running({ canaryWeight: 0, ...status }, withHooks(hook('pre-rollout', 'smoke')), ...more);

  it.each<[string, Answer, Partial<CanaryStatus>]>([
    ['passes', YES, { canaryWeight: 10, failedChecks: 0 }],
    ['fails', NO, { canaryWeight: 0, failedChecks: 1 }],
  ])('a pre-rollout hook that %s leaves the checks of the status', (_what, answer, expected) => {
    const { status } = decidedBy(first({ checks: LOADED }), new Map([['hook:0', answer]]));
    expect(status).toMatchObject({ ...expected, checks: LOADED });
    expect(decidedBy(first({}), new Map([['hook:0', answer]])).status?.checks).toEqual([]);
  });

  it('a gate that opens tells of nothing but the step', () => {
    const waitingFor = { what: 'traffic increase gate qa', since: at(-9) };
    const gated = first({ waitingFor }, withHooks(hook('pre-rollout'), hook('confirm-traffic-increase', 'qa')));
    expect(linesOf(decidedBy(gated, new Map([['hook:1', YES]])))).toEqual([
      'Normal Synced to Progressing: Confirm-traffic-increase check qa passed',
      'Normal Synced to Progressing: Advance podinfo.test canary weight 10',
    ]);
  });
});

describe('checks that have no verdict', () => {
  const metrics = [{ name: 'own', query: 'up', thresholdRange: { max: 1 }, onInconclusive: 'hold' as const }];
  const empty: Answers = new Map<string, Answer>([
    ['metric:0:query', { kind: 'empty', error: 'no values found', query: 'up' }],
  ]);
  const NO_DATA = 'Warning Synced to Progressing: Halt advancement no values found for metric: own';

  it('hold the rollout, told once as an alert', () => {
    const first = decidedBy(running({}, withAnalysis({ metrics })), empty);
    expect(first.status?.waitingFor).toEqual({ what: 'metrics with data', since: at(0) });
    expect(linesOf(first)).toEqual([NO_DATA, 'alert warn: Canary analysis is waiting for data.']);
    const waitingFor = { what: 'metrics with data', since: at(-30) };
    expect(linesOf(decidedBy(running({ waitingFor }, withAnalysis({ metrics })), empty))).toEqual([NO_DATA]);
  });

  it('leave a closed gate its own time', () => {
    const waitingFor = { what: 'traffic increase gate more', since: at(-9), gate: 'more', revision: 'new' };
    const gates = [{ name: 'more', type: 'confirm-traffic-increase' as const }];
    const decision = decidedBy(running({ waitingFor }, withAnalysis({ metrics, gates })), empty);
    expect(decision.status?.waitingFor).toEqual(waitingFor);
    expect(linesOf(decision)).toEqual([NO_DATA]);
  });

  it('are looked at an interval later in a grace period', () => {
    const gracious = withAnalysis({ metrics, gracePeriod: '1m' });
    expect(decidedBy(running({ trafficSince: at(-15) }, gracious), empty).dueAt).toBe(NOW + 10_000);
  });

  it('are asked for before a grace period is waited out', () => {
    const gracious = withAnalysis({ metrics, gracePeriod: '1m' });
    expect(asks(running({ trafficSince: at(-15) }, gracious))).toEqual({ ask: 'metric', index: 0, part: 'query' });
  });
});

describe('the promotion', () => {
  it('makes no second copy, and says that it copies', () => {
    const world = { ...running({ canaryWeight: 50 }), ...primaryOf({ readiness: BUSY, hasCopy: true }) };
    const decision = decidedBy(world);
    expect(moves(decision.actions)).toEqual([]);
    expect(decision.status).toMatchObject({
      phase: 'Promoting',
      waitingFor: { what: 'pods of podinfo-primary.test', since: at(0), until: at(60) },
    });
    expect(linesOf(decision)).toEqual([
      'Normal Synced to Progressing: Copying podinfo.test template spec to podinfo-primary.test',
    ]);
  });

  it('by hand keeps the checks of the status', () => {
    const full = (checks?: typeof LOADED): CanaryStatus | undefined =>
      decidedBy(running({ ...(checks && { checks }) }, told(command('promote', { full: true })))).status;
    expect(full(LOADED)).toMatchObject({ phase: 'Promoting', checks: LOADED });
    expect(full()).toMatchObject({ phase: 'Promoting', checks: [] });
  });
});

describe('a weight that a person sets', () => {
  const set = (status: Partial<CanaryStatus>, weight: number, ...more: Modifier<Canary>[]) =>
    decidedBy(running(status, told(command('set-weight', { weight })), ...more));

  it('is routed and told', () => {
    const decision = set({}, 30);
    expect(decision.actions).toContainEqual({ do: 'route', routes: { primary: 70, canary: 30, mirrored: false } });
    expect(linesOf(decision)).toEqual([
      'Normal WeightSet: Set the weight of podinfo.test to 30 (asked by bo)',
      'Normal Synced to Progressing: Advance podinfo.test canary weight 30',
    ]);
  });

  it('as the first step has its grace period', () => {
    const { status } = set({ canaryWeight: 0 }, 30, withAnalysis({ gracePeriod: '1m' }));
    expect(status).toMatchObject({
      canaryWeight: 30,
      trafficSince: at(0),
      waitingFor: { what: 'the end of the grace period', since: at(0), until: at(60) },
    });
  });
});
