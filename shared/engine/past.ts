/** Looks for a former revision of the target among what the cluster keeps of it. */
import { digestOf } from '../api/digest.ts';
import type { Answer } from '../api/model.ts';
import type { EngineDeps } from './deps.ts';
import { namespaceOf, objectOf, type Scene } from './scene.ts';

/**
 * Listed only when somebody wants to go back, and not followed: an idle Canary costs nothing. What was found is noted
 * in the scene, for the write that puts it back. Throws CanaryErrors of the API server.
 */
export const askKept = async (scene: Scene, revision: string, deps: EngineDeps, signal: AbortSignal): Promise<Answer> => {
  const target = objectOf(scene, scene.targetRef);
  const { past } = scene.target;
  if (!target || !past) return { kind: 'kept', isKept: false };
  const selection = { namespace: namespaceOf(scene.canary), labelSelector: past.selectorOf(target), signal };
  for (const kept of (await deps.kube.list(past.kind, selection)).items) {
    const object = past.asIn(target, kept);
    if (object === undefined || digestOf(scene.target.revisionSource(object)) !== revision) continue;
    scene.restored = { revision, object };
    return { kind: 'kept', isKept: true };
  }
  return { kind: 'kept', isKept: false };
};
