/** Reads everything one pass needs, once, and turns it into the world that the core decides by. */
import type { Canary } from '../api/canary.ts';
import { groupOf, type KubeObject, type Ref, refKey } from '../api/kube.ts';
import type { LiveRoutes } from '../api/model.ts';
import { isAnalysisPhase } from '../api/phase.ts';
import { hasCode, messageOf } from '../errors.ts';
import { specProblemOf } from '../rollout/soundness.ts';
import type { Fact, PrimaryFacts, World } from '../rollout/world.ts';
import { capabilitiesFor } from '../routing/index.ts';
import { configRefsOf } from '../targets/config-refs.ts';
import { podSpecOf } from '../targets/pod-spec.ts';
import { configObjectRef, copyRef, holdsSame, type TrackedConfig, trackedConfig } from './configs.ts';
import type { EngineDeps } from './deps.ts';
import {
  namespaceOf,
  objectOf,
  providerOf,
  routeContextOf,
  type Scene,
  scalerContextOf,
  sceneOf,
  selectorOf,
  serviceRefs,
} from './scene.ts';
import { primaryFacts, targetFacts } from './workload-facts.ts';

export interface Observation {
  world: World;
  /** Absent when the spec can't be worked on. */
  scene: Scene | undefined;
}

/** `problem`: what others know against this Canary, such as another one with the same target. */
export const observe = async (
  canary: Canary,
  deps: EngineDeps,
  problem: string | undefined,
  signal: AbortSignal,
): Promise<Observation> => {
  const scene = sceneOf(canary, deps.settings);
  if ('problem' in scene) return { world: brokenWorld(canary, deps, scene.problem), scene: undefined };
  const question = { capabilities: capabilitiesFor(scene.router, canary), needsPort: scene.target.hasPods };
  const specProblem = problem ?? specProblemOf(canary, question);
  await readWorkloads(scene, deps, signal);
  const target = objectOf(scene, scene.targetRef);
  if (target) await read(scene, deps, scene.target.relatedRefs?.(target) ?? [], signal);
  const selector = selectorOf(scene);
  const configs = target && (await readConfigs(scene, target, deps, signal));
  const scaler = await readScaler(scene, deps, signal);
  if (scene.target.hasPods) await read(scene, deps, serviceRefs(scene), signal);
  const routes = await readRoutes(scene, deps, signal);
  const isUnusable = selector !== undefined && 'problem' in selector;
  const primary = primaryFacts(scene, target, deps);
  const world: World = {
    ...worldOf(scene, deps, specProblem),
    target:
      target === undefined ? { problem: missingText(scene) } : isUnusable ? selector : targetFacts(scene, target, deps),
    primary: primary && {
      ...primary,
      hasCopy: primary.hasCopy || (await hasForeignCopy(scene, primary, deps, signal)),
    },
    scaler,
    configs,
    textConfigs: Object.fromEntries(scene.configs.map(({ key, textChecksum }) => [key, textChecksum])),
    routes,
  };
  return { world, scene };
};

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

const letters = (deps: EngineDeps, count: number): string =>
  Array.from({ length: count }, () => LETTERS.charAt(Math.floor(deps.random.next() * LETTERS.length))).join('');

const workloadRefs = ({ targetRef, primaryRef, candidateRef }: Scene): readonly Ref[] =>
  candidateRef ? [targetRef, primaryRef, candidateRef] : [targetRef, primaryRef];

const read = async (scene: Scene, deps: EngineDeps, refs: readonly Ref[], signal: AbortSignal): Promise<void> => {
  for (const ref of refs) scene.objects.set(refKey(ref), await deps.cache.get(ref, signal));
};

/** A kind that nobody installed has no objects. */
const readWorkloads = async (scene: Scene, deps: EngineDeps, signal: AbortSignal): Promise<void> => {
  try {
    await read(scene, deps, workloadRefs(scene), signal);
  } catch (error) {
    if (!hasCode(error, 'KIND_MISSING')) throw error;
  }
};

const worldOf = (scene: Scene, deps: EngineDeps, specProblem: string | undefined): World => ({
  now: deps.clock.now(),
  nonce: letters(deps, 20),
  canary: scene.canary,
  settings: {
    provider: scene.provider,
    clusterName: deps.settings.clusterName,
    observer: `${scene.provider}${scene.target.observerSuffix ?? ''}`,
  },
  capabilities: capabilitiesFor(scene.router, scene.canary),
  specProblem,
  target: { problem: '' },
  primary: undefined,
  scaler: undefined,
  configs: undefined,
  routes: undefined,
});

const NO_CAPABILITIES = {
  weights: false,
  match: [],
  mirror: 'none',
  mirrorWeight: false,
  sessionAffinity: 'none',
  iterationsOnly: true,
  retired: false,
} as const;

/** What can be said of a Canary of which nothing else is known. */
export const brokenWorld = (canary: Canary, deps: EngineDeps, specProblem: string): World => ({
  now: deps.clock.now(),
  nonce: '',
  canary,
  settings: { provider: providerOf(canary, deps.settings), clusterName: deps.settings.clusterName, observer: '' },
  capabilities: NO_CAPABILITIES,
  specProblem,
  target: { problem: specProblem },
  primary: undefined,
  scaler: undefined,
  configs: undefined,
  routes: undefined,
});

/** As the reference words a missing object. */
const notFoundText = (ref: Ref): string => {
  const group = groupOf(ref.kind.apiVersion);
  return `${ref.kind.plural}${group === '' ? '' : `.${group}`} "${ref.name}" not found`;
};

const missingText = (scene: Scene): string =>
  `${scene.target.word} ${scene.targetRef.name}.${scene.targetRef.namespace} get query error: ${notFoundText(scene.targetRef)}`;

/**
 * Where another controller ran this analysis its copies bear no id that we know: a primary that runs the target, its
 * ConfigMaps and Secrets too, has been given the copy. Asked once per take-over, since it costs reads.
 */
const hasForeignCopy = async (
  { canary, configs }: Scene,
  primary: PrimaryFacts,
  deps: EngineDeps,
  signal: AbortSignal,
): Promise<boolean> => {
  const { phase, revision } = canary.status ?? {};
  const isTakenOver = revision === undefined && isAnalysisPhase(phase);
  if (!isTakenOver || !primary.runsTarget) return false;
  for (const config of configs) {
    if (!holdsSame(config, await deps.cache.get(copyRef(config), signal))) return false;
  }
  return true;
};

const readScaler = async (
  scene: Scene,
  deps: EngineDeps,
  signal: AbortSignal,
): Promise<Fact<'present'> | undefined> => {
  const context = scalerContextOf(scene);
  if (!context || !scene.scaler) return undefined;
  const problem = (why: string) => ({
    problem: `${scene.scaler?.word} ${context.source.name}.${context.source.namespace} get query error: ${why}`,
  });
  try {
    await read(scene, deps, [context.source, context.primary], signal);
  } catch (error) {
    if (!hasCode(error, 'KIND_MISSING')) throw error;
    return problem(messageOf(error));
  }
  return objectOf(scene, context.source) ? 'present' : problem(notFoundText(context.source));
};

const readRoutes = async (
  scene: Scene,
  deps: EngineDeps,
  signal: AbortSignal,
): Promise<Fact<LiveRoutes> | undefined> => {
  const context = routeContextOf(scene);
  try {
    await read(scene, deps, scene.router.refs(context), signal);
  } catch (error) {
    if (!hasCode(error, 'KIND_MISSING')) throw error;
    return { problem: messageOf(error) };
  }
  return scene.router.parse(context, scene.objects);
};

/** A missing ConfigMap or Secret that pods can't start without is a problem; an optional one counts as absent. */
const readConfigs = async (
  scene: Scene,
  target: KubeObject,
  deps: EngineDeps,
  signal: AbortSignal,
): Promise<World['configs']> => {
  if (!deps.settings.configTracking || !scene.target.hasPods) return undefined;
  const found: TrackedConfig[] = [];
  for (const ref of configRefsOf(podSpecOf(target))) {
    const objectRef = configObjectRef(ref, namespaceOf(scene.canary));
    const object = await deps.cache.get(objectRef, signal);
    scene.objects.set(refKey(objectRef), object);
    if (object) {
      const tracked = trackedConfig(ref, object);
      if (tracked) found.push(tracked);
    } else if (!ref.isOptional) {
      const { name, namespace } = objectRef;
      const problem = `GetTargetConfigs failed: ${ref.kind} ${name}.${namespace} get query error: ${notFoundText(objectRef)}`;
      scene.configsProblem = problem;
      return { problem };
    }
  }
  scene.configs = found;
  return Object.fromEntries(found.map((config) => [config.key, config.checksum]));
};
