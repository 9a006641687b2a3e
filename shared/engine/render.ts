/** Turns the core's intentions into writes, with the codecs of the scene. Nothing is written where nothing differs. */
import type { Canary } from '../api/canary.ts';
import { uuidOf } from '../api/digest.ts';
import { KINDS } from '../api/kinds.ts';
import { type KubeObject, refKey, refTo } from '../api/kube.ts';
import type { Rendered, Routes, Write } from '../api/model.ts';
import { FINALIZER } from '../api/names.ts';
import { knownCookies } from '../rollout/affinity.ts';
import type { Action } from '../rollout/world.ts';
import { ALL_TO_PRIMARY } from '../routing/router.ts';
import { type Side, serviceRestored, serviceWrite } from '../routing/services.ts';
import { copiedLabels, copyConfig, copyRef } from './configs.ts';
import { holdPrimary, keepingMinimum, releasePrimary } from './primary-capacity.ts';
import {
  candidateOf,
  objectOf,
  ownerOf,
  primaryContextOf,
  primaryOf,
  routeContextOf,
  type Scene,
  scalerContextOf,
  serviceContextOf,
} from './scene.ts';

const NOTHING: Rendered = { writes: [] };
const writes = (...some: readonly (Write | undefined)[]): Rendered => ({
  writes: some.filter((one) => one !== undefined),
});

type Renderer<A extends Action['do']> = (scene: Scene, action: Extract<Action, { do: A }>) => Rendered;

const ensureServices: Renderer<'ensure-services'> = (scene) => {
  const context = serviceContextOf(scene);
  if (!context) return ensureCandidate(scene);
  const sides: Side[] = ['canary', 'primary'];
  return writes(...sides.map((side) => serviceWrite(context, side, scene.objects)));
};

/** Made at once, but brought up to the target only when that is woken. */
const ensureCandidate = (scene: Scene): Rendered => {
  const candidate = candidateOf(scene);
  return candidate && !candidate.live
    ? writes({ do: 'create', ref: candidate.ref, object: candidate.wanted })
    : NOTHING;
};

const prepareRoutes: Renderer<'prepare-routes'> = (scene) =>
  scene.router.prepare?.(routeContextOf(scene), scene.objects) ?? NOTHING;

const ensureApex: Renderer<'ensure-apex'> = (scene) => {
  const context = serviceContextOf(scene);
  return context ? writes(serviceWrite(context, 'apex', scene.objects)) : NOTHING;
};

/** The primary's own ConfigMaps and Secrets, as the target's are now. */
const configWrites = (scene: Scene): Write[] =>
  scene.configs.flatMap((config) => {
    const labels = copiedLabels(config.object.metadata.labels, scene.settings.includePrefixes);
    return copyConfig(config, scene.objects.get(refKey(copyRef(config))), labels, ownerOf(scene.canary));
  });

const isProblemOf = (made: KubeObject | { problem: string }): made is { problem: string } => 'problem' in made;

const ensurePrimary: Renderer<'ensure-primary'> = (scene) => {
  const target = objectOf(scene, scene.targetRef);
  // A target that keeps its primary itself is the router's to divide.
  if (!target || objectOf(scene, scene.primaryRef)) return NOTHING;
  if (scene.configsProblem !== undefined) return { problem: scene.configsProblem };
  const object = scene.target.createPrimary(target, primaryContextOf(scene));
  if (isProblemOf(object)) return object;
  return writes(...configWrites(scene), { do: 'create', ref: scene.primaryRef, object });
};

/** With its own ConfigMaps and Secrets where they are left; its mark is that of no rollout, so that it counts as no copy. */
const remakePrimary: Renderer<'remake-primary'> = (scene, { revision }) => {
  const { restored } = scene;
  if (restored?.revision !== revision || objectOf(scene, scene.primaryRef)) return NOTHING;
  if (scene.configsProblem !== undefined) return { problem: scene.configsProblem };
  const context = { ...primaryContextOf(scene), rolloutId: uuidOf([scene.canary.metadata.uid, 'remade', revision]) };
  const object = scene.target.createPrimary(restored.object, context);
  if (isProblemOf(object)) return object;
  const missing = scene.configs.filter((config) => scene.objects.get(refKey(copyRef(config))) === undefined);
  return writes(...configWrites({ ...scene, configs: missing }), { do: 'create', ref: scene.primaryRef, object });
};

const promote: Renderer<'promote'> = (scene) => {
  const target = objectOf(scene, scene.targetRef);
  const primary = primaryOf(scene);
  if (!target || !primary) return ensurePrimary(scene, { do: 'ensure-primary' });
  if (scene.configsProblem !== undefined) return { problem: scene.configsProblem };
  const object = scene.target.promotePrimary(target, primary, primaryContextOf(scene));
  return writes(...configWrites(scene), { do: 'replace', ref: scene.primaryRef, object });
};

const ensurePrimaryScaler: Renderer<'ensure-primary-scaler'> = (scene) => {
  const context = scalerContextOf(scene);
  const source = context && objectOf(scene, context.source);
  if (!context || !source) return NOTHING;
  const primary = objectOf(scene, context.primary);
  // A copy that another controller made while the target was paused has inherited that. Later on it is a person's wish.
  const isTakenOver = scene.canary.status?.revision === undefined;
  if (primary) return isTakenOver ? writes(scene.scaler?.resume(context.primary, primary)) : NOTHING;
  return writes({
    do: 'create',
    ref: context.primary,
    object: scene.scaler?.createPrimary(source, context) as KubeObject,
  });
};

const syncPrimaryScaler: Renderer<'sync-primary-scaler'> = (scene) => {
  const context = scalerContextOf(scene);
  const source = context && objectOf(scene, context.source);
  const primary = context && objectOf(scene, context.primary);
  if (!context || !source || !primary || !scene.scaler)
    return ensurePrimaryScaler(scene, { do: 'ensure-primary-scaler' });
  const object = keepingMinimum(scene, primary, scene.scaler.syncPrimary(source, primary, context));
  return object === primary ? NOTHING : writes({ do: 'replace', ref: context.primary, object });
};

const holdScaler = (scene: Scene, isHeld: boolean): Rendered => {
  const context = scalerContextOf(scene);
  const source = context && objectOf(scene, context.source);
  if (!context || !source || !scene.scaler) return NOTHING;
  return writes(isHeld ? scene.scaler.pause(context.source, source) : scene.scaler.resume(context.source, source));
};

const parkTarget: Renderer<'park-target'> = (scene) => {
  const target = objectOf(scene, scene.targetRef);
  return target ? writes(scene.target.park(scene.targetRef, target)) : NOTHING;
};

/** As many pods as the scaler would start with, or as the primary has. */
const wakeTarget: Renderer<'wake-target'> = (scene) => {
  const target = objectOf(scene, scene.targetRef);
  if (!target) return NOTHING;
  const candidate = candidateOf(scene);
  if (candidate?.live && candidate.wanted !== candidate.live)
    return writes({ do: 'replace', ref: candidate.ref, object: candidate.wanted });
  const context = scalerContextOf(scene);
  const source = context && objectOf(scene, context.source);
  const primary = objectOf(scene, scene.primaryRef);
  const ofPrimary = primary ? Math.max(1, scene.target.replicasOf(primary)) : 1;
  const isLeaving = scene.canary.metadata.deletionTimestamp !== undefined;
  const replicas = source && scene.scaler && !isLeaving ? scene.scaler.minReplicas(source) : ofPrimary;
  return writes(scene.target.wake(scene.targetRef, target, replicas));
};

/** What nobody found is not written; the same revision is there already. */
const restoreTarget: Renderer<'restore-target'> = (scene, { revision }) => {
  const target = objectOf(scene, scene.targetRef);
  const { restored } = scene;
  if (!target || restored?.revision !== revision) return NOTHING;
  return writes({ do: 'replace', ref: scene.targetRef, object: restored.object });
};

const restartPrimary: Renderer<'restart-primary'> = (scene, { mark }) => {
  const primary = primaryOf(scene);
  const object = primary && scene.target.restartPrimary?.(primary, uuidOf([scene.canary.metadata.uid, mark]));
  return object === undefined || object === primary
    ? NOTHING
    : writes({ do: 'replace', ref: scene.primaryRef, object });
};

const route = (scene: Scene, routes: Routes): Rendered =>
  scene.router.render(routeContextOf(scene), routes, scene.objects);

const ensureRoutes: Renderer<'ensure-routes'> = (scene) => {
  const live = scene.router.parse(routeContextOf(scene), scene.objects);
  if (live !== undefined && 'problem' in live) return live;
  // A cookie whose rule somebody took out is still in users' browsers.
  const cookies = { ...knownCookies(scene.canary), ...live?.cookies };
  return route(scene, { ...(live ?? ALL_TO_PRIMARY), cookies });
};

/** The patch that adds or takes away our finalizer; others stay. */
export const finalizerWrite = (canary: Canary, isWanted: boolean): Extract<Write, { do: 'patch' }> => {
  const { name, namespace = '', resourceVersion, finalizers = [] } = canary.metadata;
  const others = finalizers.filter((one) => one !== FINALIZER);
  const patch = { metadata: { resourceVersion, finalizers: isWanted ? [...others, FINALIZER] : others } };
  return { do: 'patch', ref: refTo(KINDS.canary, namespace, name), type: 'merge', patch };
};

/** The user's apex Service leads to the target again; the provider's objects go their own way. */
const revertRoutes: Renderer<'revert-routes'> = (scene) => {
  const routes = scene.router.finalise(routeContextOf(scene), scene.objects);
  if ('problem' in routes) return routes;
  const context = serviceContextOf(scene);
  const apex = context && serviceRestored(context, scene.objects);
  return { writes: [...(apex ? [apex] : []), ...routes.writes] };
};

const RENDERERS: { [A in Action['do']]: Renderer<A> } = {
  'ensure-services': ensureServices,
  'prepare-routes': prepareRoutes,
  'ensure-primary': ensurePrimary,
  'remake-primary': remakePrimary,
  'ensure-primary-scaler': ensurePrimaryScaler,
  'ensure-apex': ensureApex,
  'ensure-routes': ensureRoutes,
  route: (scene, action) => route(scene, action.routes),
  promote,
  'sync-primary-scaler': syncPrimaryScaler,
  'hold-primary': (scene) => ({ writes: holdPrimary(scene) }),
  'release-primary': (scene) => ({ writes: releasePrimary(scene) }),
  'pause-scaler': (scene) => holdScaler(scene, true),
  'resume-scaler': (scene) => holdScaler(scene, false),
  'park-target': parkTarget,
  'wake-target': wakeTarget,
  'restore-target': restoreTarget,
  'restart-primary': restartPrimary,
  'add-finalizer': ({ canary }) => writes(finalizerWrite(canary, true)),
  'remove-finalizer': ({ canary }) => writes(finalizerWrite(canary, false)),
  'revert-routes': revertRoutes,
};

/** The writes of one action, by what the scene holds now; or why it can't be done. */
export const renderAction = (scene: Scene, action: Action): Rendered =>
  (RENDERERS[action.do] as (scene: Scene, action: Action) => Rendered)(scene, action);
