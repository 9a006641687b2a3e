import { describe, expect, it } from 'vitest';
import type { AnalysisGate, Canary, CanaryStatus } from '../../../../shared/api/canary.ts';
import type { Command, Verb } from '../../../../shared/api/command.ts';
import type { World } from '../../../../shared/rollout/world.ts';
import { withAnalysis, withStatus } from '../../../make/canary.ts';
import type { Modifier } from '../../../make/modify.ts';
import { answerTo, at, canaryIn, command, decidedBy, givenUpBy, REVISION, told, worldOf } from './command-world.ts';
import { linesOf } from './report-lines.ts';

const gate = (type: AnalysisGate['type'], more: Partial<AnalysisGate> = {}): AnalysisGate => ({
  name: 'qa',
  type,
  ...more,
});
const gates = (...list: AnalysisGate[]): Modifier<Canary> => withAnalysis({ gates: list });
const atEnd = withStatus({ canaryWeight: 50 });
const waits = (what: string, more: object = {}): Modifier<Canary> =>
  withStatus({ waitingFor: { what, since: at(-20), ...more } });
const atQa = { gate: 'qa', revision: REVISION };

describe('an answer to a native gate', () => {
  const two = gates(gate('confirm-promotion'), gate('confirm-promotion', { name: 'load' }));
  const ordered = (verb: Verb, order: Partial<Command>, ...more: Modifier<Canary>[]): World =>
    worldOf(canaryIn('WaitingPromotion', two, atEnd, ...more, told(command(verb, order))));

  it('without a name is meant for the gate that the rollout waits at', () => {
    const world = ordered('approve', {}, waits('promotion approval of gate load', { ...atQa, gate: 'load' }));
    expect(decidedBy(world).status?.approvals?.map((one) => one.gate)).toEqual(['load']);
  });

  it('is kept with the others of this revision; one of the same gate that ran out is replaced', () => {
    const known = withStatus({
      approvals: [
        { gate: 'load', revision: REVISION, by: 'anna' },
        { gate: 'qa', revision: REVISION, by: 'anna', until: at(-1) },
        { gate: 'load', revision: 'old', by: 'anna' },
      ],
    });
    expect(decidedBy(ordered('approve', { gate: 'qa' }, known)).status?.approvals).toEqual([
      { gate: 'load', revision: REVISION, by: 'anna' },
      { gate: 'qa', revision: REVISION, by: 'bo', at: at(0) },
    ]);
  });

  it('by nobody known is an answer all the same, and not given twice', () => {
    const { by: _, ...order } = command('approve', { gate: 'qa' });
    const canary = canaryIn('WaitingPromotion', two, atEnd, told(order));
    const { status } = decidedBy(worldOf(canary));
    expect(status?.approvals).toStrictEqual([{ gate: 'qa', revision: REVISION, at: at(0) }]);
    const again = ordered('approve', { gate: 'qa' }, withStatus({ approvals: status?.approvals ?? [] }));
    expect(answerTo(again)).toBe('refused: gate qa is approved already, by somebody');
  });

  it.each([at(0), '+010000-01-01T00:00:00.000Z'])('until %s is refused', (until) => {
    expect(answerTo(ordered('approve', { gate: 'qa', until }))).toBe(`refused: "${until}" is not a time to come`);
  });

  it('is refused once the copy is made', () => {
    expect(answerTo(worldOf(canaryIn('Promoting', two, told(command('approve', { gate: 'qa' })))))).toBe(
      'refused: the primary already takes over the new revision (phase Promoting)',
    );
  });
});

describe('the time of a native gate', () => {
  const QA = gate('confirm-promotion', { timeout: '15s' });
  const over = (list: AnalysisGate[], ...more: Modifier<Canary>[]): World =>
    worldOf(
      canaryIn(
        'WaitingPromotion',
        gates(...list),
        atEnd,
        waits('promotion approval of gate qa', { ...atQa, until: at(-1) }),
        ...more,
      ),
    );
  const text = 'GateTimedOut: Gate qa of podinfo.test was not answered within';

  it('that is over is told with what it counts as', () => {
    expect(linesOf(givenUpBy(over([QA]))).slice(0, 2)).toEqual([
      `Warning ${text} 15s: it counts as rejected`,
      'alert error: Gate qa was not approved in time',
    ]);
    expect(givenUpBy(over([QA])).status?.history?.at(-1)).toMatchObject({ reason: 'GateTimedOut' });
    expect(linesOf(decidedBy(over([{ ...QA, onTimeout: 'approve' }])))).toEqual([
      `Normal ${text} 15s: it counts as approved`,
    ]);
    expect(linesOf(decidedBy(over([{ ...gate('confirm-promotion'), onTimeout: 'approve' }])))).toEqual([
      `Normal ${text} its time: it counts as approved`,
    ]);
  });

  it('decides nothing where the gate was approved, or somebody took it out of the spec', () => {
    const approvals = [{ gate: 'qa', revision: REVISION }];
    expect(decidedBy(over([QA], withStatus({ approvals, dueAt: at(8) }))).status?.phase).toBe('Promoting');
    expect(decidedBy(over([], withStatus({ dueAt: at(8) }))).status?.phase).toBe('Promoting');
  });

  const resumed = (status: Partial<CanaryStatus>): CanaryStatus['waitingFor'] =>
    decidedBy(worldOf(canaryIn('WaitingPromotion', gates(QA), atEnd, withStatus(status), told(command('resume')))))
      .status?.waitingFor;
  const wait = { what: 'promotion approval of gate qa', since: at(-20), ...atQa };
  const paused = { since: at(-5) };

  it.each<[string, Partial<CanaryStatus>, CanaryStatus['waitingFor']]>([
    [
      'a pause that began before the gate closed',
      { paused: { since: at(-50) }, waitingFor: { ...wait, until: at(3) } },
      { ...wait, until: at(23) },
    ],
    ['a pause that began after it', { paused, waitingFor: { ...wait, until: at(3) } }, { ...wait, until: at(8) }],
    [
      'a pause that began just now',
      { paused: { since: at(0) }, waitingFor: { ...wait, until: at(3) } },
      { ...wait, until: at(3) },
    ],
    [
      'a pause in the future, since a clock was set back',
      { paused: { since: at(9) }, waitingFor: { ...wait, until: at(3) } },
      { ...wait, until: at(3) },
    ],
    ['no pause', { waitingFor: { ...wait, until: at(3) } }, { ...wait, until: at(3) }],
    ['a pause at a gate without a time', { paused, waitingFor: wait }, wait],
    [
      'a pause at a wait that is no gate',
      { paused, waitingFor: { what: 'metrics with data', since: at(-20) } },
      { what: 'metrics with data', since: at(-20) },
    ],
    ['a pause that nothing waits in', { paused }, undefined],
  ])('after %s', (_what, status, waitingFor) => {
    expect(resumed(status)).toStrictEqual(waitingFor);
  });
});
