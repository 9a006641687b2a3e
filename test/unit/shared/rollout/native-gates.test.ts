import { describe, expect, it } from 'vitest';
import type { AnalysisGate, AnalysisWebhook, CanaryStatus } from '../../../../shared/api/canary.ts';
import type { Command } from '../../../../shared/api/command.ts';
import { probeKey } from '../../../../shared/api/model.ts';
import { decide } from '../../../../shared/rollout/decide.ts';
import { withAnalysis, withStatus } from '../../../make/canary.ts';
import {
  answerTo,
  at,
  canaryIn,
  command,
  decidedBy,
  givenUpBy,
  REVISION,
  targetOf,
  told,
  worldOf,
} from './command-world.ts';

const START: AnalysisGate = { name: 'start', type: 'confirm-rollout', timeout: '1h' };
const MORE: AnalysisGate = { name: 'more', type: 'confirm-traffic-increase' };
const QA: AnalysisGate = { name: 'qa', type: 'confirm-promotion', timeout: '15s' };
const LOAD: AnalysisGate = { name: 'load', type: 'confirm-promotion' };
const gates = (...list: AnalysisGate[]) => withAnalysis({ gates: list });
const approved = (...names: string[]): CanaryStatus => ({
  approvals: names.map((gate) => ({ gate, revision: REVISION, by: 'bo' })),
});
const due = withStatus({ dueAt: at(-1) });
const atEnd = withStatus({ canaryWeight: 50 });

const waits = (gate: string, what: string, more: object = {}) =>
  withStatus({ waitingFor: { what, since: at(-5), gate, revision: REVISION, ...more } });
const atQa = waits('qa', 'promotion approval of gate qa', { until: at(10) });

describe('a closed gate', () => {
  it('before the rollout waits for its approval alone: nothing is polled, its time wakes it', () => {
    const idle = canaryIn('Succeeded', gates(START), withStatus({ revision: 'old' }));
    const { status, events, reports, dueAt } = decidedBy(
      worldOf(idle, { primary: { readiness: { ready: true }, runsTarget: false, hasCopy: false } }),
    );
    expect(status).toMatchObject({
      phase: 'Waiting',
      waitingFor: { what: 'approval of gate start', since: at(0), until: at(3600), gate: 'start', revision: REVISION },
    });
    expect(events).toEqual(['Synced: Halt podinfo.test advancement waiting for approval start']);
    expect(reports).toContainEqual({
      tell: 'alert',
      severity: 'warn',
      message: 'Canary is waiting for approval.',
      fields: [],
    });
    expect([dueAt, status?.dueAt]).toEqual([Date.parse(at(3600)), undefined]);
  });

  it('is told once, and looked at again without a change', () => {
    const held = canaryIn('Waiting', gates({ ...START, timeout: '2h' }), waits('start', 'approval of gate start'));
    const { status, reports, dueAt } = decidedBy(worldOf(held));
    const settled = status === undefined ? held : { ...held, status };
    expect(reports).toEqual([]);
    expect(decidedBy(worldOf(settled))).toMatchObject({ status: undefined, reports: [], dueAt });
  });

  it('before the rollout waits anew for each revision', () => {
    const held = canaryIn(
      'Waiting',
      gates(START),
      waits('start', 'approval of gate start', { until: at(60) }),
      withStatus(approved('other')),
    );
    const moved = worldOf(held, targetOf({ revision: 'newer' }));
    const { status } = decidedBy(moved);
    expect(status?.waitingFor).toBeUndefined();
    const again = decidedBy({ ...moved, canary: { ...held, status: status as CanaryStatus } });
    expect(again.status?.waitingFor).toMatchObject({ since: at(0), until: at(3600), revision: 'newer' });
  });

  it('of traffic holds the weight at each due step', () => {
    const { status, events } = decidedBy(worldOf(canaryIn('Progressing', gates(MORE), due)));
    expect(status).toMatchObject({
      phase: 'Progressing',
      canaryWeight: 20,
      waitingFor: { what: 'traffic increase gate more', gate: 'more' },
      dueAt: at(10),
    });
    expect(events).toEqual(['Synced: Halt podinfo.test advancement waiting for traffic increase approval more']);
  });

  it('of promotion holds the phase WaitingPromotion, and its time comes before the next checks', () => {
    const { status, events } = decidedBy(worldOf(canaryIn('Progressing', gates(QA), atEnd, due)));
    expect(status).toMatchObject({
      phase: 'WaitingPromotion',
      canaryWeight: 50,
      waitingFor: { gate: 'qa', until: at(15) },
      dueAt: at(10),
    });
    expect(events).toEqual(['Synced: Halt podinfo.test advancement waiting for promotion approval qa']);
    const later = canaryIn(
      'WaitingPromotion',
      gates(QA),
      atEnd,
      due,
      waits('qa', 'promotion approval of gate qa', { until: at(3) }),
    );
    expect(decidedBy(worldOf(later)).dueAt).toBe(Date.parse(at(3)));
  });

  it('is looked at after the hooks of its place, in the order of the list', () => {
    const hook: AnalysisWebhook = { name: 'ask', type: 'confirm-promotion', url: 'http://h' };
    const canary = canaryIn('WaitingPromotion', withAnalysis({ gates: [QA, LOAD], webhooks: [hook] }), atEnd, due);
    expect(decide(worldOf(canary), new Map())).toMatchObject({ ask: { ask: 'hook', index: 0 } });
    const passed = new Map([
      [probeKey({ ask: 'hook', index: 0, phase: '' }), { kind: 'hook', passed: true, error: '' } as const],
    ]);
    const gateOf = (...names: string[]) =>
      decidedBy(worldOf({ ...canary, status: { ...canary.status, ...approved(...names) } }), passed).status;
    expect(gateOf()?.waitingFor?.gate).toBe('qa');
    expect(gateOf('qa')?.waitingFor?.gate).toBe('load');
    expect(gateOf('load')?.waitingFor?.gate).toBe('qa');
    expect(gateOf('qa', 'load')?.phase).toBe('Promoting');
  });

  it('does not keep checks from failing, and their failures from rolling back', () => {
    const hook: AnalysisWebhook = { name: 'test', type: 'rollout', url: 'http://h' };
    const canary = canaryIn('WaitingPromotion', withAnalysis({ gates: [QA], webhooks: [hook] }), atEnd, due, atQa);
    const failed = new Map([
      [probeKey({ ask: 'hook', index: 0, phase: '' }), { kind: 'hook', passed: false, error: 'no' } as const],
    ]);
    expect(decidedBy(worldOf(canary), failed).status).toMatchObject({ failedChecks: 1, waitingFor: { gate: 'qa' } });
  });

  it('that somebody takes out of the spec holds nothing any longer', () => {
    const canary = canaryIn('WaitingPromotion', atEnd, withStatus({ dueAt: at(8) }), atQa);
    expect(decidedBy(worldOf(canary)).status?.phase).toBe('Promoting');
  });
});

describe('an approval', () => {
  it('is recorded with its revision and its person, and makes the step due', () => {
    const canary = canaryIn(
      'WaitingPromotion',
      gates(QA, LOAD),
      atEnd,
      withStatus({ dueAt: at(8) }),
      atQa,
      told(command('approve')),
    );
    const { status, events } = decidedBy(worldOf(canary));
    expect(status).toMatchObject({
      approvals: [{ gate: 'qa', revision: REVISION, by: 'bo', at: at(0) }],
      dueAt: at(0),
      phase: 'WaitingPromotion',
    });
    expect(events).toEqual(['GateApproved: Approved gate qa of podinfo.test (asked by bo)']);
  });

  it('lets the rollout begin', () => {
    const canary = canaryIn(
      'Waiting',
      gates(START),
      waits('start', 'approval of gate start', { until: at(60) }),
      withStatus(approved('start')),
    );
    expect(decidedBy(worldOf(canary)).status).toMatchObject({
      phase: 'Progressing',
      revision: REVISION,
      ...approved('start'),
    });
  });

  it('given ahead counts when the rollout gets there, and does not hurry it', () => {
    const canary = canaryIn(
      'Progressing',
      gates(QA),
      withStatus({ dueAt: at(8) }),
      told(command('approve', { gate: 'qa' })),
    );
    expect(decidedBy(worldOf(canary)).status).toMatchObject({ dueAt: at(8), ...approved('qa') });
  });

  it('of a traffic gate opens it for the rest of the analysis, or until it has run out', () => {
    const open = (until: string) =>
      canaryIn(
        'Progressing',
        gates(MORE),
        due,
        withStatus({ approvals: [{ gate: 'more', revision: REVISION, until }] }),
      );
    expect(decidedBy(worldOf(open(at(1)))).status?.canaryWeight).toBe(30);
    expect(decidedBy(worldOf(open(at(0)))).status?.canaryWeight).toBe(20);
    const order = command('approve', { gate: 'more', until: at(60) });
    expect(decidedBy(worldOf(canaryIn('Progressing', gates(MORE), told(order)))).status?.approvals?.[0]?.until).toBe(
      at(60),
    );
  });

  it('of another revision counts for nothing, and goes when the next one is approved', () => {
    const canary = canaryIn(
      'WaitingPromotion',
      gates(QA),
      atEnd,
      due,
      withStatus({ approvals: [{ gate: 'qa', revision: 'old' }] }),
    );
    expect(decidedBy(worldOf(canary)).status?.waitingFor?.gate).toBe('qa');
    const again = { ...told(command('approve', { gate: 'qa' }))(canary) };
    expect(decidedBy(worldOf(again)).status?.approvals).toEqual([
      { gate: 'qa', revision: REVISION, by: 'bo', at: at(0) },
    ]);
  });

  it('is spent: a revision that is tried again, or restarts, is approved again', () => {
    const failed = canaryIn('Failed', gates(QA), withStatus(approved('qa')), told(command('retry')));
    expect(decidedBy(worldOf(failed)).status).toMatchObject({ phase: 'Progressing' });
    expect(decidedBy(worldOf(failed)).status?.approvals).toBeUndefined();
    const restarted = worldOf(
      canaryIn('Progressing', gates(QA), withStatus(approved('qa'))),
      targetOf({ revision: 'newer' }),
    );
    expect(decidedBy(restarted).status?.approvals).toBeUndefined();
  });

  it('names its person in the history of what was promoted', () => {
    const canary = canaryIn(
      'Finalising',
      gates(QA),
      withStatus({ approvals: [{ gate: 'qa', revision: REVISION, by: 'anna' }] }),
    );
    expect(decidedBy(worldOf(canary)).status?.history?.at(-1)).toMatchObject({ result: 'promoted', by: 'anna' });
  });

  it.each<[what: string, order: Partial<Command>, list: AnalysisGate[], why: string]>([
    ['without a gate', {}, [], 'it has no native gates'],
    ['where none waits', {}, [QA, LOAD], 'no gate waits; its gates: qa, load'],
    ['of an unknown gate', { gate: 'x' }, [QA], 'there is no gate "x"; known: qa'],
    ['of a gate that it has passed', { gate: 'start' }, [START], 'gate start has been passed already'],
    ['until a time that is over', { gate: 'qa', until: at(-1) }, [QA], `"${at(-1)}" is not a time to come`],
    ['until no time at all', { gate: 'qa', until: 'noon' }, [QA], '"noon" is not a time to come'],
  ])('%s is refused', (_what, order, list, why) => {
    expect(answerTo(worldOf(canaryIn('Progressing', gates(...list), told(command('approve', order)))))).toBe(
      `refused: ${why}`,
    );
  });

  it('that was given already is refused', () => {
    const canary = canaryIn(
      'Progressing',
      gates(QA),
      withStatus(approved('qa')),
      told(command('approve', { gate: 'qa' })),
    );
    expect(answerTo(worldOf(canary))).toBe('refused: gate qa is approved already, by bo');
  });

  it('at the first gate is meant for what waits there, not for what was promoted', () => {
    const held = (revision: string) =>
      canaryIn(
        'Waiting',
        gates(START),
        waits('start', 'approval of gate start'),
        told(command('approve', { revision })),
      );
    expect(answerTo(worldOf(held(REVISION)))).toBe('obeyed');
    expect(answerTo(worldOf(held('old')))).toBe(
      `refused: it was meant for revision old, the present one is ${REVISION}`,
    );
    expect(answerTo(worldOf(held(REVISION), targetOf({ revision: 'newer' })))).toBe(
      `refused: it was meant for revision ${REVISION}, the present one is newer`,
    );
  });
});

describe('a rejection', () => {
  it('rolls an analysis back, by that person', () => {
    const { status, actions, events, reports } = givenUpBy(
      worldOf(canaryIn('WaitingPromotion', gates(QA), atEnd, atQa, told(command('reject', { reason: 'slow' })))),
    );
    expect(reports.filter(({ tell }) => tell === 'alert')).toEqual([
      { tell: 'alert', severity: 'warn', message: 'Canary gate qa rejected by bo: slow', fields: [] },
    ]);
    expect(status).toMatchObject({ phase: 'Failed', canaryWeight: 0 });
    expect(status?.history?.at(-1)).toMatchObject({ result: 'failed', by: 'bo' });
    expect(actions).toContainEqual({ do: 'route', routes: { primary: 100, canary: 0, mirrored: false } });
    expect(events[0]).toBe('GateRejected: Rejected podinfo.test at gate qa (asked by bo: slow)');
  });

  it('before the rollout ends it without traffic; the revision is not tried by itself again', () => {
    const held = canaryIn('Waiting', gates(START), waits('start', 'approval of gate start'), told(command('reject')));
    const { status, actions } = decidedBy(worldOf(held));
    expect(status).toMatchObject({ phase: 'Failed', revision: REVISION });
    expect(actions).not.toContainEqual({ do: 'wake-target' });
    const after = decidedBy(worldOf({ ...held, status: status as CanaryStatus }));
    expect([after.status, after.reports]).toEqual([undefined, []]);
  });
});

describe('a gate whose time is over', () => {
  const over = (gate: AnalysisGate) =>
    canaryIn('WaitingPromotion', gates(gate), atEnd, waits('qa', 'promotion approval of gate qa', { until: at(0) }));

  it('rejects, and alerts', () => {
    const { status, events, reports } = givenUpBy(worldOf(over(QA)));
    expect(status?.phase).toBe('Failed');
    expect(events[0]).toBe('GateTimedOut: Gate qa of podinfo.test was not answered within 15s: it counts as rejected');
    expect(reports).toContainEqual({
      tell: 'alert',
      severity: 'error',
      message: 'Gate qa was not approved in time',
      fields: [],
    });
  });

  it('approves where it is told to, and nobody is named as a person', () => {
    const { status, events } = decidedBy(worldOf(over({ ...QA, onTimeout: 'approve' })));
    expect(status).toMatchObject({
      phase: 'WaitingPromotion',
      approvals: [{ gate: 'qa', by: 'timeout' }],
      dueAt: at(0),
    });
    expect(events).toEqual([
      'GateTimedOut: Gate qa of podinfo.test was not answered within 15s: it counts as approved',
    ]);
  });

  it('before the rollout ends it without traffic', () => {
    const held = canaryIn('Waiting', gates(START), waits('start', 'approval of gate start', { until: at(-1) }));
    expect(decidedBy(worldOf(held)).status).toMatchObject({ phase: 'Failed', canaryWeight: 0 });
  });

  it('decides nothing while somebody holds the rollout, and gets that time back', () => {
    const paused = withStatus({ paused: { since: at(-5), by: 'bo' } });
    const held = canaryIn(
      'WaitingPromotion',
      gates(QA),
      atEnd,
      waits('qa', 'promotion approval of gate qa', { since: at(-20), until: at(-3) }),
      paused,
    );
    expect(decidedBy(worldOf(held)).status).toBeUndefined();
    const resumed = decidedBy(worldOf(told(command('resume'))(held))).status;
    expect(resumed?.waitingFor?.until).toBe(at(2));
  });
});
