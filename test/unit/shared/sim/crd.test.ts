import { describe, expect, it } from 'vitest';
import type { Kind } from '../../../../shared/api/kube.ts';
import { refTo } from '../../../../shared/api/kube.ts';
import { KINDS, openWorld } from './world.ts';

const version = (name: string, more: object = {}): object => ({
  name,
  served: true,
  storage: false,
  schema: {
    openAPIV3Schema: {
      type: 'object',
      properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } },
    },
  },
  ...more,
});

const definition = (more: object = {}) => ({
  metadata: { name: 'things.example.org' },
  spec: {
    group: 'example.org',
    scope: 'Namespaced',
    names: { plural: 'things', kind: 'Thing' },
    versions: [
      version('v1', {
        storage: true,
        subresources: { scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size' } },
      }),
      version('v2'),
    ],
    ...more,
  },
});

const thing = (apiVersion: string): Kind => ({
  apiVersion: `example.org/${apiVersion}`,
  kind: 'Thing',
  plural: 'things',
  namespaced: true,
});

describe('a CustomResourceDefinition', () => {
  it('serves its kind, in all its versions over the same objects', async () => {
    const world = openWorld();
    await expect(world.server.kube.list(thing('v1'))).rejects.toMatchObject({ code: 'KIND_MISSING' });
    await world.create(KINDS.crd, definition());
    await world.create(thing('v1'), { metadata: { name: 'a' }, spec: { size: 2 } });
    expect(await world.get(thing('v2'), 'a')).toMatchObject({ apiVersion: 'example.org/v2', spec: { size: 2 } });
    const before = await world.get(thing('v1'), 'a');
    const after = await world.patch(thing('v2'), 'a', { spec: { size: 2 } });
    expect(after.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  });

  it('is established at once and says under which names', async () => {
    const world = openWorld();
    await world.create(KINDS.crd, definition());
    const { status } = await world.get(KINDS.crd, 'things.example.org');
    expect(
      status.conditions.map(({ type, status: value }: { type: string; status: string }) => `${type}=${value}`),
    ).toEqual(['NamesAccepted=True', 'Established=True']);
    expect([status.acceptedNames.listKind, status.storedVersions]).toEqual(['ThingList', ['v1']]);
  });

  it('follows a changed schema', async () => {
    const world = openWorld();
    await world.create(KINDS.crd, definition());
    await expect(world.create(thing('v1'), { metadata: { name: 'a' }, spec: { size: 'big' } })).rejects.toMatchObject({
      code: 'API_INVALID',
    });
    await world.patch(KINDS.crd, 'things.example.org', {
      spec: {
        versions: [
          version('v1', {
            storage: true,
            schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          }),
        ],
      },
    });
    expect((await world.create(thing('v1'), { metadata: { name: 'a' }, spec: { size: 'big' } })).spec).toEqual({
      size: 'big',
    });
    await expect(world.server.kube.list(thing('v2'))).rejects.toMatchObject({ code: 'KIND_MISSING' });
  });

  it('scales what it says can be scaled', async () => {
    const world = openWorld();
    await world.create(KINDS.crd, definition());
    await world.create(thing('v1'), { metadata: { name: 'a' }, spec: { size: 2 } });
    await world.server.kube.patch(refTo(thing('v1'), 'test', 'a'), { spec: { replicas: 5 } }, { subresource: 'scale' });
    expect((await world.get(thing('v1'), 'a')).spec.size).toBe(5);
  });

  it('takes its objects along', async () => {
    const world = openWorld();
    await world.create(KINDS.crd, definition());
    await world.create(thing('v1'), { metadata: { name: 'a' } });
    await world.remove(KINDS.crd, 'things.example.org');
    await expect(world.server.kube.list(thing('v1'))).rejects.toMatchObject({ code: 'KIND_MISSING' });
    await world.create(KINDS.crd, definition());
    expect((await world.server.kube.list(thing('v1'))).items).toEqual([]);
  });

  it.each([
    ['its name does not fit', { metadata: { name: 'x' } }, 'must be spec.names.plural+"."+spec.group'],
    [
      'no version is stored',
      definition({ versions: [version('v1')] }),
      'must have exactly one version marked as storage version',
    ],
    [
      'a version has no schema',
      definition({ versions: [version('v1', { storage: true, schema: {} })] }),
      'schemas are required',
    ],
  ])('is refused when %s', async (_when, change, message) => {
    const world = openWorld();
    await expect(world.create(KINDS.crd, { ...definition(), ...change })).rejects.toThrow(message);
  });
});
