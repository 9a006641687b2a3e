/** What the core is told of the target's and the primary's workloads. */
import { canaryReadyThresholdOf, primaryReadyThresholdOf, progressDeadlineSecondsOf } from '../api/defaults.ts';
import type { KubeObject } from '../api/kube.ts';
import type { Readiness } from '../api/model.ts';
import { podsSince } from '../rollout/deadlines.ts';
import type { PrimaryFacts, TargetFacts } from '../rollout/world.ts';
import type { EngineDeps } from './deps.ts';
import {
  candidateOf,
  objectOf,
  primaryContextOf,
  primaryOf,
  revisionOf,
  type Scene,
  scalerContextOf,
} from './scene.ts';

const readinessOf = (scene: Scene, object: KubeObject, deps: EngineDeps, side: 'target' | 'primary'): Readiness => {
  const thresholdOf = side === 'target' ? canaryReadyThresholdOf : primaryReadyThresholdOf;
  return scene.target.readiness(object, {
    now: deps.clock.now(),
    thresholdPercent: thresholdOf(scene.canary),
    deadlineSeconds: progressDeadlineSecondsOf(scene.canary),
    since: podsSince(scene.canary, side),
    side,
    objects: scene.objects,
  });
};

/** The target as it is now, without what follows for the rollout. */
export const targetFacts = (scene: Scene, target: KubeObject, deps: EngineDeps): TargetFacts => {
  const context = scalerContextOf(scene);
  const source = context && objectOf(scene, context.source);
  const candidate = candidateOf(scene);
  return {
    kind: scene.target.kind.kind,
    readiness: readinessOf(scene, target, deps, 'target'),
    revision: revisionOf(scene.target, target),
    image: scene.target.imageOf(target),
    isParked: scene.target.isParked(target) || (candidate?.live !== undefined && candidate.wanted !== candidate.live),
    isScalerPaused: source !== undefined && scene.scaler?.isPaused(source) === true,
    canRestart: scene.target.restartPrimary !== undefined,
  };
};

/** Undefined before there is a primary. Without a target it is not told whether the primary runs the same. */
export const primaryFacts = (
  scene: Scene,
  target: KubeObject | undefined,
  deps: EngineDeps,
): PrimaryFacts | undefined => {
  const primary = primaryOf(scene);
  if (!primary) return undefined;
  const context = primaryContextOf(scene);
  const runsTarget = target !== undefined && scene.target.runsSame(target, primary, context);
  const copyId = scene.target.copyIdOf(primary);
  return {
    readiness: atZero(scene, primary, deps) ?? readinessOf(scene, primary, deps, 'primary'),
    runsTarget,
    replicas: scene.target.isScalable && scene.scaler ? scene.target.replicasOf(primary) : undefined,
    hasCopy: copyId === undefined ? runsTarget : target !== undefined && copyId === context.rolloutId,
  };
};

/** A primary without pods can't take traffic, whatever its Deployment says. Only KEDA may let it rest at zero. */
const atZero = (scene: Scene, primary: KubeObject, deps: EngineDeps): Readiness | undefined => {
  const { canary, target } = scene;
  if (!target.isScalable || target.replicasOf(primary) > 0) return undefined;
  const context = scalerContextOf(scene);
  const scaler = context && objectOf(scene, context.primary);
  if (scaler && scene.scaler?.mayRestAtZero?.(scaler) === true) return undefined;
  const since = podsSince(canary, 'primary');
  const deadlineAt = since === undefined ? undefined : since + progressDeadlineSecondsOf(canary) * 1000;
  return {
    ready: false,
    message: 'it is scaled to zero',
    deadlineExceeded: deadlineAt !== undefined && deadlineAt <= deps.clock.now(),
    isServing: false,
    ...(deadlineAt !== undefined && { deadlineAt }),
  };
};
