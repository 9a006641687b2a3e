import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KINDS } from '../../../shared/api/kinds.ts';
import type { KubeObject } from '../../../shared/api/kube.ts';
import type { Cache, Kube } from '../../../shared/engine/ports.ts';
import { until } from '../../make/until.ts';
import { changed, NO_KIND, newPlace } from '../kube/fixture.ts';

export interface CacheUnderTest {
  readonly cache: Cache;
  /** Writes past the cache, as everybody else does. */
  readonly kube: Kube;
  stop(): Promise<void> | void;
}

/** What every implementation of the Cache port must do. One that watches tells of changes too: `watches`. */
export const cacheSuite = (
  name: string,
  { watches }: { watches: boolean },
  start: () => Promise<CacheUnderTest>,
): void => {
  describe(`the Cache port: ${name}`, () => {
    let under: CacheUnderTest;
    beforeAll(async () => {
      under = await start();
    });
    afterAll(() => under.stop());
    describe('reading', () => reading(() => under));
    describe('own writes', () => ownWrites(() => under));
    if (watches) describe('changes', () => changes(() => under));
  });
};

const reading = (get: () => CacheUnderTest): void => {
  it('has what exists, whole but for the owners of fields, and nothing else', async () => {
    const { cache, kube } = get();
    const place = await newPlace(kube);
    const made = await kube.create(KINDS.deployment, place.deployment('app'));
    const ref = place.ref(KINDS.deployment, 'app');
    const found = await until<KubeObject>(() => cache.get(ref), 'the object');
    // Its controller may have written its status by now; the rest is as it was made.
    expect(found['spec']).toEqual(made['spec']);
    expect(found.metadata).toMatchObject({ name: 'app', uid: made.metadata.uid });
    expect(made.metadata.managedFields).toBeDefined();
    expect(found.metadata.managedFields).toBeUndefined();
    expect(await cache.get(place.ref(KINDS.deployment, 'absent'))).toBeUndefined();
  });

  it('follows changes and deletions by others', async () => {
    const { cache, kube } = get();
    const place = await newPlace(kube);
    const ref = place.ref(KINDS.deployment, 'app');
    const made = await kube.create(KINDS.deployment, place.deployment('app'));
    await until(() => cache.get(ref), 'the object');
    const next = await kube.patch(ref, { metadata: { labels: { moved: 'yes' } } });
    expect(next.metadata.resourceVersion).not.toBe(made.metadata.resourceVersion);
    await until(async () => (await cache.get(ref))?.metadata.labels?.['moved'] === 'yes', 'the change');
    await kube.remove(ref);
    await until(async () => (await cache.get(ref)) === undefined, 'the deletion');
  });

  it('lists what there is', async () => {
    const { cache, kube } = get();
    const place = await newPlace(kube);
    for (const name of ['a', 'b', 'c']) await kube.create(KINDS.deployment, place.deployment(name));
    const ours = async (): Promise<string[]> =>
      (await cache.list(KINDS.deployment))
        .filter(({ metadata }) => metadata.namespace === place.namespace)
        .map(({ metadata }) => metadata.name)
        .toSorted();
    await until(async () => (await ours()).length === 3, 'three objects');
    expect(await ours()).toEqual(['a', 'b', 'c']);
  });

  it.each(['configMap', 'secret'] as const)(
    'gives a %s with its data, and the new data after a change',
    async (name) => {
      const { cache, kube } = get();
      const place = await newPlace(kube);
      const kind = KINDS[name];
      const object = changed(place.configMap('settings'), { kind: kind.kind, data: { a: 'MQ==' } });
      await kube.create(kind, object);
      const ref = place.ref(kind, 'settings');
      expect((await until(() => cache.get(ref), 'the object'))['data']).toEqual({ a: 'MQ==' });
      await kube.patch(ref, { data: { a: 'Mg==' } });
      await until(
        async () => ((await cache.get(ref))?.['data'] as { a?: string } | undefined)?.a === 'Mg==',
        'the new data',
      );
    },
  );

  it('says that a kind is missing', async () => {
    const { cache } = get();
    const ref = { kind: NO_KIND, namespace: 'test', name: 'a' };
    await expect(cache.get(ref)).rejects.toMatchObject({ code: 'KIND_MISSING' });
    await expect(cache.list(NO_KIND)).rejects.toMatchObject({ code: 'KIND_MISSING' });
  });

  it('does nothing for a caller who has given up', async () => {
    const { cache } = get();
    const signal = AbortSignal.abort(new Error('given up'));
    await expect(cache.get({ kind: KINDS.deployment, namespace: 'test', name: 'a' }, signal)).rejects.toThrow(
      'given up',
    );
    await expect(cache.list(KINDS.deployment, signal)).rejects.toThrow('given up');
  });
};

const ownWrites = (get: () => CacheUnderTest): void => {
  it('never reads older than it wrote', async () => {
    const { cache, kube } = get();
    const place = await newPlace(kube);
    const ref = place.ref(KINDS.deployment, 'app');
    await cache.get(ref);
    let last = await kube.create(KINDS.deployment, place.deployment('app'));
    for (let count = 0; count < 20; count += 1) {
      cache.put(KINDS.deployment, last);
      const read = await cache.get(ref);
      expect(Number(read?.metadata.resourceVersion)).toBeGreaterThanOrEqual(Number(last.metadata.resourceVersion));
      last = await kube.patch(ref, { metadata: { annotations: { count: String(count) } } });
    }
  });

  it('does not see what it deleted, and sees what was made anew', async () => {
    const { cache, kube } = get();
    const place = await newPlace(kube);
    const ref = place.ref(KINDS.deployment, 'app');
    cache.put(KINDS.deployment, await kube.create(KINDS.deployment, place.deployment('app')));
    await until(() => cache.get(ref), 'the object');
    await kube.remove(ref);
    cache.drop(ref);
    expect(await cache.get(ref)).toBeUndefined();
    const again = await kube.create(KINDS.deployment, place.deployment('app'));
    await until(async () => (await cache.get(ref))?.metadata.uid === again.metadata.uid, 'the new object');
  });
};

const changes = (get: () => CacheUnderTest): void => {
  it('tells what others change, with the kind, until nobody listens', async () => {
    const { cache, kube } = get();
    const place = await newPlace(kube);
    await cache.list(KINDS.deployment);
    const heard: string[] = [];
    const stop = cache.onChange((kind, object, change) => {
      if (object.metadata.namespace === place.namespace) heard.push(`${kind.kind} ${object.metadata.name} ${change}`);
    });
    await kube.create(KINDS.deployment, place.deployment('app'));
    await until(() => heard.includes('Deployment app set'), 'the change');
    await kube.remove(place.ref(KINDS.deployment, 'app'));
    await until(() => heard.includes('Deployment app deleted'), 'the deletion');
    stop();
    const before = heard.length;
    const last = await kube.create(KINDS.deployment, place.deployment('unheard'));
    await until(() => cache.get(place.ref(KINDS.deployment, last.metadata.name)), 'the object');
    expect(heard).toHaveLength(before);
  });
};
