import { describe, expect, it } from 'vitest';
import { refTo } from '../../../../shared/api/kube.ts';
import type { WatchEvent } from '../../../../shared/engine/ports.ts';
import { CanaryError } from '../../../../shared/errors.ts';
import { createSimKube } from '../../../../shared/sim/kube.ts';
import { KINDS, openWorld } from './world.ts';

const map = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'test' } });

const collect = async (events: AsyncIterable<WatchEvent>): Promise<string[]> => {
  const seen: string[] = [];
  for await (const event of events)
    seen.push(event.type === 'BOOKMARK' ? event.type : `${event.type} ${event.object.metadata.name}`);
  return seen;
};

describe('the in-memory Kube port', () => {
  it('gives the words of the server as the reason', async () => {
    const { server } = openWorld();
    await expect(server.kube.get(refTo(KINDS.deployment, 'test', 'web'))).rejects.toMatchObject({
      code: 'API_NOT_FOUND',
      status: 404,
      because: 'deployments.apps "web" not found',
    });
  });

  it('tells a kind that is not served from an object that is not there', async () => {
    const { server } = openWorld();
    const kind = { apiVersion: 'example.org/v1', kind: 'Thing', plural: 'things', namespaced: true };
    await expect(server.kube.list(kind)).rejects.toMatchObject({ code: 'KIND_MISSING' });
    server.register(kind);
    expect((await server.kube.list(kind)).items).toEqual([]);
  });

  it('ends a watch when its time on the clock is over, with a last bookmark', async () => {
    const { server, clock } = openWorld();
    const { resourceVersion } = await server.kube.list(KINDS.configMap);
    const seen = collect(server.kube.watch(KINDS.configMap, { resourceVersion, timeoutSeconds: 30 }));
    await clock.settle();
    await server.kube.create(KINDS.configMap, map('a'));
    await clock.advance(30_000);
    expect(await seen).toEqual(['ADDED a', 'BOOKMARK']);
  });

  it('begins from nothing with the present state and a bookmark', async () => {
    const { server, clock } = openWorld();
    await server.kube.create(KINDS.configMap, map('a'));
    const seen = collect(server.kube.watch(KINDS.configMap, { resourceVersion: '', timeoutSeconds: 1 }));
    await clock.advance(1000);
    expect(await seen).toEqual(['ADDED a', 'BOOKMARK', 'BOOKMARK']);
  });

  it('ends watches that the server cuts', async () => {
    const { server, clock } = openWorld();
    const { resourceVersion } = await server.kube.list(KINDS.configMap);
    const seen = collect(server.kube.watch(KINDS.configMap, { resourceVersion, timeoutSeconds: 300 }));
    await clock.settle();
    server.cutWatches();
    expect(await seen).toEqual([]);
  });

  it('refuses a version that is too old', async () => {
    const { server } = openWorld();
    const { resourceVersion } = await server.kube.list(KINDS.configMap);
    await server.kube.create(KINDS.configMap, map('a'));
    server.store.compact();
    const watch = server.kube.watch(KINDS.configMap, { resourceVersion, timeoutSeconds: 1 });
    await expect(collect(watch)).rejects.toMatchObject({ code: 'API_EXPIRED', status: 410 });
  });

  it('lets a test fail any call before it takes effect', async () => {
    const { server } = openWorld();
    const calls: string[] = [];
    const kube = createSimKube(server, {
      intercept: ({ verb, name }) => {
        calls.push(`${verb} ${name}`);
        if (verb === 'create') throw new CanaryError('API_UNAVAILABLE', 'out of order');
      },
    });
    await expect(kube.create(KINDS.configMap, map('a'))).rejects.toMatchObject({ code: 'API_UNAVAILABLE' });
    await expect(kube.get(refTo(KINDS.configMap, 'test', 'a'))).rejects.toMatchObject({ code: 'API_NOT_FOUND' });
    expect(calls).toEqual(['create a', 'get a']);
  });

  it('works no more for a caller who has given up', async () => {
    const { server } = openWorld();
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(server.kube.list(KINDS.configMap, { signal })).rejects.toThrow('enough');
  });

  it('answers uids and made names that are the same in each run', async () => {
    const make = async (seed: string): Promise<(string | undefined)[]> => {
      const { server } = openWorld(undefined, { seed });
      const made = await server.kube.create(KINDS.configMap, {
        ...map(''),
        metadata: { name: '', namespace: 'test', generateName: 'x-' },
      });
      return [made.metadata.name, made.metadata.uid];
    };
    expect(await make('one')).toEqual(await make('one'));
    expect(await make('one')).not.toEqual(await make('two'));
  });
});
