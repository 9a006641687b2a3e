/** Namespaces: one that is being deleted takes its content along and then goes. */

import type { ServedKind } from '../kinds.ts';
import { finalizersOf } from '../objects.ts';
import { type Controller, keyOf, type Workshop } from './runner.ts';

/** One kind for each place of storage, namespaced ones only. */
const contentKinds = (workshop: Workshop): ServedKind[] => {
  const kinds = workshop.server.registry.all().filter((kind) => kind.namespaced && kind.answer === undefined);
  return [...new Map(kinds.map((kind) => [kind.storage, kind])).values()];
};

/** The controller of Namespaces. */
export const createNamespaceController = (workshop: Workshop): Controller => {
  const { rest, caller, server } = workshop;
  const spaces = workshop.kind('v1', 'namespaces');

  const empty = async (namespace: string): Promise<number> => {
    let left = 0;
    for (const kind of contentKinds(workshop)) {
      for (const object of server.store.list(kind.storage, namespace)) {
        const { gone } = await rest.remove({ kind, namespace, name: object.metadata.name }, {}, caller);
        if (!gone) left += 1;
      }
    }
    return left;
  };

  return {
    name: 'namespaces',
    keysOf({ resource, object, type }) {
      const isSpace = resource === spaces.storage;
      if (isSpace) return object.metadata.deletionTimestamp === undefined ? [] : [keyOf(object)];
      return type === 'DELETED' && object.metadata.namespace !== undefined ? [`/${object.metadata.namespace}`] : [];
    },
    async sync(_namespace, name) {
      if (server.store.get(spaces.storage, '', name)?.metadata.deletionTimestamp === undefined) return undefined;
      if ((await empty(name)) > 0) return undefined;
      const space = server.store.get(spaces.storage, '', name);
      if (space !== undefined && finalizersOf(space).length === 0) server.store.remove(spaces.storage, space);
      return undefined;
    },
  };
};
