import { describe, expect, it } from 'vitest';
import { KINDS } from '../../../../shared/api/kinds.ts';
import { type KubeObject, refTo } from '../../../../shared/api/kube.ts';
import type { Kube } from '../../../../shared/engine/ports.ts';
import { createLease, type LeaseOptions } from '../../../../shared/kube/lease.ts';
import { seededRandom } from '../../../../shared/platform/random.ts';
import { createSimServer } from '../../../../shared/sim/server.ts';
import { createTestClock, settle } from '../../../make/clock.ts';
import { failure } from '../../../make/scripted-kube.ts';

const LEASE = refTo(KINDS.lease, 'canary-system', 'kubectl-canary-shard-0');
const DURATION_MS = 15_000;
const RENEW_MS = 4000;

const start = () => {
  const clock = createTestClock();
  const { kube } = createSimServer({ clock });
  const contender = (identity: string, more: Partial<LeaseOptions> = {}) =>
    createLease({
      kube,
      clock,
      random: seededRandom(1),
      namespace: LEASE.namespace,
      name: LEASE.name,
      identity,
      durationMs: DURATION_MS,
      renewMs: RENEW_MS,
      ...more,
    });
  const spec = async (): Promise<Record<string, unknown>> => (await kube.get(LEASE))['spec'] as Record<string, unknown>;
  return { clock, kube, contender, spec };
};

/** A Kube that fails while told to. */
const failing = (kube: Kube) => {
  const state = { broken: false };
  const wrap =
    <Args extends unknown[], T>(call: (...args: Args) => Promise<T>) =>
    (...args: Args): Promise<T> =>
      state.broken ? Promise.reject(failure('API_UNREACHABLE', 'no way')) : call(...args);
  return { state, kube: { ...kube, get: wrap(kube.get), create: wrap(kube.create), replace: wrap(kube.replace) } };
};

describe('a Lease', () => {
  it('is made by the first who asks, in the form that others read', async () => {
    const { contender, kube } = start();
    const lease = contender('one', { annotations: { 'kubectl-canary/namespace': 'test' } });
    expect(lease.held()).toBe(false);
    expect(await lease.tryAcquire()).toBe(true);
    expect(lease.held()).toBe(true);
    const object = await kube.get(LEASE);
    expect(object.metadata.annotations).toEqual({ 'kubectl-canary/namespace': 'test' });
    expect(object['spec']).toEqual({
      holderIdentity: 'one',
      leaseDurationSeconds: 15,
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:00:00.000000Z',
      leaseTransitions: 0,
    });
    expect(lease.holder()).toMatchObject({ identity: 'one', durationMs: DURATION_MS });
  });

  it('is held by one of two', async () => {
    const { contender } = start();
    const [one, two] = [contender('one'), contender('two')];
    const got = await Promise.all([one.tryAcquire(), two.tryAcquire()]);
    expect(got.filter(Boolean)).toHaveLength(1);
    expect([one.held(), two.held()].filter(Boolean)).toHaveLength(1);
    expect(one.holder()?.identity).toBe(two.holder()?.identity);
  });

  it('is renewed for as long as its holder runs, and nobody else gets it', async () => {
    const { clock, contender, spec } = start();
    const [one, two] = [contender('one'), contender('two')];
    await one.acquire();
    for (let minute = 0; minute < 10; minute += 1) {
      await clock.advance(60_000);
      expect(one.held()).toBe(true);
      expect(await two.tryAcquire()).toBe(false);
    }
    expect(await spec()).toMatchObject({ holderIdentity: 'one', acquireTime: '2026-01-01T00:00:00.000000Z' });
    await one.release();
  });

  it('is taken over once it was seen unrenewed for its whole duration, whatever the clocks say', async () => {
    const { clock, contender, spec } = start();
    await contender('dead').tryAcquire();
    clock.jumpWall(3_600_000);
    await clock.advance(60_000);
    const two = contender('two');
    expect(await two.tryAcquire()).toBe(false);
    await clock.advance(DURATION_MS - 1);
    expect(await two.tryAcquire()).toBe(false);
    await clock.advance(1);
    expect(await two.tryAcquire()).toBe(true);
    expect(await spec()).toMatchObject({
      holderIdentity: 'two',
      leaseTransitions: 1,
      acquireTime: '2026-01-01T01:01:15.000000Z',
    });
  });

  it('is waited for until its holder is gone', async () => {
    const { clock, contender } = start();
    await contender('dead').tryAcquire();
    const two = contender('two');
    let got = false;
    const waiting = two.acquire().then(() => (got = true));
    await clock.advance(DURATION_MS);
    expect(got).toBe(false);
    await clock.advance(RENEW_MS * 1.2);
    await waiting;
    expect(two.held()).toBe(true);
    await two.release();
  });

  it('goes to the next one at once when it is given back', async () => {
    const { contender, spec } = start();
    const [one, two] = [contender('one'), contender('two')];
    await one.acquire();
    await one.release();
    expect(one.held()).toBe(false);
    expect((await spec())['holderIdentity']).toBeUndefined();
    expect(await two.tryAcquire()).toBe(true);
    expect(await spec()).toMatchObject({ leaseTransitions: 1, leaseDurationSeconds: 15 });
  });

  it('counts as lost before others may take it', async () => {
    const { clock, contender } = start();
    const [one, two] = [contender('one'), contender('two')];
    await one.tryAcquire();
    expect(await two.tryAcquire()).toBe(false);
    await clock.advance(9999);
    expect(one.held()).toBe(true);
    await clock.advance(1);
    expect(one.held()).toBe(false);
    await clock.advance(DURATION_MS - 10_000 - 1);
    expect(await two.tryAcquire()).toBe(false);
  });

  it('is not believed held after the machine has slept', async () => {
    const { clock, contender } = start();
    const one = contender('one');
    await one.tryAcquire();
    clock.jumpWall(60_000);
    expect(one.held()).toBe(false);
  });

  it('survives failed renewals that end in time', async () => {
    const { clock, contender, kube } = start();
    const flaky = failing(kube);
    const one = contender('one', { kube: flaky.kube });
    const lost: string[] = [];
    one.onLost((why) => lost.push(why));
    await one.acquire();
    flaky.state.broken = true;
    await clock.advance(8000);
    flaky.state.broken = false;
    await clock.advance(60_000);
    expect(one.held()).toBe(true);
    expect(lost).toEqual([]);
    await one.release();
  });

  it('says once that it was lost when it cannot be renewed', async () => {
    const { clock, contender, kube } = start();
    const flaky = failing(kube);
    const one = contender('one', { kube: flaky.kube });
    const lost: string[] = [];
    one.onLost((why) => lost.push(why));
    await one.acquire();
    flaky.state.broken = true;
    await clock.advance(60_000);
    expect(lost).toEqual(['no way']);
    expect(one.held()).toBe(false);
    expect(clock.pending()).toBe(0);
  });

  it('is still ours when somebody edits a label of it', async () => {
    const { clock, contender, kube } = start();
    const one = contender('one');
    const lost: string[] = [];
    one.onLost((why) => lost.push(why));
    await one.acquire();
    await kube.patch(LEASE, { metadata: { labels: { edited: 'yes' } } });
    await clock.advance(60_000);
    expect(one.held()).toBe(true);
    expect(lost).toEqual([]);
    expect((await kube.get(LEASE)).metadata.labels).toEqual({ edited: 'yes' });
    await one.release();
  });

  it('is made anew when somebody deletes it', async () => {
    const { clock, contender, kube, spec } = start();
    const one = contender('one');
    await one.acquire();
    await kube.remove(LEASE);
    await clock.advance(RENEW_MS);
    expect(one.held()).toBe(true);
    expect(await spec()).toMatchObject({ holderIdentity: 'one' });
    await one.release();
  });

  it('is taken from its holder by a person, and the holder notices', async () => {
    const { clock, contender } = start();
    const [one, two] = [contender('one'), contender('two')];
    const lost: string[] = [];
    one.onLost((why) => lost.push(why));
    await one.acquire();
    await two.takeOver();
    expect(two.held()).toBe(true);
    await clock.advance(RENEW_MS);
    expect(one.held()).toBe(false);
    expect(lost).toEqual(['it is held by two']);
    await clock.advance(60_000);
    expect(two.held()).toBe(true);
    await two.release();
  });

  it('is not given back by one who does not hold it', async () => {
    const { contender, spec } = start();
    const [one, two] = [contender('one'), contender('two')];
    await one.tryAcquire();
    await two.tryAcquire();
    await two.release();
    expect(await spec()).toMatchObject({ holderIdentity: 'one' });
  });

  it('lets go of who gives up waiting, and does not wait where it may not ask', async () => {
    const { contender, kube } = start();
    await contender('one').tryAcquire();
    const stop = new AbortController();
    const waiting = contender('two').acquire(stop.signal);
    await settle();
    stop.abort(new Error('given up'));
    await expect(waiting).rejects.toThrow('given up');
    const forbidden: Kube = { ...kube, get: (): Promise<KubeObject> => Promise.reject(failure('API_FORBIDDEN')) };
    await expect(contender('three', { kube: forbidden }).acquire()).rejects.toMatchObject({ code: 'API_FORBIDDEN' });
  });

  it('gives up a request that hangs, and tries again', async () => {
    const { clock, contender, kube } = start();
    let hang = true;
    const slow: Kube = {
      ...kube,
      get: (ref, options) =>
        hang
          ? new Promise((_resolve, reject) => {
              options?.signal?.addEventListener('abort', () => reject(options.signal?.reason as Error));
            })
          : kube.get(ref, options),
    };
    const one = contender('one', { kube: slow });
    const waiting = one.acquire();
    await clock.advance(RENEW_MS);
    hang = false;
    await clock.advance(RENEW_MS * 1.2);
    await waiting;
    expect(one.held()).toBe(true);
    await one.release();
  });
});
