import { expect, it } from 'vitest';
import { KINDS } from '../../../shared/api/kinds.ts';
import type { KubeObject, Ref } from '../../../shared/api/kube.ts';
import type { Kube } from '../../../shared/engine/ports.ts';
import { hasCode } from '../../../shared/errors.ts';
import { changed, type KubeUnderTest, newPlace } from './fixture.ts';
import { failsWith } from './reading.ts';

/** Where controllers run, they write too: reads again until its own write is not the stale one. */
const onLatest = async (
  kube: Kube,
  ref: Ref,
  write: (latest: KubeObject) => Promise<KubeObject>,
): Promise<KubeObject> => {
  for (;;) {
    try {
      return await write(await kube.get(ref));
    } catch (error) {
      if (!hasCode(error, 'API_CONFLICT')) throw error;
    }
  }
};

export const writing = (get: () => KubeUnderTest): void => {
  it('creates an object once', async () => {
    const { kube } = get();
    const place = await newPlace(kube);
    await kube.create(KINDS.configMap, place.configMap('once'));
    await failsWith(kube.create(KINDS.configMap, place.configMap('once')), 'API_EXISTS');
  });

  it('refuses an object that the API cannot have', async () => {
    const { kube } = get();
    const place = await newPlace(kube);
    await failsWith(kube.create(KINDS.deployment, { ...place.deployment('bad'), spec: {} }), 'API_INVALID');
  });

  it('replaces what was read and refuses what has changed since', async () => {
    const { kube } = get();
    const place = await newPlace(kube);
    const read = await kube.create(KINDS.configMap, place.configMap('cas'));
    const written = await kube.replace(KINDS.configMap, changed(read, { data: { a: '2' } }));
    expect(written['data']).toEqual({ a: '2' });
    expect(Number(written.metadata.resourceVersion)).toBeGreaterThan(Number(read.metadata.resourceVersion));
    await failsWith(kube.replace(KINDS.configMap, changed(read, { data: { a: '3' } })), 'API_CONFLICT');
    expect((await kube.get(place.ref(KINDS.configMap, 'cas')))['data']).toEqual({ a: '2' });
  });

  it('does not create what it was told to replace', async () => {
    const { kube } = get();
    const place = await newPlace(kube);
    const read = await kube.create(KINDS.configMap, place.configMap('gone'));
    await kube.remove(place.ref(KINDS.configMap, 'gone'));
    await failsWith(kube.replace(KINDS.configMap, changed(read, { data: {} })), 'API_NOT_FOUND');
  });

  it('leaves the version alone when nothing changes', async () => {
    const { kube } = get();
    const place = await newPlace(kube);
    const read = await kube.create(KINDS.configMap, place.configMap('same'));
    const again = await kube.replace(KINDS.configMap, read);
    expect(again.metadata.resourceVersion).toBe(read.metadata.resourceVersion);
  });

  it('keeps spec and status apart', async () => {
    const { kube } = get();
    const place = await newPlace(kube);
    const ref = place.ref(KINDS.deployment, 'app');
    const read = await kube.create(KINDS.deployment, place.deployment('app'));
    const spec = { ...(read['spec'] as object), replicas: 3 };
    const status = {
      observedGeneration: 1,
      conditions: [{ type: 'Available', status: 'False', reason: 'Test', message: '' }],
    };
    const afterStatus = await kube.patch(ref, { status, spec: { replicas: 3 } }, { subresource: 'status' });
    expect(afterStatus).toMatchObject({ spec: { replicas: 0 }, status: { observedGeneration: 1 } });
    expect(afterStatus.metadata.generation).toBe(read.metadata.generation);
    const afterSpec = await onLatest(kube, ref, (latest) =>
      kube.replace(KINDS.deployment, changed(latest, { spec, status: {} })),
    );
    expect(afterSpec['spec']).toMatchObject({ replicas: 3 });
    expect(afterSpec['status']).toMatchObject({ observedGeneration: 1 });
    expect(afterSpec.metadata.generation).toBe((read.metadata.generation ?? 0) + 1);
  });

  it('refuses a stale status write', async () => {
    const { kube } = get();
    const place = await newPlace(kube);
    const read = await kube.create(KINDS.deployment, place.deployment('stale'));
    await kube.patch(place.ref(KINDS.deployment, 'stale'), { metadata: { labels: { moved: 'yes' } } });
    const late = changed(read, { status: { observedGeneration: 9 } });
    await failsWith(kube.replace(KINDS.deployment, late, { subresource: 'status' }), 'API_CONFLICT');
  });

  it('removes once, and only what the preconditions mean', async () => {
    const { kube } = get();
    const place = await newPlace(kube);
    const ref = place.ref(KINDS.configMap, 'doomed');
    const read = await kube.create(KINDS.configMap, place.configMap('doomed'));
    const now = await kube.patch(ref, { data: { a: '2' } });
    await failsWith(kube.remove(ref, { uid: '00000000-0000-4000-8000-000000000000' }), 'API_CONFLICT');
    await failsWith(kube.remove(ref, { resourceVersion: read.metadata.resourceVersion ?? '' }), 'API_CONFLICT');
    const { uid = '', resourceVersion = '' } = now.metadata;
    await kube.remove(ref, { uid, resourceVersion, propagation: 'Background' });
    await failsWith(kube.remove(ref), 'API_NOT_FOUND');
  });

  it('keeps an object with a finalizer until that is gone', async () => {
    const { kube } = get();
    const place = await newPlace(kube);
    const ref = place.ref(KINDS.configMap, 'held');
    const object = place.configMap('held');
    object.metadata.finalizers = ['example.test/hold'];
    await kube.create(KINDS.configMap, object);
    await kube.remove(ref);
    const dying = await kube.get(ref);
    expect(dying.metadata.deletionTimestamp).toMatch(/^\d{4}-/);
    await kube.patch(ref, { metadata: { finalizers: null } });
    await failsWith(kube.get(ref), 'API_NOT_FOUND');
  });

  it('gives a new uid to an object of an old name', async () => {
    const { kube } = get();
    const place = await newPlace(kube);
    const first = await kube.create(KINDS.configMap, place.configMap('again'));
    await kube.remove(place.ref(KINDS.configMap, 'again'));
    const second = await kube.create(KINDS.configMap, place.configMap('again'));
    expect(second.metadata.uid).not.toBe(first.metadata.uid);
    expect(Number(second.metadata.resourceVersion)).toBeGreaterThan(Number(first.metadata.resourceVersion));
  });
};

export const patching = (get: () => KubeUnderTest): void => {
  it('merges: sets, adds and removes fields, replaces lists', async () => {
    const { kube } = get();
    const place = await newPlace(kube);
    await kube.create(KINDS.configMap, place.configMap('merge', { keep: '1', change: '1', drop: '1' }));
    const patch = { data: { change: '2', drop: null, add: '3' }, metadata: { annotations: { note: 'x' } } };
    const after = await kube.patch(place.ref(KINDS.configMap, 'merge'), patch, { type: 'merge' });
    expect(after['data']).toEqual({ keep: '1', change: '2', add: '3' });
    expect(after.metadata.annotations).toEqual({ note: 'x' });
  });

  it('insists on the version that a merge patch names', async () => {
    const { kube } = get();
    const place = await newPlace(kube);
    const ref = place.ref(KINDS.configMap, 'versioned');
    const read = await kube.create(KINDS.configMap, place.configMap('versioned'));
    const at = (version: string | undefined, a: string) => ({ metadata: { resourceVersion: version }, data: { a } });
    const next = await kube.patch(ref, at(read.metadata.resourceVersion, '2'));
    await failsWith(kube.patch(ref, at(read.metadata.resourceVersion, '3')), 'API_CONFLICT');
    expect(await kube.get(ref)).toEqual(next);
  });

  it('takes JSON patches and refuses one whose test fails', async () => {
    const { kube } = get();
    const place = await newPlace(kube);
    const ref = place.ref(KINDS.configMap, 'json');
    await kube.create(KINDS.configMap, place.configMap('json', { a: '1', b: '1' }));
    const good = [
      { op: 'test', path: '/data/a', value: '1' },
      { op: 'replace', path: '/data/a', value: '2' },
      { op: 'remove', path: '/data/b' },
    ];
    expect((await kube.patch(ref, good, { type: 'json' }))['data']).toEqual({ a: '2' });
    await failsWith(kube.patch(ref, good, { type: 'json' }), 'API_INVALID');
  });

  it('applies: creates, owns, refuses what another owns, and takes it over when told', async () => {
    const { kube } = get();
    const place = await newPlace(kube);
    const ref = place.ref(KINDS.configMap, 'applied');
    const wish = (data: Record<string, string>) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'applied', namespace: place.namespace },
      data,
    });
    const created = await kube.patch(ref, wish({ a: '1', b: '1' }), { type: 'apply', fieldManager: 'one' });
    expect(created['data']).toEqual({ a: '1', b: '1' });
    await failsWith(kube.patch(ref, wish({ a: '2' }), { type: 'apply', fieldManager: 'two' }), 'API_CONFLICT');
    const taken = await kube.patch(ref, wish({ a: '2' }), { type: 'apply', fieldManager: 'two', force: true });
    expect(taken['data']).toEqual({ a: '2', b: '1' });
    const less = await kube.patch(ref, wish({}), { type: 'apply', fieldManager: 'one' });
    expect(less['data']).toEqual({ a: '2' });
  });

  it('does not find what it was told to patch', async () => {
    const { kube } = get();
    const place = await newPlace(kube);
    await failsWith(kube.patch(place.ref(KINDS.configMap, 'absent'), { data: {} }), 'API_NOT_FOUND');
  });

  it('records who wrote', async () => {
    const { kube } = get();
    const place = await newPlace(kube);
    const written = await kube.create(KINDS.configMap, place.configMap('signed'), {
      fieldManager: 'canary-controller',
    });
    const managers = (written.metadata.managedFields ?? []) as { manager?: string }[];
    expect(managers.map((entry) => entry.manager)).toEqual(['canary-controller']);
  });
};
