import { describe, expect, it } from 'vitest';
import type { CanaryStatus } from '../../../../shared/api/canary.ts';
import type { Command } from '../../../../shared/api/command.ts';
import { withAnalysis, withStatus } from '../../../make/canary.ts';
import { answerTo, at, canaryIn, command, decidedBy, told, worldOf } from './command-world.ts';

/** By weights 10 to 50 it stands at 20, its second of five steps. */
const byWeights = (order: Partial<Command>, status: Partial<CanaryStatus> = {}) =>
  worldOf(canaryIn('Progressing', withStatus(status), told(command('pause', order))));

/** Of three iterations it has had one. */
const byIterations = (order: Partial<Command>) =>
  worldOf(
    canaryIn(
      'Progressing',
      withAnalysis({ stepWeight: undefined, maxWeight: undefined, iterations: 3 }),
      withStatus({ canaryWeight: 0, iterations: 1 }),
      told(command('pause', order)),
    ),
  );

describe('a pause', () => {
  it('begins at once, is told, and lasts until somebody resumes', () => {
    const { status, events } = decidedBy(byWeights({ reason: 'lunch' }));
    expect(status?.paused).toStrictEqual({ since: at(0), by: 'bo', reason: 'lunch' });
    expect(events[0]).toBe('Paused: Paused podinfo.test (asked by bo: lunch)');
  });

  it('of a time ends by itself', () => {
    expect(decidedBy(byWeights({ for: '30m' })).status?.paused).toStrictEqual({
      since: at(0),
      by: 'bo',
      until: at(1800),
    });
  });

  it.each(['0s', '-5m', 'lunch', ''])('of the time "%s" is refused', (time) => {
    expect(answerTo(byWeights({ for: time }))).toBe(`refused: "${time}" is not a duration such as 30m`);
  });

  it('takes the place of one that was planned', () => {
    const { status } = decidedBy(byWeights({}, { pauseAt: { at: 'step=4', since: at(-60) } }));
    expect([status?.paused, status?.pauseAt]).toEqual([{ since: at(0), by: 'bo' }, undefined]);
  });

  it.each<[string, Partial<Command>]>([
    ['weight', { weight: 20 }],
    ['step', { step: 2 }],
  ])('at the %s that it stands at begins at once', (_what, order) => {
    const { status } = decidedBy(byWeights(order));
    expect([status?.paused, status?.pauseAt]).toEqual([{ since: at(0), by: 'bo' }, undefined]);
  });

  it.each<[string, Partial<Command>, string]>([
    ['step', { step: 5 }, 'step=5'],
    ['weight', { weight: 50 }, 'weight=50'],
  ])('can be planned up to the last %s, for as long as nobody resumes', (_what, order, where) => {
    expect(decidedBy(byWeights(order)).status?.pauseAt).toStrictEqual({ at: where, since: at(0), by: 'bo' });
  });

  it('between iterations begins at once or at a step; there is no weight to wait for', () => {
    expect(decidedBy(byIterations({})).status?.paused).toEqual({ since: at(0), by: 'bo' });
    expect(decidedBy(byIterations({ step: 3 })).status?.pauseAt).toMatchObject({ at: 'step=3' });
    expect(answerTo(byIterations({ step: 4 }))).toBe('refused: its analysis has only 3 steps');
    expect(answerTo(byIterations({ weight: 40 }))).toBe('refused: its analysis counts iterations, it has no weights');
  });

  it('before the first weight can be planned, too', () => {
    const { status } = decidedBy(byWeights({ weight: 10 }, { canaryWeight: 0 }));
    expect(status?.pauseAt).toMatchObject({ at: 'weight=10' });
  });
});

describe('resume', () => {
  const paused = { since: at(-60), by: 'bo' };
  const pauseAt = { at: 'step=4', since: at(-60) };

  it.each<[string, Partial<CanaryStatus>, string]>([
    ['what is paused', { paused }, 'Resumed podinfo.test'],
    ['what would be', { pauseAt }, 'Resumed podinfo.test'],
    ['what is and would be again', { paused, pauseAt }, 'Resumed podinfo.test'],
    ['what was not', {}, 'It was not paused'],
  ])('lets go %s, and says which', (_what, status, said) => {
    const world = worldOf(canaryIn('Progressing', withStatus(status), told(command('resume'))));
    const { status: after, events } = decidedBy(world);
    expect(events[0]).toBe(`Resumed: ${said} (asked by bo)`);
    expect(after).not.toHaveProperty('paused');
    expect(after).not.toHaveProperty('pauseAt');
    expect(after?.commands?.at(-1)).toMatchObject({ result: 'obeyed', message: said });
  });
});
