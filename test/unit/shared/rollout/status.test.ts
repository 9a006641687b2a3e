import { describe, expect, it } from 'vitest';
import type { CanaryStatus } from '../../../../shared/api/canary.ts';
import { type Change, haveConfigsChanged, statusAfter } from '../../../../shared/rollout/status.ts';
import type { World } from '../../../../shared/rollout/world.ts';
import { aCanary, withStatus } from '../../../make/canary.ts';
import { at, canaryIn, targetOf, worldOf } from './command-world.ts';

const UNREAD = { problem: 'forbidden' };
const worldWith = (status: Partial<CanaryStatus>, more: Partial<World> = {}): World =>
  worldOf(canaryIn('Progressing', withStatus(status)), more);

describe('a status', () => {
  it('begins with no phase and nothing counted', () => {
    const { conditions, ...status } = statusAfter(worldOf(aCanary()), {}) ?? {};
    expect(status).toStrictEqual({
      phase: '',
      canaryWeight: 0,
      failedChecks: 0,
      iterations: 0,
      observedGeneration: 0,
      lastTransitionTime: '2026-01-02T03:04:05Z',
    });
    expect(conditions?.map(({ type, reason }) => `${type} ${reason}`)).toEqual([
      'Ready Pending',
      'Reconciling Pending',
      'Stalled Pending',
    ]);
  });

  it('is not written where nothing but the clock would differ', () => {
    const world = worldWith({});
    const status = statusAfter(world, { failedChecks: 1 }) as CanaryStatus;
    const again = { ...world, now: world.now + 60_000, canary: { ...world.canary, status } };
    expect(statusAfter(again, { failedChecks: 1 })).toBeUndefined();
    expect(statusAfter(again, { failedChecks: 2 })).toMatchObject({
      failedChecks: 2,
      lastTransitionTime: '2026-01-02T03:05:05Z',
    });
  });

  const HELD: Partial<CanaryStatus> = {
    dueAt: at(5),
    waitingFor: { what: 'a', since: at(-5) },
    paused: { since: at(-5) },
    pauseAt: { at: 'step=4', since: at(-5) },
    approvals: [{ gate: 'qa', revision: 'new', at: at(-5) }],
    primaryReplicas: 5,
    sessionAffinityCookie: 'cookie',
    trafficSince: at(-5),
    notReady: { target: at(-5) },
  };
  const FIELDS = Object.keys(HELD) as (keyof CanaryStatus & keyof Change)[];

  it.each(FIELDS)('keeps %s unless told otherwise, and drops it for null', (field) => {
    const world = worldWith(HELD);
    expect(statusAfter(world, { failedChecks: 1 })?.[field]).toEqual(HELD[field as keyof typeof HELD]);
    expect(statusAfter(world, { [field]: null })).not.toHaveProperty(field);
    if (field !== 'dueAt')
      expect(statusAfter(worldWith({}), { [field]: HELD[field] })).toMatchObject({ [field]: HELD[field] });
  });
});

describe('the promoted revision', () => {
  const promoted = (status: Partial<CanaryStatus>, change: Change) => statusAfter(worldWith(status), change);

  it('is noted with the promotion alone', () => {
    const before = { lastAppliedSpec: 'b', lastPromotedSpec: 'a' };
    expect(promoted(before, { promoted: true })?.lastPromotedSpec).toBe('b');
    expect(promoted(before, { failedChecks: 1 })?.lastPromotedSpec).toBe('a');
    expect(promoted({}, { promoted: true })).not.toHaveProperty('lastPromotedSpec');
  });
});

describe('a sync', () => {
  const CONFIGS = { 'configmap/a': '1' };
  const synced = (status: Partial<CanaryStatus>, more: Partial<World> = {}) => {
    const world = worldWith(status, more);
    return statusAfter(
      { ...world, canary: { ...world.canary, status: { phase: 'Progressing', ...status } } },
      {
        sync: true,
        failedChecks: 1,
      },
    );
  };
  const KNOWN = { revision: 'new', lastAppliedSpec: 'hash' };

  it('takes over the revision that the target runs, and what it is configured by', () => {
    expect(synced({ revision: 'old' }, { configs: CONFIGS })).toMatchObject({
      revision: 'new',
      trackedConfigs: CONFIGS,
    });
    expect(statusAfter(worldWith({ revision: 'old' }, { configs: CONFIGS }), { failedChecks: 1 })?.revision).toBe(
      'old',
    );
  });

  it.each<[string, Partial<World>]>([
    ['tracking is off', { configs: undefined }],
    ['they cannot be read', { configs: UNREAD }],
  ])('leaves the tracked ConfigMaps as they were where %s', (_what, more) => {
    expect(synced({ ...KNOWN, trackedConfigs: CONFIGS }, more)).toMatchObject({ ...KNOWN, trackedConfigs: CONFIGS });
    expect(synced(KNOWN, more)).not.toHaveProperty('trackedConfigs');
  });

  it('of a target that cannot be read takes over nothing', () => {
    expect(synced({ ...KNOWN, revision: 'old' }, { target: UNREAD })).toMatchObject({ ...KNOWN, revision: 'old' });
  });

  it.each<[string, Partial<CanaryStatus>, Partial<World>]>([
    ['the revision is the same', KNOWN, {}],
    ['the reference wrote it, and no revision of ours is known', { lastAppliedSpec: 'hash' }, {}],
    ['the configs are the same', { ...KNOWN, trackedConfigs: CONFIGS }, { configs: CONFIGS }],
    ['nobody tracked the configs before', KNOWN, { configs: CONFIGS }],
  ])("keeps the reference's hash where %s", (_what, status, more) => {
    expect(synced(status, more)?.lastAppliedSpec).toBe('hash');
  });

  const NEW: readonly [string, Partial<CanaryStatus>, Partial<World>][] = [
    ['there was none', { revision: 'new' }, {}],
    ['the revision changed', { ...KNOWN, revision: 'old' }, {}],
    ['the revision changed, and the configs are known', { ...KNOWN, revision: 'old' }, { configs: CONFIGS }],
    ['a config changed', { ...KNOWN, trackedConfigs: { 'configmap/a': '0' } }, { configs: CONFIGS }],
  ];

  it.each(NEW)("writes a new hash of the reference's form where %s", (_what, status, more) => {
    const { lastAppliedSpec } = synced(status, more) ?? {};
    expect(lastAppliedSpec).toMatch(/^\S{5,}$/);
    expect(lastAppliedSpec).not.toBe('hash');
  });

  it('gives different hashes to different revisions and configs, the same to the same', () => {
    const hash = (revision: string, configs?: World['configs']) =>
      synced({}, { ...targetOf({ revision }), configs })?.lastAppliedSpec;
    const hashes = [hash('a'), hash('b'), hash('a', CONFIGS), hash('a', { 'configmap/a': '2' })];
    expect(new Set(hashes).size).toBe(4);
    expect([hash('a'), hash('a', UNREAD), hash('a', { ...CONFIGS })]).toEqual([hashes[0], hashes[0], hashes[2]]);
  });
});

describe('the tracked ConfigMaps and Secrets', () => {
  it.each<[string, CanaryStatus['trackedConfigs'], World['configs'], boolean]>([
    ['are the same', { a: '1' }, { a: '1' }, false],
    ['have another content', { a: '1' }, { a: '2' }, true],
    ['are more', { a: '1' }, { a: '1', b: '1' }, true],
    ['are less', { a: '1', b: '1' }, { a: '1' }, true],
    ['are others', { a: '1' }, { b: '1' }, true],
    ['were never tracked', undefined, { a: '1' }, false],
    ['are not tracked any more', { a: '1' }, undefined, false],
    ['cannot be read', { a: '1' }, UNREAD, false],
  ])('that %s count as changed: %4$s', (_what, trackedConfigs, configs, expected) => {
    expect(haveConfigsChanged(worldWith(trackedConfigs === undefined ? {} : { trackedConfigs }, { configs }))).toBe(
      expected,
    );
  });

  it('of a Canary without a status count as unchanged', () => {
    expect(haveConfigsChanged(worldOf(aCanary(), { configs: { a: '1' } }))).toBe(false);
  });
});
