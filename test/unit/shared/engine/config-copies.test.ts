import { describe, expect, it } from 'vitest';
import type { KubeObject, OwnerReference } from '../../../../shared/api/kube.ts';
import { copyConfig, type TrackedConfig, trackedConfig } from '../../../../shared/engine/configs.ts';
import type { ConfigRef } from '../../../../shared/targets/config-refs.ts';

const OWNER: OwnerReference = { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: 'podinfo', uid: 'c1' };

const METADATA = { name: 'settings', namespace: 'test' };

const aConfigMap = (content: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: METADATA,
  ...content,
});

const aSecret = (content: object): KubeObject => ({ apiVersion: 'v1', kind: 'Secret', metadata: METADATA, ...content });

const tracked = (object: KubeObject): TrackedConfig => {
  const kind: ConfigRef['kind'] = object.kind === 'Secret' ? 'secret' : 'configmap';
  const config = trackedConfig({ kind, name: 'settings', isOptional: false }, object);
  if (config === undefined) throw new Error('it is not tracked');
  return config;
};

const checksumOf = (content: object): string => tracked(aConfigMap(content)).checksum;

/** The primary's copy of this original, as the API server has it. */
const copyOf = (original: KubeObject, content: object = {}): KubeObject => ({
  ...original,
  metadata: { name: 'settings-primary', namespace: 'test', uid: 'u1', resourceVersion: '7', ownerReferences: [OWNER] },
  ...content,
});

const written = (original: KubeObject, copy: KubeObject | undefined): unknown[] =>
  copyConfig(tracked(original), copy, { team: 'a' }, OWNER).map((write) => [
    write.do,
    ...('object' in write ? [write.object] : [write.ref.name]),
  ]);

describe('the checksum of a tracked config', () => {
  it('counts binary data, and is that of the reference where there is none', () => {
    const data = { color: 'red' };
    expect(checksumOf({ data })).toBe('241889ca0604e333');
    expect(checksumOf({ data, binaryData: { logo: 'AAEC' } })).not.toBe(checksumOf({ data }));
    expect(checksumOf({ binaryData: { logo: 'AAEC' } })).not.toBe(checksumOf({ binaryData: { logo: 'AAED' } }));
  });
});

describe("the primary's copy of a config", () => {
  const all = { data: { color: 'red' }, binaryData: { logo: 'AAEC' }, immutable: true };

  it('is made with all that the original holds, labels and owner of its own', () => {
    const { apiVersion, kind } = aConfigMap({});
    const metadata = { name: 'settings-primary', namespace: 'test', labels: { team: 'a' }, ownerReferences: [OWNER] };
    expect(written(aConfigMap(all), undefined)).toEqual([['create', { apiVersion, kind, metadata, ...all }]]);
  });

  it('is not written while it holds the same', () => {
    expect(written(aConfigMap(all), copyOf(aConfigMap(all)))).toEqual([]);
  });

  it('is replaced with binary data too, as the version that was read', () => {
    const original = aConfigMap({ binaryData: { logo: 'AAED' } });
    const copy = copyOf(aConfigMap({ data: { color: 'red' }, binaryData: { logo: 'AAEC' } }));
    expect(written(original, copy)).toEqual([['replace', copyOf(original)]]);
  });

  it.each<[string, KubeObject, object]>([
    ['can not be changed', aConfigMap({ data: { color: 'blue' } }), { data: { color: 'red' }, immutable: true }],
    ['has another type', aSecret({ type: 'kubernetes.io/tls', data: { a: 'eA==' } }), { type: 'Opaque' }],
  ])('that %s is made anew', (_what, original, copy) => {
    expect(written(original, copyOf(original, copy))).toEqual([
      ['delete', 'settings-primary'],
      ['create', expect.objectContaining({ data: original['data'] })],
    ]);
  });
});
