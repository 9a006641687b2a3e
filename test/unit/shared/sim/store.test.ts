import { describe, expect, it } from 'vitest';
import { Store } from '../../../../shared/sim/store.ts';

const object = (name: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { name, namespace: 'n' },
  ...more,
});

describe('the store', () => {
  it('numbers all changes of all resources in one row', () => {
    const store = new Store(10);
    const first = store.put('/a', object('x'));
    const second = store.put('/b', object('y'));
    store.remove('/a', first);
    expect([first, second].map(({ metadata }) => metadata.resourceVersion)).toEqual(['2', '3']);
    expect(store.revision()).toBe(4);
  });

  it('lists by namespace and name', () => {
    const store = new Store(10);
    for (const name of ['b', 'a']) store.put('/a', object(name));
    store.put('/a', { ...object('c'), metadata: { name: 'c', namespace: 'm' } });
    expect(store.list('/a', '').map(({ metadata }) => metadata.name)).toEqual(['c', 'a', 'b']);
    expect(store.list('/a', 'n').map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
  });

  it('remembers what came after a version', () => {
    const store = new Store(10);
    const from = store.put('/a', object('x')).metadata.resourceVersion;
    store.put('/a', object('x', { v: 2 }));
    store.remove('/a', object('x'));
    expect(store.since(Number(from)).map(({ type }) => type)).toEqual(['MODIFIED', 'DELETED']);
  });

  it('refuses versions that it has forgotten', () => {
    const store = new Store(2);
    for (let count = 0; count < 6; count += 1) store.put('/a', object('x', { count }));
    expect(() => store.since(1)).toThrow('too old resource version: 1');
    expect(store.since(store.revision())).toEqual([]);
  });

  it('forgets all at once when told to', () => {
    const store = new Store(10);
    const from = Number(store.put('/a', object('x')).metadata.resourceVersion);
    store.put('/a', object('y'));
    store.compact();
    expect(() => store.since(from)).toThrow('too old resource version');
  });

  it('tells everybody changes in the same order, also those that a listener makes', () => {
    const store = new Store(10);
    const seen: string[] = [];
    store.subscribe(({ object: { metadata } }) => {
      if (metadata.name === 'cause') store.put('/a', object('effect'));
    });
    store.subscribe(({ object: { metadata } }) => seen.push(metadata.name));
    store.put('/a', object('cause'));
    expect(seen).toEqual(['cause', 'effect']);
  });

  it('stops telling whoever has had enough', () => {
    const store = new Store(10);
    let count = 0;
    const stop = store.subscribe(() => (count += 1));
    store.put('/a', object('x'));
    stop();
    store.put('/a', object('y'));
    expect(count).toBe(1);
  });
});
