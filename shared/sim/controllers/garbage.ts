/** Garbage collection: what is owned goes when all its owners are gone; namespaces take their content along. */
import type { KubeObject } from '../../api/kube.ts';
import { textAt } from '../json.ts';
import type { ServedKind } from '../kinds.ts';
import { finalizersOf } from '../objects.ts';
import { type Controller, keyOf, type Workshop } from './runner.ts';

/** One key for the whole cluster: a pass looks at everything. */
const EVERYTHING = '/all';

const storages = (workshop: Workshop): ServedKind[] => {
  const seen = new Map<string, ServedKind>();
  for (const kind of workshop.server.registry.all()) if (kind.answer === undefined) seen.set(kind.storage, kind);
  return [...seen.values()];
};

/** Deletes dependents whose owners no longer exist, and completes foreground and orphan deletions. */
export const createGarbageCollector = (workshop: Workshop): Controller => {
  const { rest, caller, server } = workshop;

  const isAlive = (uids: ReadonlySet<string>, object: KubeObject): boolean =>
    (object.metadata.ownerReferences ?? []).some((owner) => uids.has(owner.uid));

  const release = async (kind: ServedKind, object: KubeObject, finalizer: string): Promise<void> => {
    const at = { kind, namespace: object.metadata.namespace ?? '', name: object.metadata.name };
    await rest.patch(
      at,
      'merge',
      { metadata: { finalizers: finalizersOf(object).filter((one) => one !== finalizer) } },
      caller,
    );
  };

  const dependents = (uid: string): { kind: ServedKind; object: KubeObject }[] =>
    storages(workshop).flatMap((kind) =>
      server.store
        .list(kind.storage, '')
        .filter((object) => (object.metadata.ownerReferences ?? []).some((owner) => owner.uid === uid))
        .map((object) => ({ kind, object })),
    );

  const finish = async (kind: ServedKind, object: KubeObject): Promise<void> => {
    const uid = object.metadata.uid ?? '';
    const owned = dependents(uid);
    if (finalizersOf(object).includes('orphan')) {
      for (const one of owned) {
        const ownerReferences = (one.object.metadata.ownerReferences ?? []).filter((owner) => owner.uid !== uid);
        await rest.patch(
          { kind: one.kind, namespace: one.object.metadata.namespace ?? '', name: one.object.metadata.name },
          'merge',
          { metadata: { ownerReferences } },
          caller,
        );
      }
      return release(kind, object, 'orphan');
    }
    if (!finalizersOf(object).includes('foregroundDeletion')) return;
    for (const one of owned) {
      const at = { kind: one.kind, namespace: one.object.metadata.namespace ?? '', name: one.object.metadata.name };
      if (one.object.metadata.deletionTimestamp === undefined)
        await rest.remove(at, { propagation: 'Foreground' }, caller);
    }
    if (dependents(uid).length === 0) await release(kind, object, 'foregroundDeletion');
  };

  return {
    name: 'garbage',
    keysOf(change) {
      const deleting = change.object.metadata.deletionTimestamp !== undefined && finalizersOf(change.object).length > 0;
      const orphaned = change.type === 'ADDED' && change.object.metadata.ownerReferences !== undefined;
      return change.type === 'DELETED' || deleting || orphaned ? [EVERYTHING] : [];
    },
    async sync() {
      const kinds = storages(workshop);
      const all = kinds.flatMap((kind) => server.store.list(kind.storage, '').map((object) => ({ kind, object })));
      const uids = new Set(all.map(({ object }) => object.metadata.uid ?? ''));
      for (const { kind, object } of all) {
        if (object.metadata.deletionTimestamp !== undefined) await finish(kind, object);
        else if ((object.metadata.ownerReferences ?? []).length > 0 && !isAlive(uids, object)) {
          await rest.remove(
            { kind, namespace: object.metadata.namespace ?? '', name: object.metadata.name },
            { uid: object.metadata.uid ?? '' },
            caller,
          );
        }
      }
      return undefined;
    },
  };
};

/** Empties a namespace that is being deleted, then lets it go. */
export const createNamespaceController = (workshop: Workshop): Controller => {
  const { rest, caller, server } = workshop;
  const spaces = workshop.kind('v1', 'namespaces');
  return {
    name: 'namespaces',
    keysOf(change) {
      if (change.resource === spaces.storage)
        return change.object.metadata.deletionTimestamp === undefined ? [] : [keyOf(change.object)];
      return change.type === 'DELETED' && change.object.metadata.namespace !== undefined
        ? [`/${change.object.metadata.namespace}`]
        : [];
    },
    async sync(_namespace, name) {
      const space = server.store.get(spaces.storage, '', name);
      if (space?.metadata.deletionTimestamp === undefined) return undefined;
      let left = 0;
      for (const kind of storages(workshop)) {
        if (!kind.namespaced) continue;
        for (const object of server.store.list(kind.storage, name)) {
          const { gone } = await rest.remove({ kind, namespace: name, name: object.metadata.name }, {}, caller);
          if (!gone) left += 1;
        }
      }
      if (left > 0 || textAt(space, 'status', 'phase') !== 'Terminating') return undefined;
      const present = server.store.get(spaces.storage, '', name);
      if (present !== undefined && finalizersOf(present).length === 0) server.store.remove(spaces.storage, present);
      return undefined;
    },
  };
};
