import { describe, expect, it } from 'vitest';
import type { Bench } from './fixture.ts';
import { deployment, JSON_PATCH, MERGE, refusal, STRATEGIC } from './fixture.ts';

/** Create, replace, patch, scale, delete; what each changes and what it leaves alone. */
export const writingTests = (bench: () => Bench): void => {
  const path = (name?: string): string => bench().at('apps/v1', 'deployments', name);
  const maps = (name?: string): string => bench().at('v1', 'configmaps', name);
  const create = async (name: string, more: object = {}) =>
    bench().client.ask('POST', path(), { body: deployment(name, more) });
  const patch = (name: string, body: unknown, type = MERGE, query = '') =>
    bench().client.ask('PATCH', `${path(name)}${query}`, { body, type });

  describe('creating', () => {
    it('gives a new object identity and the first generation', async () => {
      const { status, body } = await create('born');
      expect(status).toBe(201);
      expect(body.metadata).toMatchObject({ name: 'born', namespace: bench().namespace, generation: 1 });
      expect(body.metadata.uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/);
      expect(body.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(Number(body.metadata.resourceVersion)).toBeGreaterThan(0);
    });

    it('makes a name from generateName', async () => {
      const { body } = await bench().client.ask('POST', maps(), { body: { metadata: { generateName: 'made-' } } });
      expect(body.metadata.name).toMatch(/^made-[a-z0-9]{5}$/);
      expect(body.metadata.generateName).toBe('made-');
    });

    it('refuses what exists', async () => {
      await create('twice');
      expect(refusal(await create('twice'))).toEqual({
        status: 409,
        reason: 'AlreadyExists',
        message: 'deployments.apps "twice" already exists',
      });
    });

    it('stores nothing in a dry run', async () => {
      const { status } = await bench().client.ask('POST', `${path()}?dryRun=All`, { body: deployment('dry') });
      expect(status).toBe(201);
      expect((await bench().client.ask('GET', path('dry'))).status).toBe(404);
    });
  });

  describe('replacing', () => {
    it('raises the generation with the spec, not with labels', async () => {
      await create('changing');
      const spec = await patch('changing', { spec: { replicas: 3 } });
      expect(spec.body.metadata.generation).toBe(2);
      const labels = await patch('changing', { metadata: { labels: { a: 'b' } } });
      expect(labels.body.metadata.generation).toBe(2);
    });

    it('raises the generation of a Deployment with its annotations too', async () => {
      await create('noted');
      expect((await patch('noted', { metadata: { annotations: { a: 'b' } } })).body.metadata.generation).toBe(2);
    });

    it('raises no version when nothing changes', async () => {
      const { body } = await bench().client.ask('POST', maps(), {
        body: { metadata: { name: 'still' }, data: { a: 'b' } },
      });
      const again = await bench().client.ask('PUT', maps('still'), { body });
      expect(again.status).toBe(200);
      expect(again.body.metadata.resourceVersion).toBe(body.metadata.resourceVersion);
    });

    it('refuses a version that is no longer the present one', async () => {
      const { body } = await create('stale');
      await patch('stale', { spec: { replicas: 2 } });
      const late = await bench().client.ask('PUT', path('stale'), { body });
      expect(refusal(late)).toEqual({
        status: 409,
        reason: 'Conflict',
        message:
          'Operation cannot be fulfilled on deployments.apps "stale": the object has been modified; please apply your changes to the latest version and try again',
      });
    });

    it('leaves status alone, and a status write leaves the spec alone', async () => {
      const ways = bench().at('networking.k8s.io/v1', 'ingresses');
      const spec = { defaultBackend: { service: { name: 'a', port: { number: 80 } } } };
      const address = { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } };
      await bench().client.ask('POST', ways, { body: { metadata: { name: 'split' }, spec, status: address } });
      const main = await bench().client.ask('PATCH', `${ways}/split`, {
        body: { spec: { ingressClassName: 'b' }, status: address },
        type: MERGE,
      });
      expect([main.body.spec.ingressClassName, main.body.status]).toEqual(['b', { loadBalancer: {} }]);
      const status = await bench().client.ask('PATCH', `${ways}/split/status`, {
        body: { spec: { ingressClassName: 'c' }, status: address },
        type: MERGE,
      });
      expect([status.body.spec.ingressClassName, status.body.status]).toEqual(['b', address]);
      expect(status.body.metadata.generation).toBe(main.body.metadata.generation);
    });
  });

  describe('patching', () => {
    it('merges maps, and null removes', async () => {
      await create('merged');
      const added = await patch('merged', { metadata: { labels: { a: '1', b: '2' } } });
      expect(added.body.metadata.labels).toEqual({ a: '1', b: '2' });
      const removed = await patch('merged', { metadata: { labels: { a: null } } });
      expect(removed.body.metadata.labels).toEqual({ b: '2' });
    });

    it('merges containers by name in a strategic patch', async () => {
      await create('pods');
      const body = {
        spec: {
          template: {
            spec: {
              containers: [
                { name: 'main', image: 'x:2' },
                { name: 'side', image: 'y:1' },
              ],
            },
          },
        },
      };
      const added = await patch('pods', body, STRATEGIC);
      const containers = added.body.spec.template.spec.containers;
      expect(containers.map((one: { name: string; image: string }) => `${one.name} ${one.image}`).sort()).toEqual([
        'main x:2',
        'side y:1',
      ]);
      expect(containers.find((one: { name: string }) => one.name === 'main').ports).toHaveLength(1);
    });

    it('drops an element that a strategic patch deletes', async () => {
      await create('lean');
      await patch(
        'lean',
        { spec: { template: { spec: { containers: [{ name: 'side', image: 'y:1' }] } } } },
        STRATEGIC,
      );
      const body = { spec: { template: { spec: { containers: [{ $patch: 'delete', name: 'side' }] } } } };
      const left = await patch('lean', body, STRATEGIC);
      expect(left.body.spec.template.spec.containers.map((one: { name: string }) => one.name)).toEqual(['main']);
    });

    it('puts elements in the order that a strategic patch sets', async () => {
      await create('ordered');
      await patch(
        'ordered',
        { spec: { template: { spec: { containers: [{ name: 'main', env: [{ name: 'A', value: '1' }] }] } } } },
        STRATEGIC,
      );
      const env = {
        '$setElementOrder/env': [{ name: 'B' }, { name: 'A' }],
        env: [{ name: 'B', value: '2' }],
        name: 'main',
      };
      const body = {
        spec: { template: { spec: { '$setElementOrder/containers': [{ name: 'main' }], containers: [env] } } },
      };
      const { body: object } = await patch('ordered', body, STRATEGIC);
      expect(object.spec.template.spec.containers[0].env.map((one: { name: string }) => one.name)).toEqual(['B', 'A']);
    });

    it('runs the operations of a JSON patch, all or none', async () => {
      await create('steps');
      const good = await patch(
        'steps',
        [
          { op: 'test', path: '/spec/replicas', value: 1 },
          { op: 'replace', path: '/spec/replicas', value: 4 },
        ],
        JSON_PATCH,
      );
      expect(good.body.spec.replicas).toBe(4);
      const bad = await patch(
        'steps',
        [
          { op: 'replace', path: '/spec/replicas', value: 5 },
          { op: 'test', path: '/spec/replicas', value: 9 },
        ],
        JSON_PATCH,
      );
      expect(refusal(bad)).toEqual({
        status: 422,
        reason: 'Invalid',
        message: 'the server rejected our request due to an error in our request',
      });
      expect((await bench().client.ask('GET', path('steps'))).body.spec.replicas).toBe(4);
    });

    it('refuses a patch that names an old version', async () => {
      await create('versioned');
      const answer = await patch('versioned', { metadata: { resourceVersion: '1' }, spec: { replicas: 2 } });
      expect([answer.status, answer.body.reason]).toEqual([409, 'Conflict']);
    });
  });

  describe('scaling', () => {
    it('reads and writes replicas through the scale subresource', async () => {
      await create('scaled');
      const before = await bench().client.ask('GET', `${path('scaled')}/scale`);
      expect(before.body).toMatchObject({
        kind: 'Scale',
        apiVersion: 'autoscaling/v1',
        spec: { replicas: 1 },
        status: { selector: 'app=scaled' },
      });
      const after = await bench().client.ask('PATCH', `${path('scaled')}/scale`, {
        body: { spec: { replicas: 5 } },
        type: MERGE,
      });
      expect(after.body).toMatchObject({ kind: 'Scale', spec: { replicas: 5 } });
      expect((await bench().client.ask('GET', path('scaled'))).body.spec.replicas).toBe(5);
    });
  });

  describe('deleting', () => {
    it('takes an object away and says which', async () => {
      const { body } = await create('gone');
      const answer = await bench().client.ask('DELETE', path('gone'));
      expect(answer.body).toMatchObject({
        kind: 'Status',
        status: 'Success',
        details: { name: 'gone', group: 'apps', kind: 'deployments', uid: body.metadata.uid },
      });
      expect(refusal(await bench().client.ask('GET', path('gone')))).toEqual({
        status: 404,
        reason: 'NotFound',
        message: 'deployments.apps "gone" not found',
      });
    });

    it('waits for finalizers, and goes with the last one', async () => {
      await bench().client.ask('POST', maps(), {
        body: { metadata: { name: 'held', finalizers: ['example.org/hold'] } },
      });
      const marked = await bench().client.ask('DELETE', maps('held'));
      expect(marked.body.metadata.deletionTimestamp).toMatch(/^\d{4}-/);
      const more = await bench().client.ask('PATCH', maps('held'), {
        body: { metadata: { finalizers: ['example.org/hold', 'example.org/more'] } },
        type: MERGE,
      });
      expect([more.status, more.body.message]).toEqual([
        422,
        expect.stringContaining('no new finalizers can be added if the object is being deleted'),
      ]);
      await bench().client.ask('PATCH', maps('held'), { body: { metadata: { finalizers: null } }, type: MERGE });
      expect((await bench().client.ask('GET', maps('held'))).status).toBe(404);
    });

    it('obeys preconditions', async () => {
      await bench().client.ask('POST', maps(), { body: { metadata: { name: 'guarded' } } });
      const version = await bench().client.ask('DELETE', maps('guarded'), {
        body: { preconditions: { resourceVersion: '1' } },
      });
      expect(version.body.message).toMatch(
        /^Operation cannot be fulfilled on ConfigMap "guarded": the ResourceVersion in the precondition \(1\) does not match the ResourceVersion in record \(\d+\)\. The object might have been modified$/,
      );
      const uid = await bench().client.ask('DELETE', maps('guarded'), { body: { preconditions: { uid: 'x' } } });
      expect([uid.status, uid.body.reason]).toEqual([409, 'Conflict']);
    });

    it('clears a collection by selector', async () => {
      for (const name of ['one', 'two']) {
        await bench().client.ask('POST', maps(), {
          body: { metadata: { name: `set-${name}`, labels: { set: name } } },
        });
      }
      await bench().client.ask('DELETE', `${maps()}?labelSelector=set%3Done`);
      expect((await bench().client.ask('GET', maps('set-one'))).status).toBe(404);
      expect((await bench().client.ask('GET', maps('set-two'))).status).toBe(200);
    });
  });
};
