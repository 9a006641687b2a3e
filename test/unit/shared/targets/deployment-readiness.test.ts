import { describe, expect, it } from 'vitest';
import { deploymentReadiness } from '../../../../shared/targets/deployment-readiness.ts';
import { aDeployment, withReplicas } from '../../../make/deployment.ts';
import { stored } from '../../../make/modify.ts';
import { question } from './contexts.ts';

interface Status {
  observedGeneration?: number;
  replicas?: number;
  updatedReplicas?: number;
  availableReplicas?: number;
  conditions?: { type: string; status: string; reason: string; lastUpdateTime?: string }[];
}

const whole: Status = { observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
const lacking = (since: number): Status['conditions'] => [
  {
    type: 'Available',
    status: 'False',
    reason: 'MinimumReplicasUnavailable',
    lastUpdateTime: new Date(since).toISOString(),
  },
];

const of = (status: Status, more: Parameters<typeof question>[0] = {}, replicas = 2) =>
  deploymentReadiness({ ...stored('1', 1)(aDeployment(withReplicas(replicas))), status }, question(more));

const waiting = (what: string) => `waiting for rollout to finish: ${what}`;

describe('a Deployment is ready', () => {
  it.each<[string, ReturnType<typeof of>]>([
    ['with the newest template in all replicas', of(whole)],
    ['with no replicas at all', of({ observedGeneration: 1 }, {}, 0)],
    ['with as many as the threshold asks for', of({ ...whole, availableReplicas: 1 }, { thresholdPercent: 50 })],
    ['with none where the threshold asks for none', of({ ...whole, availableReplicas: 0 }, { thresholdPercent: 0 })],
  ])('%s', (_what, readiness) => {
    expect(readiness).toEqual({ ready: true });
  });
});

describe('a Deployment is waited for', () => {
  it.each<[string, ReturnType<typeof of>, string]>([
    [
      'until its controller has seen the spec',
      of({ ...whole, observedGeneration: 0 }),
      waiting('observed deployment generation less than desired generation'),
    ],
    ['without a status', of({}), waiting('observed deployment generation less than desired generation')],
    [
      'while pods are updated',
      of({ ...whole, updatedReplicas: 1 }),
      waiting('1 out of 2 new replicas have been updated'),
    ],
    ['while old pods end', of({ ...whole, replicas: 3 }), waiting('1 old replicas are pending termination')],
    [
      'while pods become available',
      of({ ...whole, availableReplicas: 1 }),
      waiting('1 of 2 (readyThreshold 100%) updated replicas are available'),
    ],
    [
      'with a share rounded up',
      of({ ...whole, replicas: 3, updatedReplicas: 3, availableReplicas: 1 }, { thresholdPercent: 50 }, 3),
      waiting('1 of 2 (readyThreshold 50%) updated replicas are available'),
    ],
    [
      'with at least one pod',
      of({ ...whole, replicas: 1, updatedReplicas: 1, availableReplicas: 0 }, { thresholdPercent: 1 }, 1),
      waiting('0 of 1 (readyThreshold 1%) updated replicas are available'),
    ],
  ])('%s', (_what, readiness, message) => {
    expect(readiness).toMatchObject({ ready: false, message, deadlineExceeded: false });
  });

  it('and may serve meanwhile', () => {
    expect(of({ ...whole, availableReplicas: 1 })).toMatchObject({ isServing: true });
    expect(of({ ...whole, availableReplicas: 0 })).toMatchObject({ isServing: false });
    expect(of({ observedGeneration: 0, availableReplicas: 1 })).toMatchObject({ isServing: true });
    expect(of({ observedGeneration: 0 }, {}, 0)).toMatchObject({ isServing: true });
  });
});

describe('waiting is over', () => {
  it('when Kubernetes says so', () => {
    const conditions = [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }];
    expect(of({ ...whole, updatedReplicas: 1, conditions })).toMatchObject({
      ready: false,
      deadlineExceeded: true,
      message: 'deployment "podinfo" exceeded its progress deadline',
    });
  });

  it.each<[string, number, boolean]>([
    ['not before the deadline', 59_999, false],
    ['at the very deadline', 60_000, true],
    ['after it', 60_001, true],
  ])('of too few pods, %s', (_what, passed, deadlineExceeded) => {
    const since = 1_000_000;
    const readiness = of(
      { ...whole, availableReplicas: 0, conditions: lacking(since) as never },
      { now: since + passed },
    );
    expect(readiness).toMatchObject({ ready: false, deadlineExceeded, deadlineAt: since + 60_000 });
  });

  it('not by what was lacking before the wait for these pods began', () => {
    const conditions = lacking(1_000_000) as never;
    const began = { since: 5_000_000, now: 5_030_000 };
    const lackingStill = { ...whole, availableReplicas: 0, conditions };
    expect(of(lackingStill, began)).toMatchObject({ deadlineExceeded: false, deadlineAt: 5_060_000 });
    expect(of(lackingStill, { ...began, now: 5_060_000 })).toMatchObject({ deadlineExceeded: true });
  });

  it.each<[string, Status['conditions']]>([
    [
      'they are only late for another reason',
      [
        {
          type: 'Available',
          status: 'True',
          reason: 'MinimumReplicasAvailable',
          lastUpdateTime: '2020-01-01T00:00:00Z',
        },
      ],
    ],
    ['nobody says since when', [{ type: 'Available', status: 'False', reason: 'MinimumReplicasUnavailable' }]],
    ['nobody says anything', []],
  ])('never where %s', (_what, conditions) => {
    const readiness = of({ ...whole, availableReplicas: 1, conditions: conditions as never }, { now: 4e12 });
    expect(readiness).toMatchObject({ ready: false, deadlineExceeded: false });
    expect(readiness).not.toHaveProperty('deadlineAt');
  });
});
