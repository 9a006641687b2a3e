import { describe, expect, it } from 'vitest';
import { createStore, type Notice, type Store } from '../../../../shared/kube/store.ts';
import { compareVersions, lean } from '../../../../shared/kube/versions.ts';
import { anObject, listOf } from '../../../make/scripted-kube.ts';

const heard = (notices: readonly Notice[]): string[] =>
  notices.map(({ change, object }) => `${change} ${object.metadata.name}@${object.metadata.resourceVersion}`);

const versionIn = (store: Store, name = 'a'): string | undefined => store.get('test', name)?.metadata.resourceVersion;

const filled = (...versions: number[]): Store => {
  const store = createStore();
  store.replace(listOf(10, ...versions.map((version) => anObject('a', version))), 0);
  return store;
};

describe('resource versions', () => {
  it.each([
    ['9', '10', -1],
    ['10', '9', 1],
    ['10', '10', 0],
    ['010', '10', 0],
    ['99999999999999999998', '99999999999999999999', -1],
    ['abc', 'abc', 0],
    ['abc', '10', undefined],
  ])('%s against %s is %s', (a, b, sign) => {
    const order = compareVersions(a, b);
    expect(order === undefined ? undefined : Math.sign(order)).toBe(sign);
  });

  it('are kept when the owners of fields are dropped, and the original is not touched', () => {
    const object = anObject('a', 1, { managedFields: [{}] });
    expect(lean(object).metadata).toEqual({ name: 'a', namespace: 'test', uid: 'uid-a', resourceVersion: '1' });
    expect(object.metadata.managedFields).toHaveLength(1);
  });
});

describe('a store under a watch', () => {
  it('announces what a first list holds', () => {
    const store = createStore();
    expect(heard(store.replace(listOf(10, anObject('a', 3), anObject('b', 7)), 0))).toEqual(['set a@3', 'set b@7']);
    expect(store.all().map((object) => object.metadata.name)).toEqual(['a', 'b']);
  });

  it('announces of a later list only what differs', () => {
    const store = createStore();
    store.replace(listOf(10, anObject('a', 3), anObject('b', 7), anObject('c', 8)), 0);
    const notices = store.replace(listOf(20, anObject('a', 3), anObject('b', 15), anObject('d', 16)), 0);
    expect(heard(notices)).toEqual(['deleted c@8', 'set b@15', 'set d@16']);
  });

  it('tells a deletion and a new object where one was recreated in a gap', () => {
    const store = filled(3);
    const notices = store.replace(listOf(20, anObject('a', 15, { uid: 'new' })), 0);
    expect(heard(notices)).toEqual(['deleted a@3', 'set a@15']);
    expect(store.get('test', 'a')?.metadata.uid).toBe('new');
  });

  it('tells a deletion and a new object where an event brings another uid', () => {
    const store = filled(3);
    expect(heard(store.apply({ type: 'MODIFIED', object: anObject('a', 15, { uid: 'new' }) }, 0))).toEqual([
      'deleted a@3',
      'set a@15',
    ]);
  });

  it('ignores what is older than what it has', () => {
    const store = filled(9);
    expect(store.apply({ type: 'MODIFIED', object: anObject('a', 8) }, 0)).toEqual([]);
    expect(versionIn(store)).toBe('9');
    expect(store.apply({ type: 'MODIFIED', object: anObject('a', 9) }, 0)).toEqual([]);
  });

  it('takes versions that are no numbers as they come', () => {
    const store = createStore();
    store.apply({ type: 'ADDED', object: anObject('a', 'x1') }, 0);
    expect(heard(store.apply({ type: 'MODIFIED', object: anObject('a', 'b2') }, 0))).toEqual(['set a@b2']);
  });
});

describe('a store and our own writes', () => {
  it('has a write at once and does not announce its echo', () => {
    const store = filled(3);
    store.put(anObject('a', 12));
    expect(versionIn(store)).toBe('12');
    expect(store.apply({ type: 'MODIFIED', object: anObject('a', 12) }, 0)).toEqual([]);
    expect(heard(store.apply({ type: 'MODIFIED', object: anObject('a', 13) }, 0))).toEqual(['set a@13']);
  });

  it('announces the change of somebody else that our write went over', () => {
    const store = filled(3);
    store.put(anObject('a', 12));
    expect(heard(store.apply({ type: 'MODIFIED', object: anObject('a', 11) }, 0))).toEqual(['set a@12']);
    expect(store.apply({ type: 'MODIFIED', object: anObject('a', 12) }, 0)).toEqual([]);
    expect(versionIn(store)).toBe('12');
  });

  it('knows the echoes of several writes', () => {
    const store = filled(3);
    for (const version of [11, 12, 13]) store.put(anObject('a', version));
    for (const version of [11, 12, 13])
      expect(store.apply({ type: 'MODIFIED', object: anObject('a', version) }, 0)).toEqual([]);
  });

  it('lets no late write win over a newer event', () => {
    const store = filled(3);
    store.apply({ type: 'MODIFIED', object: anObject('a', 15) }, 0);
    store.put(anObject('a', 12));
    expect(versionIn(store)).toBe('15');
  });

  it('waits for no echo of a write that changed nothing', () => {
    const store = filled(3);
    store.put(anObject('a', 3));
    expect(heard(store.replace(listOf(20, anObject('a', 3)), 0))).toEqual([]);
  });

  it('keeps an object that we made after a list was taken', () => {
    const store = createStore();
    store.put(anObject('a', 12));
    expect(store.replace(listOf(10), 0)).toEqual([]);
    expect(versionIn(store)).toBe('12');
    expect(heard(store.replace(listOf(14), 0))).toEqual(['deleted a@12']);
  });

  it('announces after a gap what it wrote, since others may have written before', () => {
    const store = filled(3);
    store.put(anObject('a', 12));
    expect(heard(store.replace(listOf(20, anObject('a', 12)), 0))).toEqual(['set a@12']);
    expect(store.replace(listOf(30, anObject('a', 12)), 0)).toEqual([]);
  });

  it('keeps its own write where the list is older', () => {
    const store = filled(3);
    store.put(anObject('a', 12));
    store.replace(listOf(11, anObject('a', 9)), 0);
    expect(versionIn(store)).toBe('12');
  });
});

describe('a store and deletions', () => {
  it('announces a deletion once', () => {
    const store = filled(3);
    expect(heard(store.apply({ type: 'DELETED', object: anObject('a', 12) }, 0))).toEqual(['deleted a@12']);
    expect(store.all()).toEqual([]);
  });

  it('does not let a late event bring back what we dropped', () => {
    const store = filled(3);
    store.drop('test', 'a', 0);
    expect(store.apply({ type: 'MODIFIED', object: anObject('a', 11) }, 1000)).toEqual([]);
    expect(versionIn(store)).toBeUndefined();
    expect(store.apply({ type: 'DELETED', object: anObject('a', 12) }, 1000)).toEqual([]);
    expect(store.all()).toEqual([]);
  });

  it('does not let a list taken before our deletion bring it back', () => {
    const store = filled(3);
    store.drop('test', 'a', 0);
    expect(store.replace(listOf(10, anObject('a', 3)), 1000)).toEqual([]);
    expect(store.all()).toEqual([]);
  });

  it('does not let a late answer to a write bring back what was deleted', () => {
    const store = filled(3);
    store.apply({ type: 'DELETED', object: anObject('a', 12) }, 0);
    store.put(anObject('a', 11));
    expect(store.all()).toEqual([]);
  });

  it('takes a new object of the same name at once', () => {
    const store = filled(3);
    store.drop('test', 'a', 0);
    expect(heard(store.apply({ type: 'ADDED', object: anObject('a', 15, { uid: 'new' }) }, 0))).toEqual(['set a@15']);
    expect(store.apply({ type: 'DELETED', object: anObject('a', 12) }, 0)).toEqual([]);
    expect(versionIn(store)).toBe('15');
  });

  it('sees that an object with a finalizer is still there', () => {
    const store = filled(3);
    store.drop('test', 'a', 0);
    const dying = anObject('a', 11, { deletionTimestamp: '2026-01-01T00:00:00Z' });
    expect(heard(store.apply({ type: 'MODIFIED', object: dying }, 0))).toEqual(['set a@11']);
  });

  it('believes events again after a minute: the deletion may not have happened', () => {
    const store = filled(3);
    store.drop('test', 'a', 0);
    expect(heard(store.apply({ type: 'MODIFIED', object: anObject('a', 30) }, 60_000))).toEqual(['set a@30']);
  });

  it('announces everything as deleted when the kind is gone', () => {
    const store = createStore();
    store.replace(listOf(10, anObject('a', 3), anObject('b', 4)), 0);
    expect(heard(store.clear())).toEqual(['deleted a@3', 'deleted b@4']);
    expect(store.size).toBe(0);
  });
});
