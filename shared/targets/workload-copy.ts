/** What Deployments and DaemonSets do alike: the copy of the target that runs the stable revision. */
import type { Kind, KubeObject } from '../api/kube.ts';
import { REFERENCE_KEYS } from '../api/names.ts';
import { isSameJson } from '../api/same-json.ts';
import { type PodTemplate, specOf, templateOf } from './pod-spec.ts';
import { filterKeys, hasPrefix, PRIMARY_SUFFIX, selectorOf } from './pod-template.ts';
import type { PrimaryContext, Selector } from './target.ts';

type Fields = Record<string, unknown>;

export interface WorkloadShape {
  readonly kind: Kind;
  readonly word: string;
  /** Spec fields that the copy takes as they are. */
  readonly copied: readonly string[];
  /** Annotations that the kind's own controller keeps on the copy, never ours to remove or to bring. */
  isServerKey(key: string): boolean;
  /** The target's pods as the copy runs them. */
  templateFor(target: KubeObject, selector: Selector, context: PrimaryContext): PodTemplate;
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** What of the target's annotations is its own, and may stand on the copy. */
const mayBring =
  (shape: WorkloadShape) =>
  (key: string): boolean =>
    !shape.isServerKey(key) && key !== LAST_APPLIED;

const copiedFields = ({ copied }: WorkloadShape, target: KubeObject): Fields => {
  const spec = specOf(target);
  return Object.fromEntries(copied.filter((field) => spec[field] !== undefined).map((field) => [field, spec[field]]));
};

/** A new copy; `more` are spec fields of its kind alone. */
export const newCopy = (
  shape: WorkloadShape,
  target: KubeObject,
  context: PrimaryContext,
  more: Fields = {},
): KubeObject | { problem: string } => {
  const selector = selectorOf(shape.word, target, context.selectorLabels);
  if ('problem' in selector) return selector;
  const ownLabel = { [selector.label]: `${selector.value}${PRIMARY_SUFFIX}` };
  return {
    apiVersion: shape.kind.apiVersion,
    kind: shape.kind.kind,
    metadata: {
      name: context.ref.name,
      namespace: context.ref.namespace,
      labels: { ...filterKeys(target.metadata.labels, hasPrefix(context.includePrefixes)), ...ownLabel },
      annotations: filterKeys(target.metadata.annotations, mayBring(shape)),
      ownerReferences: [context.owner],
    },
    spec: {
      ...copiedFields(shape, target),
      ...more,
      selector: { matchLabels: ownLabel },
      template: shape.templateFor(target, selector, context),
    },
  };
};

interface Promotion {
  target: KubeObject;
  primary: KubeObject;
  context: PrimaryContext;
  /** Spec fields of its kind alone. */
  more?: Fields;
}

/** The live copy with the target's revision put in. */
export const promotedCopy = (shape: WorkloadShape, { target, primary, context, more = {} }: Promotion): KubeObject => {
  const selector = selectorOf(shape.word, target, context.selectorLabels) as Selector;
  const mayCopy = hasPrefix(context.includePrefixes);
  const kept = Object.entries(specOf(primary)).filter(([field]) => !shape.copied.includes(field));
  const isOwn = mayBring(shape);
  return {
    ...primary,
    metadata: {
      ...primary.metadata,
      labels: {
        ...filterKeys(target.metadata.labels, mayCopy),
        [selector.label]: `${selector.value}${PRIMARY_SUFFIX}`,
      },
      annotations: {
        ...filterKeys(primary.metadata.annotations, (key) => shape.isServerKey(key)),
        ...filterKeys(target.metadata.annotations, (key) => mayCopy(key) && isOwn(key)),
      },
    },
    spec: {
      ...Object.fromEntries(kept),
      ...copiedFields(shape, target),
      ...more,
      template: shape.templateFor(target, selector, context),
    },
  };
};

/** The id of the rollout that the copy was made in. */
export const copyIdOf = (primary: KubeObject): string | undefined =>
  templateOf(primary).metadata?.annotations?.[REFERENCE_KEYS.podId];

/** The copy with another id: its pods are replaced by equal ones. */
export const restarted = (copy: KubeObject, id: string): KubeObject => {
  if (copyIdOf(copy) === id) return copy;
  const template = templateOf(copy);
  const annotations = { ...template.metadata?.annotations, [REFERENCE_KEYS.podId]: id };
  return {
    ...copy,
    spec: { ...specOf(copy), template: { ...template, metadata: { ...template.metadata, annotations } } },
  };
};

/** True when the copy's pods are those of the target, their id aside. */
export const runsSame = (
  shape: WorkloadShape,
  target: KubeObject,
  primary: KubeObject,
  context: PrimaryContext,
): boolean => {
  const selector = selectorOf(shape.word, target, context.selectorLabels);
  if ('problem' in selector) return false;
  const wanted = shape.templateFor(target, selector, { ...context, rolloutId: copyIdOf(primary) ?? '' });
  return isSameJson(withoutClock(wanted), withoutClock(templateOf(primary)));
};

/** The API server writes `creationTimestamp: null` into templates that some clients send. */
export const withoutClock = (template: PodTemplate): PodTemplate => {
  const { creationTimestamp: _, ...metadata } = template.metadata ?? {};
  return { ...template, metadata };
};
