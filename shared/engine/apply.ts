/** Carries out the actions of a decision, one write after the other; the first failure ends the pass. */
import type { Canary } from '../api/canary.ts';
import { KINDS } from '../api/kinds.ts';
import { type KubeObject, refKey } from '../api/kube.ts';
import type { Write } from '../api/model.ts';
import { CanaryError, hasCode } from '../errors.ts';
import type { Action } from '../rollout/world.ts';
import { copyRef } from './configs.ts';
import { type EngineDeps, FIELD_MANAGER } from './deps.ts';
import { finalizerWrite, renderAction } from './render.ts';
import type { Scene } from './scene.ts';

export type Applied = { wrote: number } | { problem: string };

/** Actions that may write the primary's ConfigMaps and Secrets. */
const COPIES: readonly Action['do'][] = ['promote', 'ensure-primary', 'remake-primary'];

/** Writes carry the version that was read, so a stale pass ends in a conflict and is taken again. */
export const apply = async (
  scene: Scene,
  actions: readonly Action[],
  deps: EngineDeps,
  signal: AbortSignal,
): Promise<Applied> => {
  let wrote = 0;
  for (const action of actions) {
    if (COPIES.includes(action.do)) await readCopies(scene, action, deps, signal);
    const rendered = renderAction(scene, action);
    if ('problem' in rendered) return rendered;
    for (const write of rendered.writes) {
      await send(scene, write, deps, signal);
      wrote += 1;
    }
  }
  return { wrote };
};

/** Where the spec can't be worked on, a deletion must still come to its end. */
export const applyBare = async (
  canary: Canary,
  actions: readonly Action[],
  deps: EngineDeps,
  signal: AbortSignal,
): Promise<Applied> => {
  if (!actions.some((action) => action.do === 'remove-finalizer')) return { wrote: 0 };
  assertMayWrite({ canary }, deps);
  const write = finalizerWrite(canary, false);
  deps.cache.put(
    KINDS.canary,
    await deps.kube.patch(write.ref, write.patch, { type: write.type, signal, fieldManager: FIELD_MANAGER }),
  );
  return { wrote: 1 };
};

/** The primary's ConfigMaps and Secrets are read only when they are about to be written. */
const readCopies = async (scene: Scene, action: Action, deps: EngineDeps, signal: AbortSignal): Promise<void> => {
  if (action.do === 'ensure-primary' && scene.objects.get(refKey(scene.primaryRef))) return;
  for (const config of scene.configs) {
    const ref = copyRef(config);
    scene.objects.set(refKey(ref), await deps.cache.get(ref, signal));
  }
};

const send = async (scene: Scene, write: Write, deps: EngineDeps, signal: AbortSignal): Promise<void> => {
  assertMayWrite(scene, deps);
  signal.throwIfAborted();
  const { ref } = write;
  if (write.do === 'delete') {
    await deps.kube.remove(ref, { signal }).catch((error: unknown) => {
      if (!hasCode(error, 'API_NOT_FOUND')) throw error;
    });
    deps.cache.drop(ref);
    scene.objects.set(refKey(ref), undefined);
    return;
  }
  const written = await sendObject(write, deps, signal);
  deps.cache.put(ref.kind, written);
  scene.objects.set(refKey(ref), written);
};

const sendObject = (
  write: Exclude<Write, { do: 'delete' }>,
  deps: EngineDeps,
  signal: AbortSignal,
): Promise<KubeObject> => {
  const options = { signal, fieldManager: FIELD_MANAGER };
  if (write.do === 'create') return deps.kube.create(write.ref.kind, write.object, options);
  if (write.do === 'replace') return deps.kube.replace(write.ref.kind, write.object, options);
  return deps.kube.patch(write.ref, write.patch, { ...options, type: write.type });
};

/** A driver whose lease has run out writes nothing more: another one may be at work. */
export const assertMayWrite = (scene: Pick<Scene, 'canary'>, deps: EngineDeps): void => {
  if (deps.mayWrite?.(scene.canary) === false)
    throw new CanaryError('LEASE_LOST', 'the lease has run out; another driver goes on');
};
