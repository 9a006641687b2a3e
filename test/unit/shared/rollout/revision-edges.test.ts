import { describe, expect, it } from 'vitest';
import type { Canary, CanaryStatus } from '../../../../shared/api/canary.ts';
import { type Answer, probeKey } from '../../../../shared/api/model.ts';
import { remakePrimary } from '../../../../shared/rollout/remake-primary.ts';
import { adoption, isNewRevision } from '../../../../shared/rollout/revision.ts';
import type { World } from '../../../../shared/rollout/world.ts';
import { aCanary, withStatus } from '../../../make/canary.ts';
import { canaryIn, decidedBy, REVISION, targetOf, worldOf } from './command-world.ts';
import { primaryOf } from './phases/phase-world.ts';
import { linesOf } from './report-lines.ts';

const unread = { target: { problem: 'gone' } };
/** The status as another controller leaves it. */
const foreign = (world: World): World => {
  const { revision: _, ...status } = world.canary.status ?? {};
  return { ...world, canary: { ...world.canary, status } };
};

describe('what is new', () => {
  it.each<[string, World, boolean]>([
    ['nothing, where the target can not be read', worldOf(canaryIn('Succeeded'), unread), false],
    [
      'nothing, where another controller promoted and there is no primary',
      foreign(worldOf(canaryIn('Succeeded'), { primary: undefined })),
      false,
    ],
    [
      'nothing, in the middle of what another controller began',
      foreign(worldOf(canaryIn('Waiting'), primaryOf({ runsTarget: false }))),
      false,
    ],
    ['nothing, in a Canary without a status', worldOf(aCanary()), false],
  ])('is %s', (_what, world, isNew) => {
    expect(isNewRevision(world)).toBe(isNew);
  });
});

describe('what a status lacks', () => {
  const CONFIGS = { 'configmap/a': '1' };
  const tracked = (configs: World['configs'], known: Partial<CanaryStatus> = {}): World =>
    worldOf(canaryIn('Progressing', withStatus(known)), { configs });

  it.each<[string, World, object | undefined]>([
    ['is unknown while the target can not be read', foreign(worldOf(canaryIn('Progressing'), unread)), undefined],
    ['is the revision', foreign(worldOf(canaryIn('Progressing'))), { revision: REVISION }],
    ['is the configs, where only they are new', tracked(CONFIGS), { trackedConfigs: CONFIGS }],
    ['is nothing where configs are known', tracked(CONFIGS, { trackedConfigs: { other: '2' } }), undefined],
    ['is nothing where configs can not be read', tracked({ problem: 'gone' }), undefined],
    ['is nothing where they are not tracked', tracked(undefined), undefined],
  ])('%s', (_what, world, change) => {
    const found = adoption(world);
    if (change === undefined) expect(found).toBeUndefined();
    else expect(found).toStrictEqual(change);
  });
});

describe('a primary that is gone', () => {
  const lost = (status: Partial<CanaryStatus> = {}): World =>
    worldOf(canaryIn('Progressing', withStatus(status)), { primary: undefined });
  const answers = (answer: Answer) => new Map([[probeKey({ ask: 'kept', revision: 'old' }), answer]]);

  it.each<[string, Canary]>([
    ['without a history', canaryIn('Progressing', withStatus({ history: [] }))],
    [
      'where nothing ever served',
      canaryIn('Failed', withStatus({ history: [{ number: 1, result: 'failed' }] as never })),
    ],
    ['without a status', { ...aCanary(), status: { phase: 'Progressing' } }],
  ])('%s is not asked for: nobody knows what it ran', (_what, canary) => {
    const world = worldOf(canary, { primary: undefined });
    expect(remakePrimary(world as never, new Map())).toBeUndefined();
  });

  it.each<[string, Answer, string]>([
    ['kept', { kind: 'kept', isKept: true }, 'it is made again of revision 2, old, which it ran'],
    [
      'not kept',
      { kind: 'kept', isKept: false },
      'nobody keeps revision 2, old, which it ran; put podinfo.test back to it, and it is made again',
    ],
    [
      'not known',
      { kind: 'error', message: 'refused', query: '' },
      'nobody keeps revision 2, old, which it ran; put podinfo.test back to it, and it is made again',
    ],
  ])('is told once, with a revision that is %s', (_what, answer, text) => {
    expect(linesOf(decidedBy(lost(), answers(answer)))).toEqual([
      `Warning PrimaryLost once (${text}): podinfo-primary.test is gone: ${text}`,
    ]);
  });

  it('is a copy of the target where its pods can not be started anew', () => {
    const world = { ...lost(), ...targetOf({ canRestart: false }) };
    expect(decidedBy(world).reports).toEqual([]);
  });
});
