import { expect, it } from 'vitest';
import { KINDS } from '../../../shared/api/kinds.ts';
import { until } from '../../make/until.ts';
import { changesOf, type KubeUnderTest, NO_KIND, newPlace, watching } from './fixture.ts';

export const watchingChanges = (get: () => KubeUnderTest): void => {
  it('tells every change after the version of a list, in order, whole', async () => {
    const { kube } = get();
    const place = await newPlace(kube);
    const { namespace } = place;
    await kube.create(KINDS.configMap, place.configMap('before'));
    const { resourceVersion } = await kube.list(KINDS.configMap, { namespace, labelSelector: 'watched' });
    const watch = watching(kube, KINDS.configMap, resourceVersion, { namespace, labelSelector: 'watched' });
    const made = await kube.create(KINDS.configMap, place.configMap('a', { a: '1' }, { watched: 'yes' }));
    const moved = await kube.patch(place.ref(KINDS.configMap, 'a'), { data: { a: '2' } });
    await kube.remove(place.ref(KINDS.configMap, 'a'));
    const last = await watch.saw('DELETED', 'a');
    expect(changesOf(watch)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a']);
    const [added, modified] = watch.events;
    expect(added).toEqual({ type: 'ADDED', object: made });
    expect(modified).toEqual({ type: 'MODIFIED', object: moved });
    const version = last.type === 'BOOKMARK' ? '' : (last.object.metadata.resourceVersion ?? '');
    expect(Number(version)).toBeGreaterThan(Number(moved.metadata.resourceVersion));
    await watch.stop();
  });

  it('turns leaving and entering a selection into deletion and addition', async () => {
    const { kube } = get();
    const place = await newPlace(kube);
    const { namespace } = place;
    const ref = place.ref(KINDS.configMap, 'a');
    const { resourceVersion } = await kube.list(KINDS.configMap, { namespace });
    const watch = watching(kube, KINDS.configMap, resourceVersion, { namespace, labelSelector: 'in=yes' });
    await kube.create(KINDS.configMap, place.configMap('a'));
    await kube.patch(ref, { metadata: { labels: { in: 'yes' } } });
    await kube.patch(ref, { metadata: { labels: { in: 'no' } } });
    await watch.saw('DELETED', 'a');
    expect(changesOf(watch)).toEqual(['ADDED a', 'DELETED a']);
    await watch.stop();
  });

  it('resumes from the version of any event without a gap', async () => {
    const { kube } = get();
    const place = await newPlace(kube);
    const { namespace } = place;
    const first = await kube.create(KINDS.configMap, place.configMap('one', {}, { watched: 'yes' }));
    await kube.create(KINDS.configMap, place.configMap('two', {}, { watched: 'yes' }));
    const from = first.metadata.resourceVersion ?? '';
    const watch = watching(kube, KINDS.configMap, from, { namespace, labelSelector: 'watched' });
    await watch.saw('ADDED', 'two');
    expect(changesOf(watch)).toEqual(['ADDED two']);
    await watch.stop();
  });

  it('looks at one namespace or at all of them', async () => {
    const { kube } = get();
    const [here, there] = [await newPlace(kube), await newPlace(kube)];
    const { resourceVersion } = await kube.list(KINDS.deployment, { namespace: here.namespace });
    const one = watching(kube, KINDS.deployment, resourceVersion, { namespace: here.namespace });
    const all = watching(kube, KINDS.deployment, resourceVersion);
    await kube.create(KINDS.deployment, there.deployment('far'));
    await kube.create(KINDS.deployment, here.deployment('near'));
    await all.saw('ADDED', 'near');
    await one.saw('ADDED', 'near');
    // Others may work on the same server.
    const places = [here.namespace, there.namespace];
    const added = all.events.flatMap((event) => (event.type === 'ADDED' ? event.object.metadata : []));
    const ours = added.filter(({ namespace = '' }) => places.includes(namespace));
    expect(ours.map(({ name }) => name)).toEqual(['far', 'near']);
    expect(changesOf(one).some((change) => change.endsWith('far'))).toBe(false);
    await Promise.all([one.stop(), all.stop()]);
  });

  it('tells metadata alone when asked', async () => {
    const { kube } = get();
    const place = await newPlace(kube);
    const { namespace } = place;
    const { resourceVersion } = await kube.list(KINDS.configMap, { namespace });
    const watch = watching(kube, KINDS.configMap, resourceVersion, { namespace, metadataOnly: true });
    await kube.create(KINDS.configMap, place.configMap('light'));
    const event = await watch.saw('ADDED', 'light');
    const object = event.type === 'BOOKMARK' ? {} : event.object;
    expect(Object.keys(object).toSorted()).toEqual(['apiVersion', 'kind', 'metadata']);
    await watch.stop();
  });

  it('ends by itself when its time is over', async () => {
    const { kube } = get();
    const place = await newPlace(kube);
    const { namespace } = place;
    const { resourceVersion } = await kube.list(KINDS.configMap, { namespace });
    const watch = watching(kube, KINDS.configMap, resourceVersion, { namespace, timeoutSeconds: 1 });
    expect(await until(() => watch.ended(), 'the end of the watch')).toEqual({});
    await watch.stop();
  });

  it('ends when the caller gives up', async () => {
    const { kube } = get();
    const place = await newPlace(kube);
    const { resourceVersion } = await kube.list(KINDS.configMap, { namespace: place.namespace });
    const watch = watching(kube, KINDS.configMap, resourceVersion, { namespace: place.namespace });
    await watch.stop();
    expect(watch.ended()).toBeDefined();
  });

  it('says that a version is too old, and that a kind is not there', async () => {
    const { kube, tooOld } = get();
    const { kind, version } = await tooOld();
    const expired = watching(kube, kind, version);
    expect(await until(() => expired.ended(), 'the refusal')).toMatchObject({ error: { code: 'API_EXPIRED' } });
    const missing = watching(kube, NO_KIND, '1');
    expect(await until(() => missing.ended(), 'the refusal')).toMatchObject({ error: { code: 'KIND_MISSING' } });
  });
};
