import { describe, expect, it } from 'vitest';
import { type Canary, PHASES, type Phase } from '../../../../shared/api/canary.ts';
import { adoption, isNewRevision } from '../../../../shared/rollout/revision.ts';
import type { World } from '../../../../shared/rollout/world.ts';
import { withStatus } from '../../../make/canary.ts';
import type { Modifier } from '../../../make/modify.ts';
import { canaryIn, REVISION, targetOf, worldOf } from './command-world.ts';
import { primaryOf } from './phases/phase-world.ts';

const foreign: Modifier<Canary> = (canary) => {
  const { revision: _, ...status } = canary.status ?? {};
  return { ...canary, status };
};

const AFTER_START = PHASES.filter((phase) => !['', 'Initializing', 'Terminating', 'Terminated'].includes(phase));

describe('where our own digest is known', () => {
  it.each(AFTER_START)('a target that differs from it is new in %s, whoever saw it come', (phase) => {
    const canary = canaryIn(phase, withStatus({ revision: 'known' }));
    expect(isNewRevision(worldOf(canary))).toBe(true);
    expect(isNewRevision(worldOf(canary, targetOf({ revision: 'known' })))).toBe(false);
  });
});

describe("in another controller's status", () => {
  const world = (phase: Phase, runsTarget: boolean, more: Partial<World> = {}): World =>
    worldOf(canaryIn(phase, foreign), { ...primaryOf({ runsTarget }), ...more });

  it.each(AFTER_START)('a target that the primary runs is known in %s', (phase) => {
    expect(isNewRevision(world(phase, true))).toBe(false);
  });

  it.each(['Initialized', 'Succeeded'] as const)('a target that the primary does not run is new in %s', (phase) => {
    expect(isNewRevision(world(phase, false))).toBe(true);
  });

  it.each(['Failed', 'Progressing', 'WaitingPromotion', 'Promoting', 'Finalising'] as const)(
    'a target that the primary does not run is the one that %s speaks of',
    (phase) => {
      expect(isNewRevision(world(phase, false))).toBe(false);
    },
  );

  it('binary data that it never counted is no change; from then on it counts', () => {
    const canary = canaryIn('Succeeded', foreign, withStatus({ trackedConfigs: { 'configmap/a': 'text' } }));
    const facts = { ...primaryOf({ runsTarget: true }), configs: { 'configmap/a': 'whole' } };
    const counted = worldOf(foreign(canary), { ...facts, textConfigs: { 'configmap/a': 'text' } });
    expect(isNewRevision(counted)).toBe(false);
    expect(adoption(counted)).toEqual({ revision: REVISION, trackedConfigs: { 'configmap/a': 'whole' } });
    expect(isNewRevision({ ...counted, textConfigs: { 'configmap/a': 'other' } })).toBe(true);
    const ours = canaryIn('Succeeded', withStatus({ trackedConfigs: { 'configmap/a': 'text' } }));
    expect(isNewRevision({ ...counted, canary: ours })).toBe(true);
  });

  it('what is lacking is written down, and its own hashes stay', () => {
    const change = adoption(world('Progressing', false, { configs: { 'configmap/a': '1' } }));
    expect(change).toEqual({ revision: REVISION, trackedConfigs: { 'configmap/a': '1' } });
    expect(adoption(worldOf(canaryIn('Progressing', withStatus({ trackedConfigs: {} }))))).toBeUndefined();
  });
});
