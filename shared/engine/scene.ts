/** The codecs and names of one Canary: what `observe` reads by and `apply` writes by. */
import type { Canary } from '../api/canary.ts';
import { digestOf, uuidOf } from '../api/digest.ts';
import { KINDS } from '../api/kinds.ts';
import { type KubeObject, type OwnerReference, type Ref, refKey, refTo } from '../api/kube.ts';
import {
  apexNameOf,
  canaryNameOf,
  primaryNameOf,
  primaryScalerNameOf,
  primaryWorkloadNameOf,
  targetNameOf,
} from '../api/names.ts';
import { routerOf } from '../routing/index.ts';
import type { RouteContext, Router } from '../routing/router.ts';
import { type ServiceContext, type Side, serviceRef } from '../routing/services.ts';
import { scalerCodecOf } from '../scaling/index.ts';
import type { ScalerCodec, ScalerContext } from '../scaling/scaler.ts';
import { targetCodecOf } from '../targets/index.ts';
import { podSpecOf } from '../targets/pod-spec.ts';
import type { PrimaryContext, Selector, TargetCodec } from '../targets/target.ts';
import type { TrackedConfig } from './configs.ts';
import type { EngineSettings } from './settings.ts';

/** A working copy: what was read, and what this pass has written since. */
export type WorkingObjects = Map<string, KubeObject | undefined>;

export interface Scene {
  readonly canary: Canary;
  readonly canaryRef: Ref;
  readonly provider: string;
  readonly router: Router;
  readonly target: TargetCodec;
  readonly targetRef: Ref;
  readonly primaryRef: Ref;
  /** What routes to the new revision lead to, where the target's kind needs such an object. */
  readonly candidateRef: Ref | undefined;
  readonly scaler: ScalerCodec | undefined;
  readonly objects: WorkingObjects;
  readonly settings: EngineSettings;
  configs: readonly TrackedConfig[];
  /** What pods need and is not there; a copy of them would not start. */
  configsProblem?: string;
  /** The target as it was in a former revision, where somebody asked for it. */
  restored?: { revision: string; object: KubeObject };
}

export const ownerOf = (canary: Canary): OwnerReference => ({
  apiVersion: KINDS.canary.apiVersion,
  kind: KINDS.canary.kind,
  name: canary.metadata.name,
  uid: canary.metadata.uid ?? '',
  controller: true,
  blockOwnerDeletion: true,
});

export const namespaceOf = (canary: Canary): string => canary.metadata.namespace ?? '';

export const providerOf = (canary: Canary, settings: EngineSettings): string =>
  canary.spec?.provider ?? settings.meshProvider;

/** The scene, or why this Canary can't be worked on: one line naming the field. */
export const sceneOf = (canary: Canary, settings: EngineSettings): Scene | { problem: string } => {
  const provider = providerOf(canary, settings);
  const router = routerOf(provider);
  if (!router) return { problem: `spec.provider "${provider}" has no router in this version` };
  const { targetRef, autoscalerRef } = canary.spec;
  if (targetNameOf(canary) === '') return { problem: 'spec.targetRef.name is missing' };
  const target = targetCodecOf(targetRef);
  if (!target) return { problem: `spec.targetRef ${targetRef.apiVersion} ${targetRef.kind} cannot be rolled out` };
  const scaler = autoscalerRef ? scalerCodecOf(autoscalerRef.kind) : undefined;
  if (autoscalerRef && !scaler)
    return { problem: `spec.autoscalerRef.kind "${autoscalerRef.kind}" is not a known autoscaler` };
  const isSplitInside = target.holdsPrimary !== undefined;
  if (isSplitInside !== (router.capabilities.splitsTarget === true)) {
    return {
      problem: `spec.provider "${provider}" cannot route to a target of kind ${targetRef.apiVersion} ${targetRef.kind}`,
    };
  }
  if (isSplitInside && scaler)
    return { problem: `spec.autoscalerRef cannot scale ${targetRef.apiVersion} ${targetRef.kind}` };
  const namespace = namespaceOf(canary);
  const targetRefOf = (name: string) => refTo(target.kind, namespace, name);
  return {
    canary,
    canaryRef: refTo(KINDS.canary, namespace, canary.metadata.name),
    provider,
    router,
    target,
    targetRef: targetRefOf(targetNameOf(canary)),
    primaryRef: targetRefOf(isSplitInside ? targetNameOf(canary) : primaryWorkloadNameOf(canary)),
    candidateRef: target.candidate && targetRefOf(target.candidate.nameOf(targetNameOf(canary))),
    scaler,
    objects: new Map(),
    settings,
    configs: [],
  };
};

export const objectOf = (scene: Scene, ref: Ref): KubeObject | undefined => scene.objects.get(refKey(ref));

/** What holds the stable revision; undefined: nothing does yet. */
export const primaryOf = (scene: Scene): KubeObject | undefined => {
  const object = objectOf(scene, scene.primaryRef);
  return object && scene.target.holdsPrimary?.(object) === false ? undefined : object;
};

export const selectorOf = (scene: Scene): Selector | { problem: string } | undefined => {
  const target = objectOf(scene, scene.targetRef);
  return target && scene.target.hasPods ? scene.target.selectorOf(target, scene.settings.selectorLabels) : undefined;
};

/** Services that we make are named by the Canary; where copies of the target stand for them, by the target. */
const serviceNamesOf = ({ canary, primaryRef, candidateRef }: Scene) =>
  candidateRef
    ? { apex: targetNameOf(canary), primary: primaryRef.name, canaryName: candidateRef.name }
    : { apex: apexNameOf(canary), primary: primaryNameOf(canary), canaryName: canaryNameOf(canary) };

export const routeContextOf = (scene: Scene): RouteContext => {
  const selector = selectorOf(scene);
  const { settings } = scene;
  return {
    canary: scene.canary,
    namespace: namespaceOf(scene.canary),
    ...serviceNamesOf(scene),
    selectorLabel: selector && 'label' in selector ? selector.label : undefined,
    selectorValue: selector && 'value' in selector ? selector.value : undefined,
    owner: ownerOf(scene.canary),
    settings: {
      ingressAnnotationsPrefix: settings.ingressAnnotationsPrefix,
      ingressClass: settings.ingressClass,
      noCrossNamespaceRefs: settings.noCrossNamespaceRefs,
    },
  };
};

export const SIDES: readonly Side[] = ['canary', 'primary', 'apex'];

export const serviceRefs = (scene: Scene): Ref[] => SIDES.map((side) => serviceRef(routeContextOf(scene), side));

/** Undefined where the target has no pods that a Service could select. */
export const serviceContextOf = (scene: Scene): ServiceContext | undefined => {
  const selector = selectorOf(scene);
  const target = objectOf(scene, scene.targetRef);
  if (!target || !selector || 'problem' in selector) return undefined;
  return {
    ...routeContextOf(scene),
    selectorLabel: selector.label,
    selectorValue: selector.value,
    containers: podSpecOf(target).containers ?? [],
  };
};

export const scalerContextOf = (scene: Scene): ScalerContext | undefined => {
  const { canary, scaler } = scene;
  const { autoscalerRef } = canary.spec;
  if (!scaler || !autoscalerRef) return undefined;
  const namespace = namespaceOf(canary);
  return {
    autoscalerRef,
    target: targetNameOf(canary),
    primaryTarget: primaryWorkloadNameOf(canary),
    source: refTo(scaler.kind, namespace, autoscalerRef.name),
    primary: refTo(scaler.kind, namespace, primaryScalerNameOf(canary) ?? ''),
    owner: ownerOf(canary),
  };
};

/** Objects that were read are never changed: the digest of each is made once, however often it is asked for. */
const revisions = new WeakMap<KubeObject, string>();

/** Our name for what the target, or a former state of it, would run. */
export const revisionOf = (target: TargetCodec, object: KubeObject): string => {
  const known = revisions.get(object);
  if (known !== undefined) return known;
  const revision = digestOf(target.revisionSource(object));
  revisions.set(object, revision);
  return revision;
};

/**
 * Marks the primary's pods as this rollout's. The same for every driver of one rollout, so that a copy made twice is a
 * copy made once; another in the next one, so that each promotion replaces the pods.
 */
const rolloutIdOf = (scene: Scene): string => {
  const { canary, target, configs } = scene;
  const object = objectOf(scene, scene.targetRef);
  const rollout = canary.status?.history?.findLast((entry) => entry.result === 'running')?.number ?? 0;
  const revision = object && revisionOf(target, object);
  return uuidOf([canary.metadata.uid, rollout, revision, configs.map(({ key, checksum }) => [key, checksum])]);
};

export const primaryContextOf = (scene: Scene): PrimaryContext => ({
  ref: scene.primaryRef,
  owner: ownerOf(scene.canary),
  selectorLabels: scene.settings.selectorLabels,
  includePrefixes: scene.settings.includePrefixes,
  copiedConfigs: new Set(scene.configs.map((config) => config.key)),
  rolloutId: rolloutIdOf(scene),
  hasScaler: scene.scaler !== undefined,
  trafficDistribution: scene.canary.spec.service?.trafficDistribution,
});

/** The object that stands for the new revision, as it shall be; undefined: the kind needs none. */
export const candidateOf = (
  scene: Scene,
): { ref: Ref; live: KubeObject | undefined; wanted: KubeObject } | undefined => {
  const target = objectOf(scene, scene.targetRef);
  const {
    candidateRef: ref,
    target: { candidate },
  } = scene;
  if (!ref || !candidate || !target) return undefined;
  const context = { ...primaryContextOf(scene), ref };
  const live = objectOf(scene, ref);
  return { ref, live, wanted: live ? candidate.follow(target, live, context) : candidate.create(target, context) };
};
