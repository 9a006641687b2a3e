import { describe, expect, it } from 'vitest';
import { configRefsOf, renameConfigRefs } from '../../../../shared/targets/config-refs.ts';
import type { PodSpec } from '../../../../shared/targets/pod-spec.ts';

/** Every place that may name a config, each with a name of its own. */
const everywhere: PodSpec = {
  serviceAccountName: 'x',
  imagePullSecrets: [{ name: 'pull' }],
  volumes: [
    { name: 'a', configMap: { name: 'vol-config', items: [{ key: 'k', path: 'p' }] } },
    { name: 'b', secret: { secretName: 'vol-secret', optional: true } },
    {
      name: 'c',
      projected: {
        defaultMode: 420,
        sources: [{ configMap: { name: 'proj-config' } }, { secret: { name: 'proj-secret' } }, { downwardAPI: {} }],
      },
    },
    { name: 'd', emptyDir: {} },
    { name: 'e', csi: { nodePublishSecretRef: { name: 'csi' } } },
  ],
  containers: [
    {
      name: 'main',
      env: [
        { name: 'PLAIN', value: '1' },
        { name: 'A', valueFrom: { configMapKeyRef: { name: 'env-config', key: 'k' } } },
        { name: 'B', valueFrom: { secretKeyRef: { name: 'env-secret', key: 'k', optional: true } } },
        { name: 'C', valueFrom: { fieldRef: { fieldPath: 'x' } } },
      ],
      envFrom: [{ prefix: 'P_', configMapRef: { name: 'from-config' } }, { secretRef: { name: 'from-secret' } }],
    },
    { name: 'bare' },
  ],
  initContainers: [{ name: 'init', envFrom: [{ configMapRef: { name: 'init-config' } }] }],
};

const KEYS = [
  'configmap/vol-config',
  'secret/vol-secret?',
  'configmap/proj-config',
  'secret/proj-secret',
  'configmap/env-config',
  'secret/env-secret?',
  'configmap/from-config',
  'secret/from-secret',
  'configmap/init-config',
];

const keys = (spec: PodSpec): string[] =>
  configRefsOf(spec).map(({ kind, name, isOptional }) => `${kind}/${name}${isOptional ? '?' : ''}`);

describe('the configs that pods read', () => {
  it('are found in volumes, environments and init containers, and nowhere else', () => {
    expect(keys(everywhere)).toEqual(KEYS);
  });

  it('are each named once, and the last place decides whether pods start without them', () => {
    const twice: PodSpec = {
      volumes: [{ name: 'a', configMap: { name: 'c' } }],
      containers: [{ envFrom: [{ configMapRef: { name: 'c', optional: true } }] }],
    };
    expect(keys(twice)).toEqual(['configmap/c?']);
    expect(keys({ ...twice, initContainers: [{ envFrom: [{ configMapRef: { name: 'c' } }] }] })).toEqual([
      'configmap/c',
    ]);
  });

  it.each<[string, PodSpec]>([
    ['no pods', {}],
    [
      'empty names',
      {
        volumes: [
          { name: 'a', configMap: { name: '' } },
          { name: 'b', secret: {} },
        ],
      },
    ],
  ])('are none with %s', (_what, spec) => {
    expect(keys(spec)).toEqual([]);
  });

  it('of one name are two where a ConfigMap and a Secret share it', () => {
    expect(keys({ volumes: [{ configMap: { name: 'a' } }, { secret: { secretName: 'a' } }] })).toEqual([
      'configmap/a',
      'secret/a',
    ]);
  });
});

describe('pods that read copies', () => {
  it('name the copies in every place, and keep all else', () => {
    const copied = new Set(KEYS.map((key) => key.replace('?', '')));
    const renamed = renameConfigRefs(everywhere, copied);
    expect(keys(renamed)).toEqual(
      KEYS.map((key) => (key.endsWith('?') ? `${key.slice(0, -1)}-primary?` : `${key}-primary`)),
    );
    const back = JSON.stringify(renamed).replaceAll('-primary"', '"');
    expect(JSON.parse(back)).toEqual(everywhere);
  });

  it('name only what is copied', () => {
    expect(keys(renameConfigRefs(everywhere, new Set(['configmap/env-config', 'secret/vol-config'])))).toEqual(
      KEYS.map((key) => (key === 'configmap/env-config' ? `${key}-primary` : key)),
    );
  });
});
