import { describe, expect, it } from 'vitest';
import type { CanaryStatus, PauseAt } from '../../../../../shared/api/canary.ts';
import type { Readiness } from '../../../../../shared/api/model.ts';
import { decide } from '../../../../../shared/rollout/decide.ts';
import type { World } from '../../../../../shared/rollout/world.ts';
import { withAnalysis, withHooks } from '../../../../make/canary.ts';
import { at, command, decidedBy, NOW, targetOf, told } from '../command-world.ts';
import { linesOf } from '../report-lines.ts';
import { BUSY, DOWN, kept, moves, primaryOf, routed } from './phase-world.ts';
import { hook, NO, running, YES } from './progress-world.ts';

const TIMED: Readiness = { ...BUSY, deadlineAt: NOW + 30_000 } as Readiness;
const PENDING = 'HTTPRoute podinfo.test parent gw is not ready';
const pending = (status: Partial<CanaryStatus> = {}, ...more: Parameters<typeof running>[1][]): World => ({
  ...running(status, ...more.filter((one) => one !== undefined)),
  routes: { primary: 90, canary: 10, mirrored: false, pending: PENDING },
});
const untilRoutes = (seconds: number) => ({
  what: 'routes that the data plane has taken over',
  since: at(seconds - 60),
  until: at(seconds),
});

describe('what keeps an analysis from going on is told once, by its cause', () => {
  it.each<[string, World, string[]]>([
    [
      'a primary that is not ready',
      { ...running(), ...primaryOf({ readiness: TIMED }) },
      ['Warning Synced to Progressing once (primary not ready): podinfo-primary.test not ready: 1 of 2 available'],
    ],
    [
      'a target that is not ready',
      { ...running(), ...targetOf({ readiness: TIMED }) },
      [
        'Warning Synced to Progressing once (canary not ready): canary deployment podinfo.test not ready: 1 of 2 available',
      ],
    ],
    ['routes that are not live', pending(), [`Warning Synced to Progressing once (${PENDING}): ${PENDING}`]],
  ])('%s', (_what, world, lines) => {
    const decision = decidedBy(world);
    expect(linesOf(decision)).toEqual(lines);
    expect(moves(decision.actions)).toEqual([]);
    expect(decision.status?.rollback).toBeUndefined();
  });

  it.each<[string, World]>([
    ['primary', { ...running({ notReady: { primary: at(-3) } }), ...primaryOf({ readiness: TIMED }) }],
    ['target', { ...running({ notReady: { target: at(-3) } }), ...targetOf({ readiness: TIMED }) }],
  ])('pods of the %s that just started are told of ten seconds after they did', (_side, world) => {
    expect(decidedBy(world)).toMatchObject({ reports: [], dueAt: NOW + 7000 });
  });

  it('a primary that is gone, and can not be made again here, is made anew', () => {
    const { status, actions, reports } = decidedBy({
      ...running(),
      primary: undefined,
      ...targetOf({ canRestart: false }),
    });
    expect([status, reports]).toEqual([undefined, []]);
    expect(kept(actions)).toContain('ensure-primary');
  });
});

describe('routes that the data plane does not take over', () => {
  it('begin to be waited for', () => {
    expect(decidedBy(pending()).status?.waitingFor).toEqual(untilRoutes(60));
  });

  it('have their whole time', () => {
    const { status, dueAt } = decidedBy(pending({ waitingFor: untilRoutes(5) }));
    expect([status, dueAt]).toEqual([undefined, NOW + 10_000]);
  });

  it('leave a closed gate its own time', () => {
    const waitingFor = { what: 'traffic increase gate more', since: at(-9), gate: 'more', revision: 'new' };
    const gates = withAnalysis({ gates: [{ name: 'more', type: 'confirm-traffic-increase' }] });
    expect(decidedBy(pending({ waitingFor }, gates)).status).toBeUndefined();
  });
});

describe('why a rollout is given up is written down, and told', () => {
  it.each<[string, World, [string, string], string[]]>([
    [
      'pods late',
      { ...running(), ...targetOf({ readiness: DOWN }) },
      ['ProgressDeadlineExceeded', 'podinfo.test is not ready: 0 of 2 available'],
      [
        'Warning Synced to Progressing once (0 of 2 available): canary deployment podinfo.test not ready: 0 of 2 available',
        'alert error: Progress deadline exceeded 0 of 2 available',
      ],
    ],
    [
      'routes late',
      pending({ waitingFor: untilRoutes(0) }),
      ['ProgressDeadlineExceeded', PENDING],
      [
        `Warning Synced to Progressing once (${PENDING}): ${PENDING}`,
        `alert error: Progress deadline exceeded ${PENDING}`,
      ],
    ],
    [
      'too many checks failed, by the check',
      running({ failedChecks: 3, checks: [{ name: 'load', verdict: 'failed', message: 'refused', time: at(-9) }] }),
      ['ChecksFailed', 'refused'],
      [
        'Warning Synced to Progressing: Rolling back podinfo.test failed checks threshold reached 3',
        'alert error: Failed checks threshold reached 3',
      ],
    ],
    [
      'too many checks failed, none of which is kept',
      running({ failedChecks: 4 }),
      ['ChecksFailed', '4 checks failed'],
      [
        'Warning Synced to Progressing: Rolling back podinfo.test failed checks threshold reached 4',
        'alert error: Failed checks threshold reached 4',
      ],
    ],
  ])('%s', (_what, world, [reason, message], lines) => {
    const decision = decidedBy(world);
    expect(decision.status?.rollback).toEqual({ reason, message, since: at(0) });
    expect(linesOf(decision)).toEqual(lines);
  });
});

describe('rollback hooks', () => {
  const hooked = (...more: Parameters<typeof withHooks>): World =>
    running({}, withHooks(hook('rollback', 'one'), hook('rollback', 'two'), ...more));

  it('are asked before any check, and what they said is told with it', () => {
    const world = hooked(hook('rollout', 'load'));
    expect(decide(world, new Map())).toEqual({ ask: { ask: 'hook', index: 0, phase: 'Progressing' }, reports: [] });
    const outcome = decide(
      world,
      new Map([
        ['hook:0', NO],
        ['hook:1', NO],
      ]),
    );
    expect(outcome).toMatchObject({ ask: { ask: 'hook', index: 2 } });
    expect('ask' in outcome && linesOf(outcome)).toEqual([
      'Normal Synced to Progressing: Rollback hook one not signaling a rollback',
      'Normal Synced to Progressing: Rollback hook two not signaling a rollback',
    ]);
  });

  it('that say no let the step be taken', () => {
    const decision = decidedBy(
      hooked(),
      new Map([
        ['hook:0', NO],
        ['hook:1', NO],
      ]),
    );
    expect(linesOf(decision)).toEqual([
      'Normal Synced to Progressing: Rollback hook one not signaling a rollback',
      'Normal Synced to Progressing: Rollback hook two not signaling a rollback',
      'Normal Synced to Progressing: Advance podinfo.test canary weight 20',
    ]);
  });

  it('of which one says yes undo it all', () => {
    const decision = decidedBy(
      hooked(),
      new Map([
        ['hook:0', NO],
        ['hook:1', YES],
      ]),
    );
    expect(decision.status?.rollback).toEqual({
      reason: 'RolledBackByHook',
      message: 'rollback hook two asked for it',
      since: at(0),
    });
    expect(linesOf(decision)).toEqual([
      'Normal Synced to Progressing: Rollback hook one not signaling a rollback',
      'Warning Synced to Progressing: Rollback check two passed',
      'Warning Synced to Progressing: Rolling back podinfo.test manual webhook invoked',
      'alert warn: Rolling back manual webhook invoked',
    ]);
  });

  it('are not asked about a step that a person takes', () => {
    const world = running({ dueAt: at(9) }, withHooks(hook('rollback')), told(command('promote')));
    expect(decidedBy(world).status?.canaryWeight).toBe(20);
  });
});

describe('a pause that somebody planned', () => {
  const planned = (pauseAt: Omit<PauseAt, 'since'>): World => running({ pauseAt: { ...pauseAt, since: at(-5) } });

  it.each<[string, Omit<PauseAt, 'since'>, object, string]>([
    ['for good', { at: 'weight=10' }, {}, 'Paused podinfo.test at weight=10, as somebody wished'],
    [
      'for a while',
      { at: 'step=1', for: '5m', by: 'bo', reason: 'lunch' },
      { by: 'bo', reason: 'lunch', until: at(300) },
      'Paused podinfo.test at step=1, as bo wished',
    ],
    [
      'for a time that is none',
      { at: 'step=1', for: 'ever', by: 'bo' },
      { by: 'bo' },
      'Paused podinfo.test at step=1, as bo wished',
    ],
  ])('%s begins where it was planned', (_what, pauseAt, more, text) => {
    const decision = decidedBy(planned(pauseAt));
    expect(decision.status?.paused).toStrictEqual({ since: at(0), ...more });
    expect(decision.status).not.toHaveProperty('pauseAt');
    expect(moves(decision.actions)).toEqual([]);
    expect(linesOf(decision)).toEqual([`Normal Paused: ${text}`]);
  });

  it.each(['weight=20', 'step=2'])('for %s does not begin before', (where) => {
    expect(decidedBy(planned({ at: where })).status).toMatchObject({ canaryWeight: 20, pauseAt: { at: where } });
  });

  it('does not keep a person from taking the step', () => {
    const world = running({ pauseAt: { at: 'weight=10', since: at(-5) } }, told(command('promote')));
    expect(decidedBy(world).status).toMatchObject({ canaryWeight: 20 });
  });
});

describe('steps that were taken, and not written down', () => {
  const mirroring = (status: Partial<CanaryStatus>): World => {
    const world = running(status, withAnalysis({ mirror: true }));
    return { ...world, capabilities: { ...world.capabilities, mirror: 'always' } };
  };

  it('are none where mirroring was', () => {
    const world = { ...mirroring({ canaryWeight: 0, trafficSince: at(-10) }), ...routed(0, true) };
    expect(linesOf(decidedBy(world))).toEqual(['Normal Synced to Progressing: Advance podinfo.test canary weight 10']);
  });

  it('are none where requests are mirrored beside a weight', () => {
    const world = { ...running({ canaryWeight: 10 }), ...routed(10, true) };
    expect(decidedBy(world).status?.canaryWeight).toBe(20);
  });

  it('are not told of where the traffic is gone', () => {
    expect(decidedBy({ ...running({ canaryWeight: 30 }), ...routed(0) }).reports).toEqual([]);
  });
});
