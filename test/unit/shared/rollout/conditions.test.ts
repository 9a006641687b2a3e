import { describe, expect, it } from 'vitest';
import type { Phase } from '../../../../shared/api/canary.ts';
import type { Condition } from '../../../../shared/api/kube.ts';
import { conditionsAfter, type Stall, stallOf } from '../../../../shared/rollout/conditions.ts';
import type { World } from '../../../../shared/rollout/world.ts';
import { aCanary, withStatus } from '../../../make/canary.ts';
import { canaryIn, NOW, worldOf } from './command-world.ts';

const START = '2026-01-02T03:04:05Z';
const LATER = '2026-01-02T03:05:05Z';

/** `type status reason: message`, in the order of the list. */
const lines = (conditions: readonly Condition[]): string[] =>
  conditions.map(({ type, status, reason, message }) => `${type} ${status} ${reason}: ${message}`);

/** A world in which the phase of the status is `from`, with these conditions. */
const worldIn = (from: Phase, conditions: Condition[] = []): World =>
  worldOf(canaryIn(from, withStatus({ conditions })));

const stalledBy = (reason: string, message = 'why'): Condition[] => [
  { type: 'Stalled', status: 'True', reason, message },
];

describe('the conditions', () => {
  it.each<[Phase, string[]]>([
    ['', ['Ready Unknown Pending: ', 'Reconciling True Pending: ', 'Stalled False Pending: ']],
    [
      'Initializing',
      [
        'Promoted Unknown Initializing: New Deployment detected, starting initialization.',
        'Ready Unknown Initializing: New Deployment detected, starting initialization.',
        'Reconciling True Initializing: New Deployment detected, starting initialization.',
        'Stalled False Initializing: ',
      ],
    ],
    [
      'Initialized',
      [
        'Promoted True Initialized: Deployment initialization completed.',
        'Ready True Initialized: Deployment initialization completed.',
        'Reconciling False Initialized: Deployment initialization completed.',
        'Stalled False Initialized: ',
      ],
    ],
    [
      'Waiting',
      [
        'Promoted Unknown Waiting: Waiting for approval.',
        'Ready Unknown Waiting: Waiting for approval.',
        'Reconciling True Waiting: Waiting for approval.',
        'Stalled False Waiting: ',
      ],
    ],
    [
      'Progressing',
      [
        'Promoted Unknown Progressing: New revision detected, progressing canary analysis.',
        'Ready Unknown Progressing: New revision detected, progressing canary analysis.',
        'Reconciling True Progressing: New revision detected, progressing canary analysis.',
        'Stalled False Progressing: ',
      ],
    ],
    [
      'WaitingPromotion',
      [
        'Promoted Unknown WaitingPromotion: Waiting for approval.',
        'Ready Unknown WaitingPromotion: Waiting for approval.',
        'Reconciling True WaitingPromotion: Waiting for approval.',
        'Stalled False WaitingPromotion: ',
      ],
    ],
    [
      'Promoting',
      [
        'Promoted Unknown Promoting: Canary analysis completed, starting primary rolling update.',
        'Ready Unknown Promoting: Canary analysis completed, starting primary rolling update.',
        'Reconciling True Promoting: Canary analysis completed, starting primary rolling update.',
        'Stalled False Promoting: ',
      ],
    ],
    [
      'Finalising',
      [
        'Promoted Unknown Finalising: Canary analysis completed, routing all traffic to primary.',
        'Ready Unknown Finalising: Canary analysis completed, routing all traffic to primary.',
        'Reconciling True Finalising: Canary analysis completed, routing all traffic to primary.',
        'Stalled False Finalising: ',
      ],
    ],
    [
      'Succeeded',
      [
        'Promoted True Succeeded: Canary analysis completed successfully, promotion finished.',
        'Ready True Succeeded: Canary analysis completed successfully, promotion finished.',
        'Reconciling False Succeeded: Canary analysis completed successfully, promotion finished.',
        'Stalled False Succeeded: ',
      ],
    ],
    [
      'Failed',
      [
        'Promoted False Failed: Canary analysis failed, Deployment scaled to zero.',
        'Ready False Failed: Canary analysis failed, Deployment scaled to zero.',
        'Reconciling False Failed: Canary analysis failed, Deployment scaled to zero.',
        'Stalled True Failed: Canary analysis failed, Deployment scaled to zero.',
      ],
    ],
    [
      'Terminating',
      [
        'Promoted Unknown Terminating: New Deployment detected, starting initialization.',
        'Ready Unknown Terminating: New Deployment detected, starting initialization.',
        'Reconciling True Terminating: New Deployment detected, starting initialization.',
        'Stalled False Terminating: ',
      ],
    ],
  ])('in phase "%s" say word for word what receivers match', (phase, expected) => {
    expect(lines(conditionsAfter(worldIn('Progressing'), phase, undefined))).toEqual(expected);
  });

  it('of a rollout that stands still are not ready, do not move, and say why', () => {
    const stall: Stall = { reason: 'ChecksFailed', message: 'own 9 > 1' };
    expect(lines(conditionsAfter(worldIn('Progressing'), 'Failed', stall))).toEqual([
      'Promoted False Failed: Canary analysis failed, Deployment scaled to zero.',
      'Ready False Failed: own 9 > 1',
      'Reconciling False Failed: Canary analysis failed, Deployment scaled to zero.',
      'Stalled True ChecksFailed: own 9 > 1',
    ]);
  });
});

describe('a stall', () => {
  const stallAfter = (from: Phase, known: Condition[], to: Phase, found?: Stall | null): string | undefined =>
    lines(conditionsAfter(worldIn(from, known), to, found)).at(-1);

  it.each<[string, Phase, Condition[], Phase, Stall | null | undefined, string]>([
    ['stays as long as its phase', 'Progressing', stalledBy('Late'), 'Progressing', undefined, 'True Late: why'],
    ['ends with its phase', 'Failed', stalledBy('Late'), 'Progressing', undefined, 'False Progressing: '],
    [
      'of a bad spec outlasts its phase',
      'Failed',
      stalledBy('InvalidSpec'),
      'Progressing',
      undefined,
      'True InvalidSpec: why',
    ],
    ['ends when it is cleared', 'Progressing', stalledBy('InvalidSpec'), 'Progressing', null, 'False Progressing: '],
    [
      'gives way to what was found',
      'Progressing',
      stalledBy('Late'),
      'Progressing',
      { reason: 'InvalidSpec', message: 'odd' },
      'True InvalidSpec: odd',
    ],
    [
      'of a failure is never cleared, but by the next rollout',
      'Failed',
      stalledBy('Late'),
      'Failed',
      null,
      'True Failed: Canary analysis failed, Deployment scaled to zero.',
    ],
  ])('%s', (_what, from, known, to, found, expected) => {
    expect(stallAfter(from, known, to, found)).toBe(`Stalled ${expected}`);
  });

  it('of a Canary that has no phase yet stays until it has one', () => {
    const canary = { ...aCanary(), status: { conditions: stalledBy('Late') } };
    expect(lines(conditionsAfter(worldOf(canary), '', undefined)).at(-1)).toBe('Stalled True Late: why');
    expect(lines(conditionsAfter(worldOf(canary), 'Initializing', undefined)).at(-1)).toBe(
      'Stalled False Initializing: ',
    );
  });

  it('is read from its condition alone, with the message that it has', () => {
    const of = (...conditions: Condition[]) => stallOf(canaryIn('Progressing', withStatus({ conditions })));
    expect(of(...stalledBy('Late'))).toEqual({ reason: 'Late', message: 'why' });
    expect(of({ type: 'Stalled', status: 'True', reason: 'Late' })).toEqual({ reason: 'Late', message: '' });
    expect(of({ type: 'Ready', status: 'True', reason: 'Late' })).toBeUndefined();
    expect(of({ type: 'Stalled', status: 'False', reason: 'Late' })).toBeUndefined();
    expect(stallOf(aCanary())).toBeUndefined();
  });
});

describe('the times of a condition', () => {
  const first = conditionsAfter(worldIn('Progressing'), 'Progressing', undefined);
  const next = (to: Phase, generation = 2, stalled?: Stall): Condition[] => {
    const world = worldIn('Progressing', first);
    const canary = { ...world.canary, metadata: { ...world.canary.metadata, generation } };
    return conditionsAfter({ ...world, now: NOW + 60_000, canary }, to, stalled);
  };
  const times = (conditions: readonly Condition[]): string[] =>
    conditions.map(({ type, lastUpdateTime, lastTransitionTime }) => `${type} ${lastUpdateTime} ${lastTransitionTime}`);

  it('begin with it', () => {
    expect(times(first)).toEqual(
      ['Promoted', 'Ready', 'Reconciling', 'Stalled'].map((type) => `${type} ${START} ${START}`),
    );
  });

  it('stay while it says the same; only the generation is noted', () => {
    expect(times(next('Progressing'))).toEqual(times(first));
    expect(next('Progressing').map(({ observedGeneration }) => observedGeneration)).toEqual([undefined, 2, 2, 2]);
    expect(first.map(({ observedGeneration }) => observedGeneration)).toEqual([undefined, 0, 0, 0]);
  });

  it('tell when it changed, and since when its status is the same', () => {
    expect(times(next('Promoting'))).toEqual(
      ['Promoted', 'Ready', 'Reconciling', 'Stalled'].map((type) => `${type} ${LATER} ${START}`),
    );
    expect(times(next('Succeeded'))).toEqual([
      `Promoted ${LATER} ${LATER}`,
      `Ready ${LATER} ${LATER}`,
      `Reconciling ${LATER} ${LATER}`,
      `Stalled ${LATER} ${START}`,
    ]);
  });

  it('follow its reason and its message, each alone', () => {
    const known = first.map((one) =>
      one.type === 'Ready'
        ? { ...one, reason: 'Other' }
        : one.type === 'Reconciling'
          ? { ...one, message: 'other' }
          : one,
    );
    const world = worldIn('Progressing', known);
    expect(times(conditionsAfter({ ...world, now: NOW + 60_000 }, 'Progressing', undefined))).toEqual([
      `Promoted ${START} ${START}`,
      `Ready ${LATER} ${START}`,
      `Reconciling ${LATER} ${START}`,
      `Stalled ${START} ${START}`,
    ]);
  });

  it('begin now where another tool wrote none', () => {
    const world = worldIn('Progressing', [{ type: 'Promoted', status: 'Unknown', reason: 'Waiting', message: 'a' }]);
    expect(times(conditionsAfter(world, 'Progressing', undefined))[0]).toBe(`Promoted ${START} ${START}`);
  });
});
