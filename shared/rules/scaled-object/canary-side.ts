/** SCALEDOBJECT-001 and -005 to -008: what the Canaries that use a ScaledObject expect of it. */
import { isGiven, listOf, type Raw, recordOf } from '../raw.ts';
import { type Draft, each, NOTHING, type Rule, type Subject, when } from '../rule.ts';
import { listed, quoted, shown } from '../text.ts';
import { boundsOf, clashOf, overridesOf } from './bounds.ts';
import { PAUSED_REPLICAS } from './pause.ts';
import { canaryLookups, type Referrer, referrersOf } from './referrers.ts';
import { scaleTargetOf, type Trigger, triggersOf } from './triggers.ts';

const MOST_KEYS = 50;
const SUFFIX = '-primary';

/** Where the name should stand, and how to get it there. */
const placeFor = (
  key: string,
  triggers: readonly Trigger[],
  before: readonly Trigger[],
): { path: string; remedy: string } => {
  const misplaced = triggers.find(({ name, misplacedName }) => name === '' && misplacedName === key);
  if (misplaced !== undefined) {
    const path = `spec.triggers[${misplaced.index}].name`;
    return {
      path,
      remedy: `It stands in metadata.name of trigger ${misplaced.index}, which KEDA ignores: move it to ${path}.`,
    };
  }
  const renamed = before.find(({ name }) => name === key);
  const unnamed = triggers.find(({ name, query }) => name === '' && query !== undefined);
  const index = renamed !== undefined && renamed.index < triggers.length ? renamed.index : unnamed?.index;
  return {
    path: index === undefined ? 'spec.triggers' : `spec.triggers[${index}].name`,
    remedy: `Name a trigger ${quoted(key)}, or change the Canary first.`,
  };
};

const missingTriggers: Rule<Subject>['check'] = ({ name, namespace, spec }, { others, old }) => {
  const triggers = triggersOf(spec);
  const names = triggers.map((trigger) => trigger.name).filter((known) => known !== '');
  const before = old === undefined ? [] : triggersOf(old.spec);
  return referrersOf(name, namespace, others).flatMap((canary) =>
    each(Object.keys(recordOf(canary.autoscalerRef['primaryScalerQueries'])).slice(0, MOST_KEYS), (key) => {
      if (names.includes(key)) return undefined;
      const { path, remedy } = placeFor(key, triggers, before);
      return {
        path,
        message: `Canary ${canary.name} replaces the query of trigger ${quoted(key)}, which is not here (there is: ${listed(names, 3)}). ${remedy}`,
        value: [canary.name, key],
        reason: 'FieldValueNotFound' as const,
      };
    }),
  );
};

const unpaused: Rule<Subject>['check'] = ({ name, namespace, annotations }, { others, old, byDriver }) => {
  if (
    byDriver ||
    old === undefined ||
    isGiven(annotations[PAUSED_REPLICAS]) ||
    !isGiven(old.annotations[PAUSED_REPLICAS])
  ) {
    return NOTHING;
  }
  const canary = referrersOf(name, namespace, others).find(({ idlePhase }) => idlePhase !== '');
  return when(canary !== undefined, () => ({
    path: `metadata.annotations[${PAUSED_REPLICAS}]`,
    message: `Canary ${canary?.name} is ${canary?.idlePhase}: without it ${shown(canary?.targetName)} wakes up although no rollout runs. Put it back; a rollout removes it by itself.`,
  }));
};

/** One draft for the first Canary that has something to complain of. */
const firstOf =
  (path: string, complaint: (canary: Referrer, spec: Raw) => string | undefined): Rule<Subject>['check'] =>
  ({ name, namespace, spec }, { others }) => {
    for (const canary of referrersOf(name, namespace, others)) {
      const message = complaint(canary, spec);
      if (message !== undefined) return [{ path, message, value: [canary.name, message] }];
    }
    return NOTHING;
  };

const otherTarget = firstOf('spec.scaleTargetRef', ({ name, targetKind, targetName }, spec) => {
  const scaled = scaleTargetOf(spec);
  if (scaled === undefined || (scaled.kind === targetKind && scaled.name === targetName)) return undefined;
  return `Canary ${name} expects it to scale ${shown(targetKind)} ${shown(targetName)}. Point it there, or change the Canary's autoscalerRef.`;
});

const crossedBounds = firstOf('spec', ({ name, autoscalerRef }, spec) => {
  const clash = clashOf(overridesOf(autoscalerRef), boundsOf('ScaledObject', spec));
  return clash === undefined
    ? undefined
    : `with primaryScalerReplicas of Canary ${name} ${clash}; KEDA would refuse it. Change one of the two.`;
});

const isOwnedByCanary = (raw: Raw): boolean =>
  listOf(recordOf(raw['metadata'])['ownerReferences']).some((owner) => recordOf(owner)['kind'] === 'Canary');

const takesGeneratedName: Rule<Subject>['check'] = ({ raw, name, namespace }, { others }) => {
  if (!name.endsWith(SUFFIX) || isOwnedByCanary(raw)) return NOTHING;
  const base = name.slice(0, -SUFFIX.length);
  return referrersOf(base, namespace, others)
    .slice(0, 1)
    .map(
      (canary): Draft => ({
        path: 'metadata.name',
        message: `clashes with the scaler that Canary ${canary.name} generates for ${shown(base)}. Choose another name.`,
        reason: 'FieldValueDuplicate',
      }),
    );
};

const row = (id: string, type: Rule<Subject>['class'], path: string, about: string) => ({
  id: `SCALEDOBJECT-${id}`,
  class: type,
  path,
  about,
  needs: canaryLookups,
});

export const CANARY_SIDE_RULES: readonly Rule<Subject>[] = [
  {
    ...row('001', 'X', 'spec.triggers[].name', 'a trigger that a Canary names is missing'),
    contradicts: true,
    check: missingTriggers,
  },
  {
    ...row('005', 'W', `metadata.annotations[${PAUSED_REPLICAS}]`, 'the pause of a parked target removed'),
    readsMetadata: true,
    check: unpaused,
  },
  { ...row('006', 'X', 'spec.scaleTargetRef', 'it does not scale the target of its Canary'), check: otherTarget },
  { ...row('007', 'X', 'spec', 'bounds that contradict a Canary'), check: crossedBounds },
  { ...row('008', 'W', 'metadata.name', 'the name of a generated object'), check: takesGeneratedName },
];
