import { expect, it } from 'vitest';
import { KINDS } from '../../../shared/api/kinds.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import { type KubeUnderTest, NO_KIND, newPlace } from './fixture.ts';

/** Rejects with a CanaryError of that code. */
export const failsWith = async (work: Promise<unknown>, code: ErrorCode): Promise<void> => {
  const error: unknown = await work.then(
    (value) => ({ resolved: value }),
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ name: 'CanaryError', code });
};

export const reading = (get: () => KubeUnderTest): void => {
  it('gets what was created, whole, with what the server adds', async () => {
    const { kube } = get();
    const place = await newPlace(kube);
    const created = await kube.create(KINDS.configMap, place.configMap('one', { a: '1', b: 'ä' }));
    expect(created).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', data: { a: '1', b: 'ä' } });
    for (const field of ['uid', 'resourceVersion', 'creationTimestamp'] as const)
      expect(created.metadata[field]).toMatch(/./);
    expect(await kube.get(place.ref(KINDS.configMap, 'one'))).toEqual(created);
  });

  it('tells a missing object from a missing kind', async () => {
    const { kube } = get();
    const place = await newPlace(kube);
    await failsWith(kube.get(place.ref(KINDS.configMap, 'absent')), 'API_NOT_FOUND');
    await failsWith(kube.get(place.ref(KINDS.deployment, 'absent')), 'API_NOT_FOUND');
    await failsWith(kube.get(place.ref(NO_KIND, 'absent')), 'KIND_MISSING');
    await failsWith(kube.list(NO_KIND), 'KIND_MISSING');
    const nothing = {
      apiVersion: NO_KIND.apiVersion,
      kind: NO_KIND.kind,
      metadata: { name: 'a', namespace: place.namespace },
    };
    await failsWith(kube.create(NO_KIND, nothing), 'KIND_MISSING');
  });

  it('lists a namespace or the whole cluster, each item saying what it is, at a version', async () => {
    const { kube } = get();
    const [here, there] = [await newPlace(kube), await newPlace(kube)];
    const names = Array.from({ length: 7 }, (_, index) => `item-${index}`);
    for (const name of names) await kube.create(KINDS.configMap, here.configMap(name));
    await kube.create(KINDS.configMap, there.configMap('elsewhere'));
    const list = await kube.list(KINDS.configMap, { namespace: here.namespace });
    const ours = list.items.filter((item) => item.metadata.name !== 'kube-root-ca.crt');
    expect(ours.map((item) => item.metadata.name).toSorted()).toEqual(names);
    expect(new Set(ours.map((item) => `${item.apiVersion} ${item.kind}`))).toEqual(new Set(['v1 ConfigMap']));
    expect(Number(list.resourceVersion)).toBeGreaterThan(0);
    const everywhere = (await kube.list(KINDS.configMap)).items.map((item) => item.metadata.namespace);
    expect(everywhere).toContain(here.namespace);
    expect(everywhere).toContain(there.namespace);
  });

  it('answers a list of nothing with no items', async () => {
    const { kube } = get();
    const place = await newPlace(kube);
    expect((await kube.list(KINDS.deployment, { namespace: place.namespace })).items).toEqual([]);
  });

  it('selects by label and by field', async () => {
    const { kube } = get();
    const place = await newPlace(kube);
    await kube.create(KINDS.configMap, place.configMap('red', {}, { colour: 'red' }));
    await kube.create(KINDS.configMap, place.configMap('blue', {}, { colour: 'blue', size: 'big' }));
    await kube.create(KINDS.configMap, place.configMap('plain'));
    const { namespace } = place;
    const named = async (options: object): Promise<string[]> =>
      (await kube.list(KINDS.configMap, { namespace, ...options })).items.map((item) => item.metadata.name).toSorted();
    expect(await named({ labelSelector: 'colour=red' })).toEqual(['red']);
    expect(await named({ labelSelector: 'colour in (red,blue),size!=big' })).toEqual(['red']);
    expect(await named({ labelSelector: 'colour' })).toEqual(['blue', 'red']);
    expect(await named({ fieldSelector: 'metadata.name=plain' })).toEqual(['plain']);
  });

  it('leaves out all but the metadata when asked', async () => {
    const { kube } = get();
    const place = await newPlace(kube);
    const created = await kube.create(KINDS.configMap, place.configMap('meta', { a: '1' }, { colour: 'red' }));
    const one = await kube.get(place.ref(KINDS.configMap, 'meta'), { metadataOnly: true });
    expect(one.metadata).toMatchObject({ name: 'meta', uid: created.metadata.uid, labels: { colour: 'red' } });
    expect(Object.keys(one).toSorted()).toEqual(['apiVersion', 'kind', 'metadata']);
    const list = await kube.list(KINDS.configMap, { namespace: place.namespace, metadataOnly: true });
    const item = list.items.find((found) => found.metadata.name === 'meta');
    expect(item?.metadata.resourceVersion).toBe(created.metadata.resourceVersion);
    expect(Object.keys(item ?? {}).toSorted()).toEqual(['apiVersion', 'kind', 'metadata']);
  });

  it('does nothing for a caller who has given up', async () => {
    const { kube } = get();
    const place = await newPlace(kube);
    const signal = AbortSignal.abort(new Error('given up'));
    await expect(kube.get(place.ref(KINDS.configMap, 'x'), { signal })).rejects.toThrow('given up');
    await expect(kube.create(KINDS.configMap, place.configMap('x'), { signal })).rejects.toThrow('given up');
    await failsWith(kube.get(place.ref(KINDS.configMap, 'x')), 'API_NOT_FOUND');
  });

  it('gives every caller objects of their own', async () => {
    const { kube } = get();
    const place = await newPlace(kube);
    const created = await kube.create(KINDS.configMap, place.configMap('own'));
    const mine = await kube.get(place.ref(KINDS.configMap, 'own'));
    (mine['data'] as Record<string, string>)['a'] = 'spoilt';
    expect(await kube.get(place.ref(KINDS.configMap, 'own'))).toEqual(created);
  });
};

export const dryRunAndRaw = (get: () => KubeUnderTest): void => {
  it('stores nothing in a dry run', async () => {
    const { kube } = get();
    const place = await newPlace(kube);
    const ref = place.ref(KINDS.configMap, 'dry');
    const shown = await kube.create(KINDS.configMap, place.configMap('dry'), { dryRun: true });
    expect(shown.metadata.name).toBe('dry');
    await failsWith(kube.get(ref), 'API_NOT_FOUND');
    const real = await kube.create(KINDS.configMap, place.configMap('dry'));
    await kube.patch(ref, { data: { a: '2' } }, { dryRun: true });
    await kube.remove(ref, { dryRun: true });
    expect(await kube.get(ref)).toEqual(real);
  });

  it('reads paths that are no resources', async () => {
    const { kube } = get();
    expect(await kube.raw('GET', '/version')).toMatchObject({ major: expect.any(String) as string });
    await failsWith(kube.raw('GET', '/no-such-path'), 'API_NOT_FOUND');
  });
};
