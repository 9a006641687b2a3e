import { describe, expect, it } from 'vitest';
import type { KubeObject, OwnerReference } from '../../../../shared/api/kube.ts';
import { copyConfig, trackedConfig } from '../../../../shared/engine/configs.ts';

const configMap = (name: string, more: object = {}, metadata: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'test', ...metadata },
  data: { color: 'red' },
  ...more,
});

const ownedBy = (uid: string, controller: boolean): OwnerReference => ({
  apiVersion: 'flagger.app/v1beta1',
  kind: 'Canary',
  name: `canary-${uid}`,
  uid,
  controller,
  blockOwnerDeletion: true,
});

const written = (copy: KubeObject | undefined, original = configMap('app')) => {
  const config = trackedConfig({ kind: 'configmap', name: 'app', isOptional: false }, original);
  if (config === undefined) throw new Error('not tracked');
  return copyConfig(config, copy, {}, ownedBy('ours', true));
};

const copyOwnedBy = (...ownerReferences: OwnerReference[]): KubeObject =>
  configMap('app-primary', {}, { resourceVersion: '7', ownerReferences });

describe('the checksums of a ConfigMap', () => {
  it('count its binary data, and tell what they are without', () => {
    const of = (more: object) =>
      trackedConfig({ kind: 'configmap', name: 'app', isOptional: false }, configMap('app', more));
    expect(of({})).toMatchObject({ checksum: '241889ca0604e333', textChecksum: '241889ca0604e333' });
    const binary = of({ binaryData: { key: 'AAEC' } });
    expect(binary?.textChecksum).toBe('241889ca0604e333');
    expect(binary?.checksum).not.toBe(binary?.textChecksum);
  });
});

describe("the primary's copy of a ConfigMap", () => {
  it('is left alone where it holds the same and is ours', () => {
    expect(written(copyOwnedBy(ownedBy('ours', true)))).toEqual([]);
    expect(written(copyOwnedBy(ownedBy('another', true), ownedBy('ours', false)))).toEqual([]);
  });

  it('that another Canary made too stays when that one goes', () => {
    const owners = [ownedBy('another', false), ownedBy('ours', true)];
    expect(written(copyOwnedBy(ownedBy('another', true)))).toMatchObject([
      {
        do: 'replace',
        object: { metadata: { resourceVersion: '7', ownerReferences: owners }, data: { color: 'red' } },
      },
    ]);
    expect(written(copyOwnedBy(ownedBy('another', true)), configMap('app', { data: { color: 'blue' } }))).toMatchObject(
      [{ do: 'replace', object: { metadata: { ownerReferences: owners }, data: { color: 'blue' } } }],
    );
  });

  it('that can not be changed gets an owner all the same', () => {
    const fixed = { ...copyOwnedBy(ownedBy('another', true)), immutable: true };
    expect(written(fixed)).toMatchObject([{ do: 'replace', object: { immutable: true } }]);
  });

  it('that has to be made anew keeps its other owners', () => {
    const fixed = { ...copyOwnedBy(ownedBy('another', true)), immutable: true };
    expect(written(fixed, configMap('app', { data: { color: 'blue' } }))).toMatchObject([
      { do: 'delete' },
      {
        do: 'create',
        object: { metadata: { ownerReferences: [ownedBy('another', false), ownedBy('ours', true)] } },
      },
    ]);
  });
});
