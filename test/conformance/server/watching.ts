import { describe, expect, it } from 'vitest';
import type { OpenWatch, WatchLine } from './client.ts';
import type { Bench } from './fixture.ts';
import { MERGE, refusal } from './fixture.ts';

const nameOf = ({ type, object }: WatchLine): string => `${type} ${object.metadata.name}`;

const take = async (watch: OpenWatch, count: number): Promise<string[]> => {
  const names: string[] = [];
  while (names.length < count) names.push(nameOf(await watch.next()));
  return names;
};

/** Lists and watches, and what a reflector relies on. */
export const watchingTests = (bench: () => Bench): void => {
  const path = (query = ''): string => `${bench().at('v1', 'configmaps')}?${query}`;
  const map = (name: string): string => bench().at('v1', 'configmaps', name);
  const create = (name: string, labels: object = {}) =>
    bench().client.ask('POST', path(), { body: { metadata: { name, labels }, data: {} } });
  const patch = (name: string, body: unknown) => bench().client.ask('PATCH', map(name), { body, type: MERGE });
  const listVersion = async (): Promise<string> =>
    (await bench().client.ask('GET', path())).body.metadata.resourceVersion;

  describe('listing', () => {
    it('selects by labels', async () => {
      await create('list-a', { tier: 'front', app: 'x' });
      await create('list-b', { tier: 'back', app: 'x' });
      const names = async (selector: string): Promise<string[]> => {
        const { body } = await bench().client.ask('GET', path(`labelSelector=${encodeURIComponent(selector)}`));
        return body.items.map((one: { metadata: { name: string } }) => one.metadata.name);
      };
      expect(await names('tier=front')).toEqual(['list-a']);
      expect(await names('app=x,tier!=front')).toEqual(['list-b']);
      expect(await names('tier in (front,back)')).toEqual(['list-a', 'list-b']);
      expect(await names('app,!tier')).toEqual([]);
      expect(await names('tier notin (front),app')).toEqual(['list-b']);
    });

    it('selects by name', async () => {
      await create('by-name');
      const { body } = await bench().client.ask('GET', path('fieldSelector=metadata.name%3Dby-name'));
      expect(body.items).toHaveLength(1);
    });

    it('goes in pages', async () => {
      for (const name of ['page-1', 'page-2', 'page-3']) await create(name, { pages: 'yes' });
      const first = await bench().client.ask('GET', path('labelSelector=pages&limit=2'));
      expect(first.body.items).toHaveLength(2);
      const next = encodeURIComponent(first.body.metadata.continue);
      const second = await bench().client.ask('GET', path(`labelSelector=pages&limit=2&continue=${next}`));
      expect(second.body.items.map((one: { metadata: { name: string } }) => one.metadata.name)).toEqual(['page-3']);
    });

    it('names the kind once, not in each item of a built-in kind', async () => {
      await create('kindless');
      const { body } = await bench().client.ask('GET', path());
      expect([body.kind, body.apiVersion, body.items[0].kind]).toEqual(['ConfigMapList', 'v1', undefined]);
    });

    it('gives metadata alone when asked', async () => {
      await create('meta-only', { meta: 'yes' });
      const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
      const { body } = await bench().client.ask('GET', path('labelSelector=meta'), { accept });
      expect(body.kind).toBe('PartialObjectMetadataList');
      expect(body.items[0].metadata.name).toBe('meta-only');
      expect(body.items[0]).not.toHaveProperty('data');
    });

    it('finds events by what they are about', async () => {
      const event = (name: string, about: string): object => ({
        metadata: { name },
        involvedObject: { kind: 'Deployment', name: about, namespace: bench().namespace },
        reason: 'Told',
      });
      for (const [name, about] of [
        ['told.1', 'a'],
        ['told.2', 'b'],
      ] as const) {
        await bench().client.ask('POST', bench().at('v1', 'events'), { body: event(name, about) });
      }
      const { body } = await bench().client.ask(
        'GET',
        `${bench().at('v1', 'events')}?fieldSelector=involvedObject.name%3Da,involvedObject.kind%3DDeployment`,
      );
      expect(body.items.map((one: { metadata: { name: string } }) => one.metadata.name)).toEqual(['told.1']);
    });
  });

  describe('watching', () => {
    it('tells each change after a version, in order', async () => {
      const from = await listVersion();
      await create('seen');
      const watch = await bench().client.watch(
        path(`watch=true&resourceVersion=${from}&fieldSelector=metadata.name%3Dseen`),
      );
      await patch('seen', { data: { a: '1' } });
      await bench().client.ask('DELETE', map('seen'));
      expect(await take(watch, 3)).toEqual(['ADDED seen', 'MODIFIED seen', 'DELETED seen']);
      watch.close();
    });

    it('begins with the present state when asked from nothing', async () => {
      await create('present', { now: 'yes' });
      const watch = await bench().client.watch(path('watch=true&labelSelector=now'));
      expect(await take(watch, 1)).toEqual(['ADDED present']);
      watch.close();
    });

    it('takes entering and leaving a selection for coming and going', async () => {
      const from = await listVersion();
      const watch = await bench().client.watch(path(`watch=true&resourceVersion=${from}&labelSelector=chosen`));
      await create('moving');
      await patch('moving', { metadata: { labels: { chosen: 'yes' } } });
      await patch('moving', { data: { a: '1' } });
      await patch('moving', { metadata: { labels: null } });
      expect(await take(watch, 3)).toEqual(['ADDED moving', 'MODIFIED moving', 'DELETED moving']);
      watch.close();
    });

    it('sends the initial state and then says that it was all', async () => {
      await create('initial', { first: 'yes' });
      const query =
        'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&labelSelector=first';
      const watch = await bench().client.watch(path(query));
      expect(nameOf(await watch.next())).toBe('ADDED initial');
      const end = await watch.next();
      expect(end.type).toBe('BOOKMARK');
      expect(end.object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' });
      expect(Number(end.object.metadata.resourceVersion)).toBeGreaterThan(0);
      watch.close();
    });

    it('wants to know which initial state', async () => {
      const answer = await bench().client.ask(
        'GET',
        path('watch=true&sendInitialEvents=true&allowWatchBookmarks=true'),
      );
      expect(refusal(answer)).toMatchObject({ status: 422, reason: 'Invalid' });
    });

    it('ends by itself when its time is over', async () => {
      const watch = await bench().client.watch(path('watch=true&timeoutSeconds=1'));
      await watch.ended;
    });

    it('raises the version with every event', async () => {
      const from = await listVersion();
      const watch = await bench().client.watch(
        path(`watch=true&resourceVersion=${from}&fieldSelector=metadata.name%3Drising`),
      );
      await create('rising');
      await patch('rising', { data: { a: '1' } });
      await bench().client.ask('DELETE', map('rising'));
      const versions: number[] = [Number(from)];
      for (let count = 0; count < 3; count += 1)
        versions.push(Number((await watch.next()).object.metadata.resourceVersion));
      expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
      watch.close();
    });

    it('sends tables to whoever wants tables', async () => {
      await create('row', { table: 'yes' });
      const watch = await bench().client.watch(
        path('watch=true&labelSelector=table'),
        'application/json;as=Table;v=v1;g=meta.k8s.io',
      );
      const { type, object } = await watch.next();
      expect([type, object.kind, object.rows[0].cells[0]]).toEqual(['ADDED', 'Table', 'row']);
      watch.close();
    });
  });
};
