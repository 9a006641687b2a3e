/** Former revisions of a target, as the cluster keeps them beside it. */
import { KINDS } from '../api/kinds.ts';
import type { Kind, KubeObject } from '../api/kube.ts';
import { type PodTemplate, specOf, templateOf } from './pod-spec.ts';

export interface PastCodec {
  /** What the cluster keeps a revision in. */
  readonly kind: Kind;
  /** A label selector that finds those of the target; others may be among them. */
  selectorOf(target: KubeObject): string;
  /** The target as it was then, all else left as it is now; undefined: `kept` is not of this target. */
  asIn(target: KubeObject, kept: KubeObject): KubeObject | undefined;
}

const selectorOf = (target: KubeObject): string =>
  Object.entries(specOf(target).selector?.matchLabels ?? {})
    .map(([label, value]) => `${label}=${value}`)
    .join(',');

const isOf = (target: KubeObject, kept: KubeObject): boolean =>
  kept.metadata.ownerReferences?.some((owner) => owner.controller === true && owner.uid === target.metadata.uid) ===
  true;

const withTemplate = (target: KubeObject, template: PodTemplate): KubeObject => ({
  ...target,
  spec: { ...specOf(target), template },
});

/** The Deployment controller tells the pods of its ReplicaSets apart by this label, which the template never had. */
const HASH_LABEL = 'pod-template-hash';

const deploymentTemplate = (replicaSet: KubeObject): PodTemplate => {
  const template = templateOf(replicaSet);
  const { [HASH_LABEL]: _, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
};

/** ReplicaSets, as many as `revisionHistoryLimit` says. */
export const replicaSets: PastCodec = {
  kind: KINDS.replicaSet,
  selectorOf,
  asIn: (target, kept) => (isOf(target, kept) ? withTemplate(target, deploymentTemplate(kept)) : undefined),
};

/** ControllerRevisions hold a patch that replaces the template. */
export const controllerRevisions = (
  reshape: (template: PodTemplate, target: KubeObject) => PodTemplate,
): PastCodec => ({
  kind: KINDS.controllerRevision,
  selectorOf,
  asIn: (target, kept) => {
    const { spec } = (kept['data'] ?? {}) as { spec?: { template?: PodTemplate & { $patch?: string } } };
    if (!isOf(target, kept) || spec?.template === undefined) return undefined;
    const { $patch: _, ...template } = spec.template;
    return withTemplate(target, reshape(template, target));
  },
});
