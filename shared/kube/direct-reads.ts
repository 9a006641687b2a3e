import type { Cache, Kube } from '../engine/ports.ts';
import { hasCode } from '../errors.ts';
import { lean } from './versions.ts';

/** The Cache port without a memory: each read is a request, nothing is watched. For a verb that looks once. */
export const directReads = (kube: Kube, { namespace = '' } = {}): Cache => ({
  async get(ref, signal) {
    try {
      return lean(await kube.get(ref, signal === undefined ? {} : { signal }));
    } catch (error) {
      if (hasCode(error, 'API_NOT_FOUND')) return undefined;
      throw error;
    }
  },
  async list(kind, signal) {
    const scope = kind.namespaced && namespace !== '' ? { namespace } : {};
    const { items } = await kube.list(kind, { ...scope, ...(signal === undefined ? {} : { signal }) });
    return items.map(lean);
  },
  put: () => {},
  drop: () => {},
  onChange: () => () => {},
  close: () => {},
});
