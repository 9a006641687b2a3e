import { describe, expect, it } from 'vitest';
import type { Canary } from '../../../../shared/api/canary.ts';
import { FINALIZER } from '../../../../shared/api/names.ts';
import { decide } from '../../../../shared/rollout/decide.ts';
import { aCanary, withAnalysis, withStatus } from '../../../make/canary.ts';
import type { Modifier } from '../../../make/modify.ts';
import { at, canaryIn, decidedBy, targetOf, told, worldOf } from './command-world.ts';
import { primaryOf } from './phases/phase-world.ts';

const withMeta =
  (metadata: Partial<Canary['metadata']>): Modifier<Canary> =>
  (canary) => ({ ...canary, metadata: { ...canary.metadata, ...metadata } });

const atRest = (...more: Modifier<Canary>[]) =>
  worldOf(canaryIn('Succeeded', ...more), primaryOf({ runsTarget: true }));
const HOOK = withAnalysis({ webhooks: [{ name: 'load', type: 'rollout', url: 'http://load' }] });

describe('the generation of a Canary', () => {
  it('is not noted again where it is noted', () => {
    expect(
      decidedBy(atRest(withMeta({ generation: 7 }), withStatus({ observedGeneration: 7 }))).status,
    ).toBeUndefined();
  });

  it('is noted with the first status', () => {
    expect(decidedBy(worldOf(aCanary(withMeta({ generation: 1 })))).status).toMatchObject({
      phase: 'Initializing',
      observedGeneration: 1,
    });
  });

  it('is noted with what the pass changes, and takes nothing from it', () => {
    const canary = canaryIn('Progressing', withMeta({ generation: 7 }), withStatus({ observedGeneration: 6 }));
    expect(decidedBy(worldOf(canary)).status).toMatchObject({ canaryWeight: 30, observedGeneration: 7 });
  });

  it('is not noted on an object that goes', () => {
    const going = withMeta({ generation: 7, deletionTimestamp: at(-1), finalizers: ['other'] });
    expect(decidedBy(atRest(going, withStatus({ observedGeneration: 6 }))).status).toBeUndefined();
  });

  it('waits for an answer that comes first', () => {
    const canary = canaryIn('Progressing', HOOK, withMeta({ generation: 7 }), withStatus({ observedGeneration: 6 }));
    expect(decide(worldOf(canary), new Map())).toHaveProperty('ask');
  });
});

describe('a word about an unreadable command', () => {
  it('waits for an answer that comes first', () => {
    const asked = decide(worldOf(canaryIn('Progressing', HOOK, told('{'))), new Map());
    expect(asked).toMatchObject({ ask: {}, reports: [] });
  });

  it('follows what the pass has to tell', () => {
    const { events } = decidedBy(worldOf(canaryIn('Progressing', told('{'))));
    expect(events).toEqual([
      'Synced: Advance podinfo.test canary weight 30',
      'CommandUnreadable: kubectl-canary/command is not JSON',
    ]);
  });
});

describe('a Canary that goes', () => {
  it.each(['Terminating', 'Terminated', ''] as const)('is left alone in phase "%s" once it is not deleted', (phase) => {
    const canary = canaryIn('Succeeded', withStatus({ phase }), withMeta({ finalizers: [FINALIZER] }));
    const revert = { ...canary, spec: { ...canary.spec, revertOnDeletion: true } };
    const { actions } = decidedBy(worldOf(revert, { ...primaryOf(), ...targetOf({ revision: 'newer' }) }));
    expect(actions).toEqual([]);
  });
});
