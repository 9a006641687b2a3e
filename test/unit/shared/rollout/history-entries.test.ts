import { describe, expect, it } from 'vitest';
import type { CanaryStatus, HistoryEntry } from '../../../../shared/api/canary.ts';
import { digestOf } from '../../../../shared/api/digest.ts';
import { endEntry, startEntry, turnedAway, worstCheckOf } from '../../../../shared/rollout/history.ts';
import type { World } from '../../../../shared/rollout/world.ts';
import { aCanary, withAnalysis, withStatus } from '../../../make/canary.ts';
import { at, canaryIn, REVISION, worldOf } from './command-world.ts';

type Checks = NonNullable<CanaryStatus['checks']>;

const UNREAD = { problem: 'forbidden' };
const OLD: HistoryEntry = { number: 1, revision: 'old', result: 'promoted', ended: at(-60) };
const RUNNING: HistoryEntry = { number: 2, revision: REVISION, result: 'running', started: at(-30) };

const worldWith = (status: Partial<CanaryStatus>, more: Partial<World> = {}): World =>
  worldOf(
    canaryIn(
      'Progressing',
      withAnalysis({
        gates: [
          { name: 'go', type: 'confirm-promotion' },
          { name: 'more', type: 'confirm-traffic-increase' },
        ],
      }),
      withStatus({ history: [OLD, RUNNING], ...status }),
    ),
    more,
  );

describe('an entry that begins', () => {
  it('is number one where there was none, and has ended where nothing is judged', () => {
    expect(startEntry(worldOf(aCanary()), 'initialized')).toStrictEqual([
      { number: 1, revision: REVISION, image: 'podinfo:2', started: at(0), ended: at(0), result: 'initialized' },
    ]);
  });

  it('ends the one that still ran as failed, and leaves those before as they are', () => {
    expect(startEntry(worldWith({}), 'running')).toStrictEqual([
      OLD,
      { ...RUNNING, result: 'failed', ended: at(0) },
      { number: 3, revision: REVISION, image: 'podinfo:2', started: at(0), result: 'running' },
    ]);
  });

  it.each<[string, World['configs'], HistoryEntry['configs']]>([
    ['as they are', { 'configmap/a': '1' }, digestOf({ 'configmap/a': '1' })],
    ['not at all where tracking is off', undefined, undefined],
    ['not at all where they cannot be read', UNREAD, undefined],
  ])('tells its ConfigMaps and Secrets apart: %s', (_what, configs, expected) => {
    expect(startEntry(worldWith({}, { configs }), 'running').at(-1)?.configs).toBe(expected);
  });

  it('is none where nobody knows what the target runs', () => {
    const world = worldWith({}, { target: UNREAD });
    expect(startEntry(world, 'running')).toEqual([OLD, RUNNING]);
  });
});

describe('an entry that ends', () => {
  it('says how, when, why and by whom, as far as it is known', () => {
    expect(endEntry(worldWith({}), 'failed')).toStrictEqual([OLD, { ...RUNNING, result: 'failed', ended: at(0) }]);
    expect(endEntry(worldWith({}), 'failed', { reason: 'ChecksFailed', by: 'bo' })).toStrictEqual([
      OLD,
      { ...RUNNING, result: 'failed', ended: at(0), reason: 'ChecksFailed', by: 'bo' },
    ]);
  });

  it('is none where none runs', () => {
    expect(endEntry(worldWith({ history: [OLD] }), 'promoted')).toEqual([OLD]);
    expect(endEntry(worldOf(aCanary()), 'promoted')).toEqual([]);
  });

  it('of what was turned away at its first gate names no check: those were about another revision', () => {
    const checks: Checks = [{ name: 'own', verdict: 'failed', message: 'own 9 > 1', time: at(-60) }];
    const world = worldWith({ phase: 'Waiting', history: [OLD], checks });
    expect(turnedAway(world, { reason: 'RolledBackByHand', by: 'bo' })).toStrictEqual([
      OLD,
      {
        number: 2,
        revision: REVISION,
        image: 'podinfo:2',
        started: at(0),
        result: 'failed',
        ended: at(0),
        reason: 'RolledBackByHand',
        by: 'bo',
      },
    ]);
    expect(endEntry(worldWith({ checks }), 'failed').at(-1)?.worstCheck).toBe('own 9 > 1');
  });
});

describe('whose a promotion is', () => {
  const approved = (gate: string, by: string, revision = REVISION) => ({ gate, by, revision, at: at(-5) });
  const promotedBy = (
    approvals: NonNullable<CanaryStatus['approvals']>,
    result: 'promoted' | 'failed' | 'skipped' = 'promoted',
    by?: string,
  ) => endEntry(worldWith({ approvals }), result, { by }).at(-1)?.by;

  it.each<[string, Parameters<typeof promotedBy>, string | undefined]>([
    ['its approver', [[approved('go', 'ann')]], 'ann'],
    ['the last approver', [[approved('go', 'ann'), approved('go', 'cy')]], 'cy'],
    ['theirs who asked for it, whoever approved', [[approved('go', 'ann')], 'promoted', 'bo'], 'bo'],
    ['not theirs who opened another gate', [[approved('go', 'ann'), approved('more', 'cy')]], 'ann'],
    ['not theirs who opened another gate alone', [[approved('more', 'cy')]], undefined],
    ['not theirs whose gate is gone', [[approved('gone', 'cy')]], undefined],
    ['not theirs who approved another revision', [[approved('go', 'ann', 'old')]], undefined],
    ["nobody's where nobody approved", [[]], undefined],
    ["nobody's where it failed", [[approved('go', 'ann')], 'failed'], undefined],
    ["nobody's where it was skipped", [[approved('go', 'ann')], 'skipped'], undefined],
  ])('%s', (_what, promotion, expected) => {
    expect(promotedBy(...promotion)).toBe(expected);
  });
});

describe('the worst check', () => {
  const check = (name: string, more: Partial<Checks[number]> = {}): Checks[number] => ({
    name,
    verdict: 'passed',
    time: at(-1),
    ...more,
  });

  it.each<[string, Checks, string | undefined]>([
    [
      'is near its bound by the share of it, not by the number',
      [check('half', { value: 1, min: 0.5 }), check('tenth', { value: 110, min: 100 })],
      'tenth 110 >= 100',
    ],
    [
      'is near a bound of 0 by the number',
      [check('half', { value: 1.5, min: 1 }), check('zero', { value: 0.2, min: 0 })],
      'zero 0.2 >= 0',
    ],
    [
      'is near a bound below 0 as above it',
      [check('far', { value: 9, max: 10 }), check('below', { value: -101, max: -100 })],
      'below -101 <= -100',
    ],
    ['is not one that has no bound', [check('hook'), check('own', { value: 5, min: 1 })], 'own 5 >= 1'],
    [
      'is not one that has no value',
      [check('empty', { min: 1, max: 2 }), check('own', { value: 5, min: 1 })],
      'own 5 >= 1',
    ],
    ['is the first of those as near', [check('a', { value: 2, min: 1 }), check('b', { value: 2, min: 1 })], 'a 2 >= 1'],
    [
      'is found behind farther ones',
      [check('far', { value: 9, min: 1 }), check('near', { value: 1, min: 1 })],
      'near 1 >= 1',
    ],
    ['is none where there was none', [], undefined],
  ])('%s', (_what, checks, expected) => {
    expect(endEntry(worldWith({ checks }), 'promoted').at(-1)?.worstCheck).toBe(expected);
  });

  it('stood in the way by its message, else by its name', () => {
    const inTheWay = (...checks: Checks) => worstCheckOf(worldWith({ checks }));
    const failed = check('own', { verdict: 'failed' });
    expect(inTheWay(check('other'), { ...failed, message: 'own 9 > 1' })).toBe('own 9 > 1');
    expect(inTheWay(failed)).toBe('own');
    expect(inTheWay(check('other', { message: 'fine' }))).toBeUndefined();
    expect(worstCheckOf(worldOf(aCanary()))).toBeUndefined();
  });
});
