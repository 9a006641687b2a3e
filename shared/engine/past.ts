/** Looks for a former revision of the target among what the cluster keeps of it. */
import type { KubeObject } from '../api/kube.ts';
import type { Answer } from '../api/model.ts';
import { hasCode, messageOf } from '../errors.ts';
import type { EngineDeps } from './deps.ts';
import { namespaceOf, objectOf, revisionOf, type Scene } from './scene.ts';

/**
 * Listed only when somebody wants to go back, and not followed: an idle Canary costs nothing. What was found is noted
 * in the scene, for the write that puts it back. Throws CanaryErrors of the API server, but not for a missing right.
 */
export const askKept = async (
  scene: Scene,
  revision: string,
  deps: EngineDeps,
  signal: AbortSignal,
): Promise<Answer> => {
  const target = objectOf(scene, scene.targetRef);
  const { past } = scene.target;
  if (!target || !past) return { kind: 'kept', isKept: false };
  const selection = { namespace: namespaceOf(scene.canary), labelSelector: past.selectorOf(target), signal };
  try {
    const found = matching(scene, target, (await deps.kube.list(past.kind, selection)).items, revision);
    if (found) scene.restored = { revision, object: found };
    return { kind: 'kept', isKept: found !== undefined };
  } catch (error) {
    // A driver without the right to look must not stumble over the question for ever.
    if (!hasCode(error, 'API_FORBIDDEN')) throw error;
    return { kind: 'kept', isKept: false, error: messageOf(error) };
  }
};

const matching = (
  scene: Scene,
  target: KubeObject,
  kept: readonly KubeObject[],
  revision: string,
): KubeObject | undefined => {
  const former = kept.map((one) => scene.target.past?.asIn(target, one)).filter((one) => one !== undefined);
  return former.find((one) => revisionOf(scene.target, one) === revision);
};
