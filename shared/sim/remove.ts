/** Deleting objects, with preconditions and finalizers. */
import type { KubeObject } from '../api/kube.ts';
import { type Context, timestamp } from './context.ts';
import { define, fieldsAt } from './json.ts';
import { finalizersOf } from './objects.ts';
import { hasSpecFinalizers, reviewOf, type Target } from './prepare.ts';
import { conflict, notFound } from './status.ts';

export interface RemoveOptions {
  readonly resourceVersion?: string;
  readonly uid?: string;
  /** `Background`, `Foreground` or `Orphan`. */
  readonly propagation?: string;
}

export interface Removed {
  readonly object: KubeObject;
  /** False: finalizers hold it. */
  readonly gone: boolean;
}

const checkPreconditions = (target: Target, old: KubeObject, options: RemoveOptions): void => {
  const { kind, name } = target;
  const [uid, version] = [old.metadata.uid ?? '', old.metadata.resourceVersion ?? ''];
  // Here the real server names the kind where it otherwise names the resource.
  const named = { ...kind.resource, plural: kind.kind };
  if (options.uid !== undefined && options.uid !== uid) {
    const why = `the UID in the precondition (${options.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`;
    throw conflict(named, name, why);
  }
  if (options.resourceVersion !== undefined && options.resourceVersion !== version) {
    const why = `the ResourceVersion in the precondition (${options.resourceVersion}) does not match the ResourceVersion in record (${version}). The object might have been modified`;
    throw conflict(named, name, why);
  }
};

const ADDED_FINALIZERS: Readonly<Record<string, readonly string[]>> = {
  Foreground: ['foregroundDeletion'],
  Orphan: ['orphan'],
};

const marked = (context: Context, target: Target, old: KubeObject, finalizers: string[]): KubeObject => {
  const { kind } = target;
  const metadata = {
    ...old.metadata,
    ...(finalizers.length === 0 ? {} : { finalizers }),
    deletionTimestamp: timestamp(context.clock.now()),
    ...(kind.generation ? { generation: (old.metadata.generation ?? 0) + 1 } : {}),
  };
  if (kind.storage === '/namespaces')
    return { ...old, metadata, status: { ...fieldsAt(old, 'status'), phase: 'Terminating' } };
  define(metadata, 'deletionGracePeriodSeconds', 0);
  return { ...old, metadata };
};

const admitRemoval = async (context: Context, target: Target, old: KubeObject): Promise<void> => {
  if (context.admission.isIdle()) return;
  const review = reviewOf(target, 'DELETE', { object: undefined, old });
  await context.admission.mutate(review);
  await context.admission.validate(review);
  const { kind, namespace, name } = target;
  if (context.store.get(kind.storage, namespace, name) !== old) throw conflict(kind.resource, name);
};

/** Deletes, or marks for deletion when finalizers hold the object. */
export const removeObject = async (context: Context, target: Target, options: RemoveOptions): Promise<Removed> => {
  const { kind, namespace, name, caller } = target;
  const old = context.store.get(kind.storage, namespace, name);
  if (old === undefined) throw notFound(kind.resource, name);
  checkPreconditions(target, old, options);
  await admitRemoval(context, target, old);
  const finalizers = [...new Set([...finalizersOf(old), ...(ADDED_FINALIZERS[options.propagation ?? ''] ?? [])])];
  if (finalizers.length === 0 && !hasSpecFinalizers(old)) {
    if (!caller.dryRun) context.store.remove(kind.storage, old);
    return { object: old, gone: true };
  }
  if (old.metadata.deletionTimestamp !== undefined) return { object: old, gone: false };
  const object = marked(context, target, old, finalizers);
  return { object: caller.dryRun ? object : context.store.put(kind.storage, object), gone: false };
};
