import { describe, expect, it } from 'vitest';
import {
  compareLeaves,
  fromFieldsV1,
  isBelow,
  leavesOf,
  splitPath,
  toFieldsV1,
} from '../../../../shared/sim/field-set.ts';
import { nativeShape, schemaShape } from '../../../../shared/sim/shapes.ts';

const shown = (paths: Iterable<string>): string[] => [...paths].map((path) => splitPath(path).join(' ')).sort();

const POD_SPEC = {
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'a' } },
    template: {
      spec: { containers: [{ name: 'c', ports: [{ containerPort: 80 }], args: ['x'] }], tolerations: [{ key: 'k' }] },
    },
  },
  metadata: { finalizers: ['f'], labels: { selector: 'l' } },
};

describe('the leaves of an object', () => {
  it('are scalars, atomic values, and elements of keyed lists', () => {
    const container = 'f:spec f:template f:spec f:containers k:{"name":"c"}';
    expect(shown(leavesOf(POD_SPEC, nativeShape('Deployment')).keys())).toEqual(
      [
        'f:spec f:replicas',
        'f:spec f:selector',
        container,
        `${container} f:name`,
        `${container} f:args`,
        `${container} f:ports k:{"containerPort":80,"protocol":"TCP"}`,
        `${container} f:ports k:{"containerPort":80,"protocol":"TCP"} f:containerPort`,
        'f:spec f:template f:spec f:tolerations',
        'f:metadata f:finalizers v:"f"',
        'f:metadata f:labels f:selector',
      ].sort(),
    );
  });

  it('follow the list types of a schema', () => {
    const items = { type: 'object', properties: { id: { type: 'string' } } };
    const schema = {
      properties: {
        spec: {
          properties: {
            keyed: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['id'], items },
            set: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
            plain: { type: 'array', items },
            whole: { type: 'object', 'x-kubernetes-map-type': 'atomic' },
          },
        },
      },
    };
    const object = { spec: { keyed: [{ id: 'a' }], set: ['x'], plain: [{ id: 'b' }], whole: { a: 1 } } };
    expect(shown(leavesOf(object, schemaShape(schema)).keys())).toEqual(
      [
        'f:spec f:keyed k:{"id":"a"}',
        'f:spec f:keyed k:{"id":"a"} f:id',
        'f:spec f:set v:"x"',
        'f:spec f:plain',
        'f:spec f:whole',
      ].sort(),
    );
  });

  it('tell what changed and what is gone', () => {
    const shape = nativeShape('ConfigMap');
    const before = leavesOf({ data: { a: '1', b: '2' } }, shape);
    const after = leavesOf({ data: { a: '1', b: '3', c: '4' } }, shape);
    const { changed, removed } = compareLeaves(before, after);
    expect([shown(changed), shown(removed)]).toEqual([['f:data f:b', 'f:data f:c'], []]);
    expect(shown(compareLeaves(after, before).removed)).toEqual(['f:data f:c']);
  });
});

describe('fieldsV1', () => {
  it('says the same as the set it is written from', () => {
    const set = new Set(leavesOf(POD_SPEC, nativeShape('Deployment')).keys());
    expect(fromFieldsV1(toFieldsV1(set))).toEqual(set);
  });

  it('marks an element that stands for itself beside its fields', () => {
    const set = new Set(leavesOf({ spec: { containers: [{ name: 'c' }] } }, nativeShape('Pod')).keys());
    expect(toFieldsV1(set)).toEqual({ 'f:spec': { 'f:containers': { 'k:{"name":"c"}': { '.': {}, 'f:name': {} } } } });
  });

  it('tells below from beside', () => {
    const [parent = '', child = ''] = [
      ...leavesOf({ spec: { containers: [{ name: 'c' }] } }, nativeShape('Pod')).keys(),
    ];
    expect([isBelow(child, parent), isBelow(parent, child), isBelow(`${parent}x`, parent)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
