import { describe, expect, it } from 'vitest';
import type { AnalysisGate, AnalysisWebhook, Canary, CanaryStatus, HookType } from '../../../../shared/api/canary.ts';
import type { Answer, Answers } from '../../../../shared/api/model.ts';
import { decide } from '../../../../shared/rollout/decide.ts';
import type { World } from '../../../../shared/rollout/world.ts';
import { withAnalysis, withHooks, withStatus } from '../../../make/canary.ts';
import type { Modifier } from '../../../make/modify.ts';
import { at, canaryIn, decidedBy, NOW, REVISION, targetOf, worldOf } from './command-world.ts';
import { linesOf } from './report-lines.ts';

const hook = (type: HookType, more: Partial<AnalysisWebhook> = {}): AnalysisWebhook => ({
  name: 'ask',
  type,
  url: 'http://h',
  ...more,
});
const gate = (type: AnalysisGate['type'], more: Partial<AnalysisGate> = {}): AnalysisGate => ({
  name: 'qa',
  type,
  ...more,
});
const gates = (...list: AnalysisGate[]): Modifier<Canary> => withAnalysis({ gates: list });
const answers = (...list: Answer[]): Answers => new Map(list.map((answer, index) => [`hook:${index}`, answer]));
const YES: Answer = { kind: 'hook', passed: true, error: '' };
const NO: Answer = { kind: 'hook', passed: false, error: 'closed' };

const due = withStatus({ dueAt: at(-1) });
const atEnd = withStatus({ canaryWeight: 50 });
const waits = (what: string, more: object = {}): Modifier<Canary> =>
  withStatus({ waitingFor: { what, since: at(-20), ...more } });
const atQa = { gate: 'qa', revision: REVISION };
const idle = (...more: Modifier<Canary>[]): World =>
  worldOf(canaryIn('Succeeded', withStatus({ revision: 'old' }), ...more), {
    primary: { readiness: { ready: true }, runsTarget: false, hasCopy: false },
  });
const askedBy = (world: World, known: Answers = new Map()): unknown => {
  const outcome = decide(world, known);
  return 'ask' in outcome ? outcome.ask : undefined;
};

describe('a hook is told the phase that receivers know', () => {
  it.each<[HookType, string, World]>([
    ['confirm-rollout', 'Succeeded', idle(withHooks(hook('confirm-rollout')))],
    ['confirm-rollout', 'Waiting', worldOf(canaryIn('Waiting', withHooks(hook('confirm-rollout'))))],
    ['rollout', 'Progressing', worldOf(canaryIn('WaitingPromotion', withHooks(hook('rollout')), due))],
    ['confirm-promotion', 'Progressing', worldOf(canaryIn('Progressing', withHooks(hook('confirm-promotion')), atEnd))],
    [
      'confirm-promotion',
      'Progressing',
      worldOf(canaryIn('WaitingPromotion', withHooks(hook('confirm-promotion')), atEnd)),
    ],
    ['rollback', 'WaitingPromotion', worldOf(canaryIn('WaitingPromotion', withHooks(hook('rollback')), due))],
  ])('%s hears %s', (_type, phase, world) => {
    expect(askedBy(world)).toEqual({ ask: 'hook', index: 0, phase });
  });
});

describe('the answers of hooks', () => {
  it('of checks are told where they fail alone; one that is none of a hook is a no', () => {
    const world = worldOf(canaryIn('Progressing', withHooks(hook('rollout')), due));
    expect(linesOf(decidedBy(world, answers(YES)))).toEqual([
      'Normal Synced to Progressing: Advance podinfo.test canary weight 30',
    ]);
    const halt = 'Warning Synced to Progressing: Halt podinfo.test advancement external check ask failed ';
    expect(linesOf(decidedBy(world, answers(NO)))).toEqual([`${halt}closed`]);
    expect(linesOf(decidedBy(world, answers({ kind: 'value', value: 1, query: '' })))).toEqual([halt]);
  });

  it('to a rollback that is not asked for are told', () => {
    const world = worldOf(canaryIn('Progressing', withHooks(hook('rollback')), due));
    expect(linesOf(decidedBy(world, answers(NO)))).toEqual([
      'Normal Synced to Progressing: Rollback hook ask not signaling a rollback',
      'Normal Synced to Progressing: Advance podinfo.test canary weight 30',
    ]);
    expect(decidedBy(world, answers({ kind: 'value', value: 1, query: '' })).status?.canaryWeight).toBe(30);
  });
});

const TRAFFIC = 'Halt podinfo.test advancement waiting for traffic increase approval';
const PROMOTION = 'Halt podinfo.test advancement waiting for promotion approval';

describe('a closed gate in the analysis', () => {
  it.each<[string, Canary, string, string[]]>([
    [
      'of traffic, by a hook',
      canaryIn('Progressing', withHooks(hook('confirm-traffic-increase')), due),
      'traffic increase gate ask',
      [`Warning Synced to Progressing: ${TRAFFIC} ask`, 'alert warn: Canary traffic increase is waiting for approval.'],
    ],
    [
      'of traffic, by a hook that alerts nobody',
      canaryIn('Progressing', withHooks(hook('confirm-traffic-increase', { muteAlert: true })), due),
      'traffic increase gate ask',
      [`Warning Synced to Progressing: ${TRAFFIC} ask`],
    ],
    [
      'of promotion, by a hook',
      canaryIn('Progressing', withHooks(hook('confirm-promotion')), atEnd, due),
      'promotion approval by ask',
      [`Warning Synced to Progressing: ${PROMOTION} ask`, 'alert warn: Canary promotion is waiting for approval.'],
    ],
    [
      'of promotion, a native one',
      canaryIn('Progressing', gates(gate('confirm-promotion')), atEnd, due),
      'promotion approval of gate qa',
      [`Warning Synced to Progressing: ${PROMOTION} qa`, 'alert warn: Canary promotion is waiting for approval.'],
    ],
    [
      'of promotion, a native one after a hook that now says yes',
      canaryIn(
        'WaitingPromotion',
        withAnalysis({ gates: [gate('confirm-promotion')] }),
        atEnd,
        due,
        waits('promotion approval by ask'),
      ),
      'promotion approval of gate qa',
      [`Warning Synced to WaitingPromotion: ${PROMOTION} qa`, 'alert warn: Canary promotion is waiting for approval.'],
    ],
    [
      'of promotion, a hook after a native one that somebody opened',
      canaryIn(
        'WaitingPromotion',
        withHooks(hook('confirm-promotion')),
        atEnd,
        due,
        waits('promotion approval of gate qa', atQa),
      ),
      'promotion approval by ask',
      [`Warning Synced to WaitingPromotion: ${PROMOTION} ask`, 'alert warn: Canary promotion is waiting for approval.'],
    ],
    [
      'of traffic, a native one in the place of a hook of its name',
      canaryIn('Progressing', gates(gate('confirm-traffic-increase')), due, waits('traffic increase gate qa')),
      'traffic increase gate qa',
      [`Warning Synced to Progressing: ${TRAFFIC} qa`, 'alert warn: Canary traffic increase is waiting for approval.'],
    ],
    [
      'of promotion that was waited at for another revision',
      canaryIn(
        'WaitingPromotion',
        gates(gate('confirm-promotion')),
        atEnd,
        due,
        waits('promotion approval of gate qa', { gate: 'qa', revision: 'old' }),
      ),
      'promotion approval of gate qa',
      [`Warning Synced to WaitingPromotion: ${PROMOTION} qa`, 'alert warn: Canary promotion is waiting for approval.'],
    ],
  ])('%s is told', (_what, canary, what, lines) => {
    const decision = decidedBy(worldOf(canary), answers(NO));
    expect(linesOf(decision)).toEqual(lines);
    expect(decision.status?.waitingFor).toMatchObject({ what, since: at(0) });
    expect(decision.dueAt).toBe(NOW + 10_000);
  });

  it.each<[string, Canary]>([
    [
      'of traffic, by a hook',
      canaryIn('Progressing', withHooks(hook('confirm-traffic-increase')), due, waits('traffic increase gate ask')),
    ],
    [
      'of traffic, a native one',
      canaryIn('Progressing', gates(gate('confirm-traffic-increase')), due, waits('traffic increase gate qa', atQa)),
    ],
    [
      'of promotion, by a hook',
      canaryIn(
        'WaitingPromotion',
        withHooks(hook('confirm-promotion')),
        atEnd,
        due,
        waits('promotion approval by ask'),
      ),
    ],
    [
      'of promotion, a native one',
      canaryIn(
        'WaitingPromotion',
        gates(gate('confirm-promotion')),
        atEnd,
        due,
        waits('promotion approval of gate qa', atQa),
      ),
    ],
    [
      'of promotion, by a hook that another controller waits for',
      canaryIn('WaitingPromotion', withHooks(hook('confirm-promotion')), atEnd, due),
    ],
  ])('%s is not told twice, and keeps the checks', (_what, canary) => {
    const checks: NonNullable<CanaryStatus['checks']> = [{ name: 'ask', verdict: 'passed', time: at(-9) }];
    const known = worldOf({ ...canary, status: { ...canary.status, checks } });
    const { status, reports } = decidedBy(
      { ...known, routes: { primary: 100, canary: known.canary.status?.canaryWeight ?? 0, mirrored: false } },
      answers(NO),
    );
    expect(reports).toEqual([]);
    expect(status?.waitingFor?.since).toBe(canary.status?.waitingFor?.since);
    expect(status?.dueAt).toBe(at(10));
  });

  it('with less time than an interval is looked at when that is over', () => {
    const canary = canaryIn('Progressing', gates(gate('confirm-promotion', { timeout: '4s' })), atEnd, due);
    expect(decidedBy(worldOf(canary)).dueAt).toBe(NOW + 4000);
  });

  it('is a hook first where hook and native gate are closed', () => {
    const both = { webhooks: [hook('confirm-promotion')], gates: [gate('confirm-promotion')] };
    const { status } = decidedBy(worldOf(canaryIn('Progressing', withAnalysis(both), atEnd, due)), answers(NO));
    expect(status?.waitingFor?.what).toBe('promotion approval by ask');
  });

  const closed = gates(gate('confirm-traffic-increase'));
  const counting = withAnalysis({ stepWeight: undefined, maxWeight: undefined, iterations: 3 });
  it.each<[string, World, Partial<CanaryStatus>]>([
    [
      'iterations',
      worldOf(canaryIn('Progressing', closed, counting, withStatus({ canaryWeight: 0, iterations: 1 }), due)),
      { iterations: 2 },
    ],
    [
      'a promotion that waits for its approval',
      worldOf(canaryIn('WaitingPromotion', closed, atEnd, due)),
      { phase: 'Promoting' },
    ],
    [
      'what is mirrored',
      worldOf(canaryIn('Progressing', closed, withStatus({ canaryWeight: 0, trafficSince: at(-60) }), due), {
        routes: { primary: 100, canary: 0, mirrored: true },
      }),
      { canaryWeight: 10 },
    ],
  ])('of traffic does not hold %s', (_what, world, status) => {
    expect(decidedBy(world).status).toMatchObject(status);
  });

  it('of traffic holds the first step too, while there are no routes yet', () => {
    const canary = canaryIn('Progressing', closed, withStatus({ canaryWeight: 0 }), due);
    expect(linesOf(decidedBy(worldOf(canary, { routes: undefined })))).toEqual([
      'Normal Synced to Progressing: Starting canary analysis for podinfo.test',
      `Warning Synced to Progressing: ${TRAFFIC} qa`,
      'alert warn: Canary traffic increase is waiting for approval.',
    ]);
  });
});

describe('the gate before a rollout', () => {
  const first = withHooks(hook('confirm-rollout'));

  it('never closes without a word, unless another controller has told it', () => {
    const lines = (phase: string): string[] => [
      `Warning Synced to ${phase}: Halt podinfo.test advancement waiting for approval ask`,
      'alert warn: Canary is waiting for approval.',
    ];
    expect(linesOf(decidedBy(idle(first), answers(NO)))).toEqual(lines('Succeeded'));
    const after = worldOf(canaryIn('Waiting', first, waits('approval of gate qa', atQa)));
    expect(linesOf(decidedBy(after, answers(NO)))).toEqual(lines('Waiting'));
    expect(linesOf(decidedBy(worldOf(canaryIn('Waiting', first)), answers(NO)))).toEqual([]);
    expect(linesOf(decidedBy(idle(withHooks(hook('confirm-rollout', { muteAlert: true }))), answers(NO)))).toEqual(
      lines('Succeeded').slice(0, 1),
    );
  });

  it('without a time of its own wakes nobody', () => {
    expect(decidedBy(idle(gates(gate('confirm-rollout')))).dueAt).toBeUndefined();
  });

  it('by a hook goes on waiting for a later revision, and is asked when it was due', () => {
    const held = canaryIn(
      'Waiting',
      first,
      withStatus({ dueAt: at(4) }),
      waits('approval by ask', { revision: REVISION }),
    );
    const { status, reports } = decidedBy(worldOf(held, targetOf({ revision: 'newer' })));
    expect(reports).toEqual([]);
    expect(status).toMatchObject({
      phase: 'Waiting',
      dueAt: at(4),
      waitingFor: { what: 'approval by ask', since: at(-20), revision: 'newer' },
    });
  });

  it('opens with the approvals of this revision alone', () => {
    const approvals = [REVISION, 'old'].map((revision) => ({ gate: 'qa', revision, by: 'bo' }));
    const open = canaryIn('Waiting', gates(gate('confirm-rollout')), withStatus({ approvals }));
    expect(decidedBy(worldOf(open)).status?.approvals).toEqual(approvals.slice(0, 1));
    expect(decidedBy(worldOf(canaryIn('Waiting'))).status?.approvals).toBeUndefined();
  });
});
