import { refKey } from '../api/kube.ts';
import type { Cache } from './ports.ts';

/** The same cache, telling each object (by `refKey`) just before it is read. */
export const noticingCache = (cache: Cache, onRead: (object: string) => void): Cache => ({
  get(ref, signal) {
    onRead(refKey(ref));
    return cache.get(ref, signal);
  },
  list: (kind, signal) => cache.list(kind, signal),
  put: (kind, object) => cache.put(kind, object),
  drop: (ref) => cache.drop(ref),
  onChange: (listener) => cache.onChange(listener),
  close: () => cache.close(),
});
