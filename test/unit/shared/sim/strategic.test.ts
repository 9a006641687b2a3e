import { describe, expect, it } from 'vitest';
import { nativeShape } from '../../../../shared/sim/shapes.ts';
import { strategicMerge } from '../../../../shared/sim/strategic.ts';

const DEPLOYMENT = nativeShape('Deployment');
const pod = (spec: object): object => ({ spec: { template: { spec } } });

describe('a strategic merge patch', () => {
  it.each([
    [
      'volume mounts by path',
      pod({ containers: [{ name: 'a', volumeMounts: [{ mountPath: '/x', name: 'v' }] }] }),
      pod({ containers: [{ name: 'a', volumeMounts: [{ mountPath: '/y', name: 'w' }] }] }),
      pod({
        containers: [
          {
            name: 'a',
            volumeMounts: [
              { mountPath: '/x', name: 'v' },
              { mountPath: '/y', name: 'w' },
            ],
          },
        ],
      }),
    ],
    [
      'container ports by number',
      pod({ containers: [{ name: 'a', ports: [{ containerPort: 80, name: 'http' }] }] }),
      pod({ containers: [{ name: 'a', ports: [{ containerPort: 80, hostPort: 8080 }] }] }),
      pod({ containers: [{ name: 'a', ports: [{ containerPort: 80, name: 'http', hostPort: 8080 }] }] }),
    ],
    [
      'tolerations as one value',
      pod({ tolerations: [{ key: 'a' }] }),
      pod({ tolerations: [{ key: 'b' }] }),
      pod({ tolerations: [{ key: 'b' }] }),
    ],
    [
      'labels as a map',
      { metadata: { labels: { a: '1', env: 'x' } } },
      { metadata: { labels: { b: '2', env: null } } },
      { metadata: { labels: { a: '1', b: '2' } } },
    ],
  ])('merges %s', (_what, current, patch, result) => {
    expect(strategicMerge(current, patch, DEPLOYMENT)).toEqual(result);
  });

  it('merges Service ports by port, where container ports go by containerPort', () => {
    const current = { spec: { ports: [{ port: 80, name: 'http' }] } };
    const patch = { spec: { ports: [{ port: 80, targetPort: 8080 }, { port: 81 }] } };
    expect(strategicMerge(current, patch, nativeShape('Service'))).toEqual({
      spec: { ports: [{ port: 80, name: 'http', targetPort: 8080 }, { port: 81 }] },
    });
  });

  it('replaces a list that says so', () => {
    const patch = pod({ containers: [{ name: 'b' }, { $patch: 'replace' }] });
    expect(strategicMerge(pod({ containers: [{ name: 'a' }] }), patch, DEPLOYMENT)).toEqual(
      pod({ containers: [{ name: 'b' }] }),
    );
  });

  it('replaces and deletes maps that say so', () => {
    expect(strategicMerge({ a: { x: 1 } }, { a: { y: 2, $patch: 'replace' } }, DEPLOYMENT)).toEqual({ a: { y: 2 } });
    expect(strategicMerge({ a: { x: 1 }, b: 1 }, { a: { $patch: 'delete' } }, DEPLOYMENT)).toEqual({ b: 1 });
  });

  it('keeps only the keys that it retains', () => {
    const current = { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } };
    const patch = { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } };
    expect(strategicMerge(current, patch, DEPLOYMENT)).toEqual({ spec: { strategy: { type: 'Recreate' } } });
  });

  it('adds to and takes from a set of scalars', () => {
    const current = { metadata: { finalizers: ['a', 'b'] } };
    expect(strategicMerge(current, { metadata: { finalizers: ['b', 'c'] } }, DEPLOYMENT)).toEqual({
      metadata: { finalizers: ['a', 'b', 'c'] },
    });
    const taken = strategicMerge(current, { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'] } }, DEPLOYMENT);
    expect(taken).toEqual({ metadata: { finalizers: ['b'] } });
  });
});
