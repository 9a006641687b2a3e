import { describe, expect, it } from 'vitest';
import type { Canary, CanaryStatus } from '../../../../shared/api/canary.ts';
import { stallOf } from '../../../../shared/rollout/conditions.ts';
import { refusedStatus, unrefused } from '../../../../shared/rollout/refused.ts';
import { statusAfter } from '../../../../shared/rollout/status.ts';
import type { World } from '../../../../shared/rollout/world.ts';
import { withSpec, withStatus } from '../../../make/canary.ts';
import { canaryIn, NOW, worldOf } from './command-world.ts';

const late = { since: NOW - 60_000, message: 'not for you' };
const stallIn = (canary: Canary, status: CanaryStatus | undefined) => stallOf({ ...canary, ...(status && { status }) });

/** A Canary whose status says that it is held. */
const held = (): World => {
  const canary = canaryIn('Progressing');
  return worldOf(canaryIn('Progressing', withStatus(refusedStatus(worldOf(canary), late) ?? {})));
};

describe('what is refused', () => {
  it('stalls its phase at the deadline, once', () => {
    const world = worldOf(canaryIn('Progressing'));
    expect(refusedStatus(world, { ...late, since: late.since + 1 })).toBeUndefined();
    expect(stallIn(world.canary, refusedStatus(world, late))).toEqual({
      reason: 'ProgressDeadlineExceeded',
      message: 'what has to be done is refused: not for you',
    });
    expect(refusedStatus(held(), late)).toBeUndefined();
  });

  it.each<[string, Canary]>([
    ['at rest', canaryIn('Succeeded')],
    ['while the Canary is suspended', canaryIn('Progressing', withSpec({ suspend: true }))],
  ])('stalls nothing %s', (_what, canary) => {
    expect(refusedStatus(worldOf(canary), late)).toBeUndefined();
  });
});

describe('a pass that is refused nothing any more', () => {
  it('ends the stall, in the status that it writes or in one of its own', () => {
    const world = held();
    const own = unrefused(world, undefined);
    expect([own?.phase, stallIn(world.canary, own)]).toEqual(['Progressing', undefined]);
    const moved = unrefused(world, statusAfter(world, { canaryWeight: 30 }));
    expect([moved?.canaryWeight, stallIn(world.canary, moved)]).toEqual([30, undefined]);
  });

  it('leaves every other stall, and what nobody stalled', () => {
    const stalled = { reason: 'InvalidSpec', message: 'odd' } as const;
    const other = unrefused(held(), statusAfter(held(), { stalled }));
    expect(stallIn(held().canary, other)).toEqual(stalled);
    expect(unrefused(worldOf(canaryIn('Progressing')), undefined)).toBeUndefined();
  });
});
