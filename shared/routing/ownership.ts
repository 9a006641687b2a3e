/** What of a traffic provider's objects is ours, what is a user's, and how users get theirs back. */
import type { KubeObject, ObjectMeta, Ref, StringMap } from '../api/kube.ts';
import type { Write } from '../api/model.ts';
import { ANNOTATIONS, DRIFT_ANNOTATIONS } from '../api/names.ts';
import { isSameJson } from '../api/same-json.ts';
import type { RouteContext } from './router.ts';
import { type Fields, fieldsOf, specOf } from './shape.ts';

/** Where the reference keeps the spec of an object that it took over. */
const ORIGINAL = 'flagger.kubernetes.io/original-configuration';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Was this object made for the Canary? It goes with it then; all others were there before. */
export const isOwn = (live: KubeObject, context: RouteContext): boolean =>
  (live.metadata.ownerReferences ?? []).some(
    (owner) => owner.controller === true && owner.kind === context.owner.kind && owner.name === context.owner.name,
  );

/** A user's object that the Canary routes by. */
export const isAdopted = (live: KubeObject | undefined, context: RouteContext): boolean =>
  live !== undefined && !isOwn(live, context);

/** One object as it shall be. */
export interface Wanted {
  ref: Ref;
  spec: Fields;
  /** Ours, beside those of others. */
  metadata?: { labels?: StringMap; annotations?: StringMap };
  /** Further fields that it is made with. */
  first?: Fields;
  /** Does a spec send traffic to our Services already? */
  isRouted?: (spec: Fields) => boolean;
  /** What of a spec counts when two are compared; all of it unless given. */
  comparable?: (spec: Fields) => unknown;
}

/** The write that makes the object or puts it right; none where it is so. Metadata of others stays. */
export const ensured = (context: RouteContext, live: KubeObject | undefined, wanted: Wanted): Write[] => {
  const { ref, spec, metadata = {} } = wanted;
  if (!live) return [{ do: 'create', ref, object: made(context, wanted) }];
  const comparable = wanted.comparable ?? ((any: Fields) => any);
  const isSame =
    isSameJson(comparable(specOf(live)), comparable(spec)) &&
    holds(live.metadata.labels, metadata.labels) &&
    holds(live.metadata.annotations, metadata.annotations);
  if (isSame) return [];
  const annotations = { ...live.metadata.annotations, ...metadata.annotations, ...original(context, live, wanted) };
  const labels = { ...live.metadata.labels, ...metadata.labels };
  const merged: ObjectMeta = {
    ...live.metadata,
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(Object.keys(annotations).length > 0 && { annotations }),
  };
  return [{ do: 'replace', ref, object: { ...live, metadata: merged, spec } }];
};

const made = (context: RouteContext, { ref, spec, metadata, first }: Wanted): KubeObject => ({
  apiVersion: ref.kind.apiVersion,
  kind: ref.kind.kind,
  metadata: {
    name: ref.name,
    ...(ref.namespace !== '' && { namespace: ref.namespace }),
    ...metadata,
    ownerReferences: [context.owner],
  },
  spec,
  ...first,
});

const holds = (live: StringMap | undefined, wanted: StringMap | undefined): boolean =>
  Object.entries(wanted ?? {}).every(([key, value]) => live?.[key] === value);

/** Remembers a user's spec before it is changed for the first time; kubectl's own memory is as good. */
const original = (context: RouteContext, live: KubeObject, { isRouted }: Wanted): StringMap => {
  const spec = specOf(live);
  return isOwn(live, context) || isRouted?.(spec) === true ? {} : memoryOf(live, spec);
};

/** The annotation that remembers what a user's object said; none where it is remembered already. */
export const memoryOf = (live: KubeObject, spec: Fields): StringMap => {
  const annotations = live.metadata.annotations ?? {};
  return LAST_APPLIED in annotations || ORIGINAL in annotations ? {} : { [ORIGINAL]: JSON.stringify(spec) };
};

/** What a user's object said, as kubectl or we remember it, in the order of preference. */
const memoriesOf = (live: KubeObject): Fields[] =>
  [LAST_APPLIED, ORIGINAL].map((key) => specIn(live, key)).filter((spec) => spec !== undefined);

export const rememberedSpec = (live: KubeObject): Fields | undefined => memoriesOf(live)[0];

/** What a user's object says or said before we routed by it; undefined: it is ours, or nobody remembers. */
export const firstSpec = (
  context: RouteContext,
  live: KubeObject | undefined,
  isRouted: (spec: Fields) => boolean,
): Fields | undefined => {
  if (!live || isOwn(live, context)) return undefined;
  const spec = specOf(live);
  return isRouted(spec) ? memoriesOf(live).find((one) => !isRouted(one)) : spec;
};

/**
 * Conditions of a user's own rules, where the Canary names none: requests of others must stay with others. None where a
 * rule, or one of ours as the reference writes them, takes everything: `conditionsIn` says so by an empty list.
 */
export const conditionsKept = (
  own: readonly Fields[],
  ours: readonly Fields[],
  conditionsIn: (rule: Fields) => readonly Fields[],
): Fields[] => ([...own, ...ours].some((rule) => conditionsIn(rule).length === 0) ? [] : own.flatMap(conditionsIn));

/** The object without the annotations that we wrote to it; those that its user had applied too are as they were. */
export const withoutOurMarks = (live: KubeObject): KubeObject => {
  const ours = new Set([ORIGINAL, ANNOTATIONS.affinity, ...Object.keys(DRIFT_ANNOTATIONS)]);
  const applied = fieldsOf(fieldsOf(jsonIn(live, LAST_APPLIED)['metadata'])['annotations']);
  const { annotations = {}, ...metadata } = live.metadata;
  const kept = Object.entries(annotations)
    .map(([key, value]) => [key, ours.has(key) ? applied[key] : value] as const)
    .filter(([, value]) => value !== undefined);
  return {
    ...live,
    metadata: { ...metadata, ...(kept.length > 0 && { annotations: Object.fromEntries(kept) as StringMap }) },
  };
};

/**
 * The write that gives a user's object back as it was. `toApex` is for one whose first spec nobody knows any more: it
 * takes out what leads to Services that go away. None for an object of ours: it goes with the Canary.
 */
export const restored = (
  context: RouteContext,
  live: KubeObject | undefined,
  { ref, isRouted, toApex }: Restorable,
): Write[] => {
  if (!live || isOwn(live, context)) return [];
  const found = memoriesOf(live).find((spec) => isRouted?.(spec) !== true);
  const spec = found ?? (isRouted?.(specOf(live)) === true ? toApex?.(specOf(live)) : undefined);
  if (spec === undefined) return [];
  const object = { ...withoutOurMarks(live), spec };
  return isSameJson(object, live) ? [] : [{ do: 'replace', ref, object }];
};

export interface Restorable extends Pick<Wanted, 'ref' | 'isRouted'> {
  toApex?: (spec: Fields) => Fields;
}

const specIn = (live: KubeObject, key: string): Fields | undefined => {
  const value = jsonIn(live, key);
  const spec = fieldsOf(key === LAST_APPLIED ? value['spec'] : value);
  return Object.keys(spec).length > 0 ? spec : undefined;
};

/** What an annotation holds; nothing where that can't be read. */
const jsonIn = (live: KubeObject, key: string): Fields => {
  try {
    return fieldsOf(JSON.parse(live.metadata.annotations?.[key] ?? ''));
  } catch {
    return {};
  }
};

/**
 * The rules with `ours` in the place of those that were ours; all others stay where they are. Of several that were apart
 * the last one tells the place: where the first rule that fits counts, ours may fit more than theirs did.
 */
export const spliced = (
  live: readonly Fields[],
  isOurs: (rule: Fields) => boolean,
  ours: readonly Fields[],
): Fields[] => {
  const last = live.findLastIndex(isOurs);
  const others = live.filter((rule) => !isOurs(rule));
  const at = last < 0 ? others.length : live.slice(0, last).filter((rule) => !isOurs(rule)).length;
  return [...others.slice(0, at), ...ours, ...others.slice(at)];
};
