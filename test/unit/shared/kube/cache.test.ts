import { describe, expect, it } from 'vitest';
import { KINDS } from '../../../../shared/api/kinds.ts';
import { type Kind, type KubeObject, refTo } from '../../../../shared/api/kube.ts';
import { type CacheOptions, createCache } from '../../../../shared/kube/cache.ts';
import { silentLog } from '../../../../shared/platform/log.ts';
import { seededRandom } from '../../../../shared/platform/random.ts';
import { createTestClock, settle } from '../../../make/clock.ts';
import {
  added,
  anObject,
  createScriptedKube,
  deleted,
  failure,
  listOf,
  modified,
  type ScriptedKube,
} from '../../../make/scripted-kube.ts';

const cacheOver = (kube: ScriptedKube, more: Partial<CacheOptions> = {}) => {
  const clock = createTestClock();
  return { clock, cache: createCache({ kube, clock, random: seededRandom(1), log: silentLog, ...more }) };
};

const deployment = (name: string, namespace = 'test') => refTo(KINDS.deployment, namespace, name);
const configMap = (name: string) => refTo(KINDS.configMap, 'test', name);
const withData = (version: number, a: string): KubeObject => ({
  ...anObject('settings', version),
  apiVersion: 'v1',
  kind: 'ConfigMap',
  data: { a },
});
const justMetadata = (version: number): KubeObject => ({
  ...anObject('settings', version),
  apiVersion: 'v1',
  kind: 'ConfigMap',
});

describe('a cache', () => {
  it('asks nothing before its first use and once for a kind after that', async () => {
    const kube = createScriptedKube(listOf(10, anObject('a', 3)));
    const { cache } = cacheOver(kube);
    await settle();
    expect(kube.counts).toEqual({ list: 0, get: 0, watch: 0 });
    await Promise.all(Array.from({ length: 50 }, () => cache.get(deployment('a'))));
    expect(await cache.get(deployment('absent'))).toBeUndefined();
    expect((await cache.list(KINDS.deployment)).map((object) => object.metadata.name)).toEqual(['a']);
    expect(kube.counts).toEqual({ list: 1, get: 0, watch: 1 });
    cache.close();
  });

  it('tells changes with their kind, and no more to who has stopped listening', async () => {
    const kube = createScriptedKube(listOf(10));
    const { cache } = cacheOver(kube);
    const heard: string[] = [];
    const stop = cache.onChange((kind, object, change) =>
      heard.push(`${kind.plural} ${object.metadata.name} ${change}`),
    );
    await cache.list(KINDS.deployment);
    kube.last().send(added(anObject('a', 11)));
    await settle();
    stop();
    kube.last().send(deleted(anObject('a', 12)));
    await settle();
    expect(heard).toEqual(['deployments a set']);
    cache.close();
  });

  it('goes on when a listener fails', async () => {
    const kube = createScriptedKube(listOf(10));
    const { cache } = cacheOver(kube);
    const heard: string[] = [];
    cache.onChange(() => {
      throw new Error('a fault');
    });
    cache.onChange((_kind, object) => heard.push(object.metadata.name));
    await cache.list(KINDS.deployment);
    kube.last().send(added(anObject('a', 11)));
    kube.last().send(added(anObject('b', 12)));
    await settle();
    expect(heard).toEqual(['a', 'b']);
    expect(kube.counts.watch).toBe(1);
    cache.close();
  });

  it('answers with what was written, at once', async () => {
    const kube = createScriptedKube(listOf(10, anObject('a', 3)));
    const { cache } = cacheOver(kube);
    await cache.get(deployment('a'));
    cache.put(KINDS.deployment, anObject('a', 12, { managedFields: [{ big: true }] }));
    expect((await cache.get(deployment('a')))?.metadata).toEqual(anObject('a', 12).metadata);
    cache.drop(deployment('a'));
    expect(await cache.get(deployment('a'))).toBeUndefined();
    kube.last().send(modified(anObject('a', 12)));
    await settle();
    expect(await cache.get(deployment('a'))).toBeUndefined();
    cache.close();
  });

  it('does not start to watch a kind because it was written', async () => {
    const kube = createScriptedKube();
    const { cache } = cacheOver(kube);
    cache.put(KINDS.event, anObject('a', 1));
    cache.drop(refTo(KINDS.event, 'test', 'a'));
    await settle();
    expect(kube.counts.list).toBe(0);
    cache.close();
  });

  it('answers that a kind is missing from memory', async () => {
    const kube = createScriptedKube(failure('KIND_MISSING', 'not installed'));
    const { cache } = cacheOver(kube);
    for (let count = 0; count < 10; count += 1) {
      await expect(cache.get(refTo(KINDS.scaledObject, 'test', 'a'))).rejects.toMatchObject({ code: 'KIND_MISSING' });
      await expect(cache.list(KINDS.scaledObject)).rejects.toMatchObject({ code: 'KIND_MISSING' });
    }
    expect(kube.counts.list).toBe(1);
    cache.close();
  });

  it('shows what it holds without waiting, as soon as it holds anything', async () => {
    const kube = createScriptedKube(listOf(10, anObject('a', 3), anObject('b', 4, { namespace: 'prod' })));
    const { cache } = cacheOver(kube);
    expect(cache.peekAll(KINDS.deployment, 'test')).toBeUndefined();
    await cache.list(KINDS.deployment);
    expect(cache.peek(deployment('a'))?.metadata.resourceVersion).toBe('3');
    expect(cache.peek(deployment('b'))).toBeUndefined();
    const names = (namespace: string) =>
      cache.peekAll(KINDS.deployment, namespace)?.map((object) => object.metadata.name);
    expect([names('test'), names('prod'), names('empty')]).toEqual([['a'], ['b'], []]);
    kube.last().send(added(anObject('c', 11)), deleted(anObject('a', 12)));
    await settle();
    expect(names('test')).toEqual(['c']);
    cache.close();
  });

  it('shows that a kind is not served, and nothing of kinds that it knows by their metadata', async () => {
    const { cache } = cacheOver(createScriptedKube(failure('KIND_MISSING')));
    await expect(cache.list(KINDS.scaledObject)).rejects.toMatchObject({ code: 'KIND_MISSING' });
    expect(cache.peekAll(KINDS.scaledObject, 'test')).toEqual([]);
    cache.close();
    const { cache: other } = cacheOver(createScriptedKube(listOf(10, justMetadata(3))));
    await other.list(KINDS.configMap);
    expect(other.peek(configMap('settings'))).toBeUndefined();
    other.close();
  });

  it('drops the owners of fields to save memory', async () => {
    const kube = createScriptedKube(listOf(10, anObject('a', 3, { managedFields: [{}] })));
    const { cache } = cacheOver(kube);
    expect((await cache.get(deployment('a')))?.metadata.managedFields).toBeUndefined();
    cache.close();
  });

  it('watches one namespace alone when told, and another one when asked for it', async () => {
    const kube = createScriptedKube(listOf(10, anObject('a', 3)));
    const scopes: (string | undefined)[] = [];
    const list = kube.list.bind(kube);
    kube.list = (kind: Kind, options) => (scopes.push(options?.namespace), list(kind, options));
    const { cache } = cacheOver(kube, { namespace: 'test' });
    await cache.list(KINDS.deployment);
    await cache.get(deployment('a'));
    await cache.get(deployment('b', 'elsewhere'));
    await cache.list(KINDS.namespace);
    expect(scopes).toEqual(['test', 'elsewhere', undefined]);
    cache.close();
  });

  it('ends what waits when it is closed', async () => {
    const kube = createScriptedKube();
    kube.list = () => new Promise(() => {});
    const { cache } = cacheOver(kube);
    const waiting = cache.get(deployment('a'));
    cache.close();
    await expect(waiting).rejects.toThrow('the cache was closed');
    await expect(cache.list(KINDS.deployment)).rejects.toThrow('the cache was closed');
  });
});

describe('a cache of kinds that are watched as metadata', () => {
  const start = async () => {
    const kube = createScriptedKube(listOf(10, justMetadata(3)));
    kube.objects.set('settings', withData(3, 'one'));
    const made = cacheOver(kube);
    const dataOf = async (): Promise<unknown> => (await made.cache.get(configMap('settings')))?.['data'];
    return { kube, ...made, dataOf };
  };

  it('reads the whole object once for each version', async () => {
    const { kube, cache, dataOf } = await start();
    expect(await Promise.all([dataOf(), dataOf(), dataOf()])).toEqual([{ a: 'one' }, { a: 'one' }, { a: 'one' }]);
    expect(await dataOf()).toEqual({ a: 'one' });
    expect(kube.counts.get).toBe(1);
    expect(kube.last().options.metadataOnly).toBe(true);
    kube.objects.set('settings', withData(11, 'two'));
    kube.last().send(modified(justMetadata(11)));
    await settle();
    expect(kube.counts.get).toBe(1);
    expect(await dataOf()).toEqual({ a: 'two' });
    expect(await dataOf()).toEqual({ a: 'two' });
    expect(kube.counts.get).toBe(2);
    cache.close();
  });

  it('asks nothing for one that does not exist', async () => {
    const { kube, cache } = await start();
    expect(await cache.get(configMap('absent'))).toBeUndefined();
    expect(kube.counts.get).toBe(0);
    cache.close();
  });

  it('believes the server when the object went away meanwhile', async () => {
    const { kube, cache, dataOf } = await start();
    kube.objects.clear();
    expect(await dataOf()).toBeUndefined();
    cache.close();
  });

  it('needs no request for what it wrote itself', async () => {
    const { kube, cache, dataOf } = await start();
    await dataOf();
    cache.put(KINDS.configMap, withData(12, 'mine'));
    kube.last().send(modified(justMetadata(12)));
    await settle();
    expect(await dataOf()).toEqual({ a: 'mine' });
    expect(kube.counts.get).toBe(1);
    cache.close();
  });

  it('does not give out what an older request brought', async () => {
    const { kube, cache, dataOf } = await start();
    let answer: (object: KubeObject) => void = () => {};
    const get = kube.get.bind(kube);
    kube.get = () => new Promise((resolve) => (answer = resolve));
    const first = dataOf();
    await settle();
    kube.last().send(modified(justMetadata(11)));
    await settle();
    const second = dataOf();
    await settle();
    kube.get = get;
    kube.objects.set('settings', withData(11, 'two'));
    answer(withData(3, 'one'));
    expect(await first).toEqual({ a: 'one' });
    expect(await second).toEqual({ a: 'two' });
    cache.close();
  });

  it('forgets the whole object with its deletion', async () => {
    const { kube, cache, dataOf } = await start();
    await dataOf();
    kube
      .last()
      .send(
        deleted(justMetadata(12)),
        added({ ...justMetadata(14), metadata: { ...justMetadata(14).metadata, uid: 'new' } }),
      );
    kube.objects.set('settings', withData(14, 'new'));
    await settle();
    expect(await dataOf()).toEqual({ a: 'new' });
    cache.close();
  });
});
