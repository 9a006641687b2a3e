/**
 * What the primary had when the rollout began is a floor until it ended: its autoscaler sees less traffic meanwhile, and
 * all of it comes back at once. A minimum is set only where the scaler went below, and nothing is raised above the floor.
 */
import type { KubeObject } from '../api/kube.ts';
import type { Write } from '../api/model.ts';
import { ANNOTATIONS } from '../api/names.ts';
import { objectOf, primaryOf, type Scene, scalerContextOf } from './scene.ts';

const floorOf = ({ canary, target }: Scene): number => (target.isScalable ? (canary.status?.primaryReplicas ?? 0) : 0);

const { held: HELD } = ANNOTATIONS;

const isMarked = ({ metadata }: KubeObject): boolean => metadata.annotations?.[HELD] !== undefined;

/** Only a minimum that we set is ours to take back: the source may have another one that nobody has promoted. */
const marked = (scaler: KubeObject): KubeObject => ({
  ...scaler,
  metadata: { ...scaler.metadata, annotations: { ...scaler.metadata.annotations, [HELD]: 'true' } },
});

const unmarked = (scaler: KubeObject): KubeObject => {
  const { annotations = {}, ...metadata } = scaler.metadata;
  const { [HELD]: _, ...others } = annotations;
  return { ...scaler, metadata: { ...metadata, ...(Object.keys(others).length > 0 && { annotations: others }) } };
};

/** The same object where its minimum is high enough. */
const raised = ({ scaler: codec }: Scene, scaler: KubeObject, least: number): KubeObject => {
  const object = codec?.withMinimum(scaler, least) ?? scaler;
  return object === scaler ? scaler : marked(object);
};

/** The primary back at its floor where its scaler went below. */
export const holdPrimary = (scene: Scene): Write[] => {
  const primary = primaryOf(scene);
  const context = scalerContextOf(scene);
  const scaler = context && objectOf(scene, context.primary);
  const floor = floorOf(scene);
  if (!primary || !context || !scaler || !scene.scaler || floor === 0) return [];
  const least = Math.min(floor, scene.scaler.mostReplicas(scaler));
  if (scene.target.replicasOf(primary) >= least) return [];
  const held = raised(scene, scaler, least);
  return [
    ...(held === scaler ? [] : [{ do: 'replace' as const, ref: context.primary, object: held }]),
    {
      do: 'patch',
      ref: scene.primaryRef,
      type: 'merge',
      patch: { metadata: { resourceVersion: primary.metadata.resourceVersion }, spec: { replicas: least } },
    },
  ];
};

/** The scaler's own minimum again, after a rollout that may have raised it. */
export const releasePrimary = (scene: Scene): Write[] => {
  const context = scalerContextOf(scene);
  const source = context && objectOf(scene, context.source);
  const scaler = context && objectOf(scene, context.primary);
  if (!context || !source || !scaler || !scene.scaler || !isMarked(scaler)) return [];
  const object = unmarked(scene.scaler.withoutMinimum(source, scaler, context));
  return [{ do: 'replace', ref: context.primary, object }];
};

/** A scaler brought up to its source keeps the minimum that the rollout has set. */
export const keepingMinimum = (scene: Scene, live: KubeObject, synced: KubeObject): KubeObject => {
  const { scaler } = scene;
  const floor = floorOf(scene);
  if (!scaler || floor === 0 || synced === live) return synced;
  const least = Math.min(floor, scaler.mostReplicas(synced));
  const isHeld = scaler.withMinimum(live, least) === live;
  return isHeld ? raised(scene, synced, least) : synced;
};
