/** The form of a rule. Rules are functions from data to data; `judge.ts` decides what their word is worth. */
import type { Kind, KubeObject } from '../api/kube.ts';
import type { Finding } from '../api/model.ts';
import type { Input, JudgedKind, Lookup, Settings, Stage } from './input.ts';
import type { Raw } from './raw.ts';

/**
 * D: the request alone proves it wrong, deny. P: the same for what the schema would refuse unreadably, asked before
 * the schema. W: warn. X: another object has a say; denies only where `contradicts` is set, or in strict namespaces.
 */
export type RuleClass = 'D' | 'P' | 'W' | 'X';

/** An object opened for reading, whatever its kind. */
export interface Subject {
  readonly raw: Raw;
  readonly name: string;
  readonly namespace: string;
  readonly annotations: Raw;
  readonly spec: Raw;
}

/** What a rule found, before anybody decided how severe that is. */
export interface Draft {
  readonly path: string;
  /** One sentence on what happens, one on what to do. */
  readonly message: string;
  /** What the finding is about: equal in the old object means that this request did not bring it. */
  readonly value?: unknown;
  /** Only a warning, whatever the class of the rule: nothing is proven, or the other object is not there (yet). */
  readonly soft?: boolean;
  readonly reason?: Finding['reason'];
}

/** Other objects, after the engine saw to it that every look-up of the rule was answered. */
export interface Others {
  one(kind: Kind, namespace: string, name: string): KubeObject | undefined;
  all(kind: Kind, namespace: string): readonly KubeObject[];
}

export interface Context<S extends Subject> {
  readonly operation: Input['operation'];
  readonly settings: Settings;
  /** The object before this request; absent on CREATE and while the old object itself is judged. */
  readonly old?: S;
  /** True when a driver of rollouts asks. */
  readonly byDriver: boolean;
  /** True when the object has not passed an API server: unknown fields still stand in it. */
  readonly unpruned: boolean;
  readonly others: Others;
}

export interface Rule<S extends Subject> {
  /** Stable, never reused. */
  readonly id: string;
  readonly class: RuleClass;
  /** Where it looks, for the documentation. */
  readonly path: string;
  /** What it is about, in a few words, for the documentation. */
  readonly about: string;
  /** X only: denies when the other object exists and contradicts. */
  readonly contradicts?: boolean;
  /** Requests it is asked about; CREATE and UPDATE where absent. */
  readonly on?: readonly Input['operation'][];
  /** With look-ups, and asked even where an update leaves the spec as it was. */
  readonly readsMetadata?: boolean;
  /** What must be looked up first; an empty answer means that the rule has nothing to say. */
  needs?(subject: S): readonly Lookup[];
  check(subject: S, context: Context<S>): readonly Draft[];
}

/** What the documentation, `validate --explain` and the escape hatch know of a rule. */
export type RuleEntry = Pick<Rule<Subject>, 'id' | 'class' | 'path' | 'about'> & {
  readonly kinds: readonly JudgedKind[];
};

/** Nothing found: shared, so that a good object costs no memory. */
export const NOTHING: readonly Draft[] = Object.freeze([]);

/** One draft as a list; nothing when the condition does not hold. */
export const when = (holds: boolean, draft: () => Draft): readonly Draft[] => (holds ? [draft()] : NOTHING);

/** Nobody reads more of one kind, and a list of a million mistakes must not cost a million messages. */
const MOST_DRAFTS = 20;

/** Drafts for the first items of a list that have something wrong. */
export const each = <T>(
  items: readonly T[],
  judge: (item: T, index: number) => Draft | undefined,
): readonly Draft[] => {
  let found: Draft[] | undefined;
  for (let index = 0; index < items.length; index += 1) {
    const draft = judge(items[index] as T, index);
    if (draft === undefined) continue;
    (found ??= []).push(draft);
    if (found.length === MOST_DRAFTS) break;
  }
  return found ?? NOTHING;
};

/** Drafts for the first items whose key an item before them has already; the empty key is none. */
export const eachRepeated = <T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  draftOf: (item: T, index: number) => Draft,
): readonly Draft[] => {
  const seen = new Set<string>();
  return each(items, (item, index) => {
    const key = keyOf(item);
    if (seen.has(key)) return draftOf(item, index);
    if (key !== '') seen.add(key);
    return undefined;
  });
};

/** Rules in the order they are asked: those that need the object alone, and those with look-ups. */
export interface Plan<S extends Subject> {
  readonly alone: readonly Rule<S>[];
  readonly withOthers: readonly Rule<S>[];
}

/** The rules of one kind, sorted out ahead for every stage and operation. */
export interface RuleSet<S extends Subject> {
  readonly rules: readonly Rule<S>[];
  readonly plan: Readonly<Record<Stage, Readonly<Record<Input['operation'], Plan<S>>>>>;
  view(object: unknown, input: Input): S;
}

const isAsked = <S extends Subject>(rule: Rule<S>, stage: Stage, operation: Input['operation']): boolean =>
  (stage === 'all' || (rule.class === 'P') === (stage === 'mutate')) &&
  (rule.on ?? ['CREATE', 'UPDATE']).includes(operation);

/** A rule set from its rules and the way its kind is opened for reading. */
export const ruleSet = <S extends Subject>(view: RuleSet<S>['view'], rules: readonly Rule<S>[]): RuleSet<S> => {
  const planOf = (stage: Stage, operation: Input['operation']): Plan<S> => {
    const asked = rules.filter((rule) => isAsked(rule, stage, operation));
    return {
      alone: asked.filter(({ needs }) => needs === undefined),
      withOthers: asked.filter(({ needs }) => needs !== undefined),
    };
  };
  const plansOf = (stage: Stage) => ({
    CREATE: planOf(stage, 'CREATE'),
    UPDATE: planOf(stage, 'UPDATE'),
    DELETE: planOf(stage, 'DELETE'),
  });
  return { rules, view, plan: { mutate: plansOf('mutate'), validate: plansOf('validate'), all: plansOf('all') } };
};
