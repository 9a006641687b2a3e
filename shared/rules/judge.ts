import type { Finding } from '../api/model.ts';
import { ask, type Case, lookupsOf, NO_OTHERS, othersIn } from './ask.ts';
import { ignoredIdsOf, uncheckedFinding } from './general.ts';
import type { Found, Input, Listed, Lookup, Related } from './input.ts';
import { isGiven, isSame, recordOf } from './raw.ts';
import { rulesFor } from './registry.ts';
import { distinctLookups } from './related.ts';
import type { Plan, Rule, RuleSet, Subject } from './rule.ts';

/** A review under way: first what the object alone says, then, with other objects, everything. */
export interface Review {
  /** What the object alone shows, sorted. Where it denies, the look-ups can be spared. */
  readonly alone: readonly Finding[];
  /** What must be looked up for the rest, each once. */
  needs(): Lookup[];
  /** All findings, sorted by path, then id; without other objects, those of `alone`. */
  finish(related?: Related): Finding[];
}

const UNJUDGED: Review = { alone: [], needs: () => [], finish: () => [] };

/** What a request changes; `nothing` for what is not judged at all. */
type Change = 'nothing' | 'metadata' | 'all';

/** What is being deleted, subresources, and updates in which neither spec nor annotations changed pass unjudged. */
const changeOf = (input: Input): Change => {
  if ((input.subResource ?? '') !== '') return 'nothing';
  const raw = recordOf(input.object ?? input.oldObject);
  const metadata = recordOf(raw['metadata']);
  if (isGiven(metadata['deletionTimestamp'])) return 'nothing';
  if (input.operation !== 'UPDATE') return 'all';
  const before = recordOf(input.oldObject);
  if (!isSame(raw['spec'], before['spec'])) return 'all';
  if (input.byDriver === true) return 'nothing';
  return isSame(metadata['annotations'], recordOf(before['metadata'])['annotations']) ? 'nothing' : 'metadata';
};

const byPathThenId = (a: Finding, b: Finding): number => {
  if (a.path !== b.path) return a.path < b.path ? -1 : 1;
  return a.id < b.id ? -1 : Number(a.id > b.id);
};

const answerTo = ({ kind, namespace, name }: Lookup, related: Related): Found | Listed =>
  name === undefined ? related.list(kind, namespace) : related.lookup(kind, namespace, name);

const nameOf = ({ kind, namespace, name }: Lookup): string =>
  name === undefined ? `other ${kind.kind}s of namespace ${namespace}` : `${kind.kind} ${name}`;

/** A rule with its look-ups; undefined where it broke on the object and will break again, visibly, when it is asked. */
interface Asking<S extends Subject> {
  readonly rule: Rule<S>;
  readonly lookups: readonly Lookup[] | undefined;
}

/** The rules all of whose look-ups were answered, and a finding for each look-up that failed. */
const screen = <S extends Subject>(asking: readonly Asking<S>[], related: Related) => {
  const answered: Rule<S>[] = [];
  const failed = new Map<string, Finding>();
  for (const { rule, lookups } of asking) {
    if (lookups?.length === 0) continue;
    let complete = true;
    for (const lookup of lookups ?? []) {
      const answer = answerTo(lookup, related);
      if ('unknown' in answer) failed.set(nameOf(lookup), uncheckedFinding(nameOf(lookup), answer.unknown));
      if ('unknown' in answer || 'unseen' in answer) complete = false;
    }
    if (complete) answered.push(rule);
  }
  return { answered, failed: [...failed.values()] };
};

/** With the spec as it was, rules about other objects could only repeat what they said before: no look-up for that. */
const crossRules = <S extends Subject>({ withOthers }: Plan<S>, change: Change): readonly Rule<S>[] =>
  change === 'metadata' ? withOthers.filter(({ readsMetadata }) => readsMetadata === true) : withOthers;

const reviewOf = <S extends Subject>(set: RuleSet<S>, input: Input, change: Change): Review => {
  const plan = set.plan[input.stage][input.operation];
  const withOthers = crossRules(plan, change);
  const subject = set.view(input.object ?? input.oldObject, input);
  const before =
    input.operation === 'UPDATE' && isGiven(input.oldObject) ? set.view(input.oldObject, input) : undefined;
  const it: Case<S> = { input, subject, before, ignored: ignoredIdsOf(subject.annotations) };
  const alone = ask(plan.alone, it, NO_OTHERS).sort(byPathThenId);
  let known: readonly Asking<S>[] | undefined;
  const asking = (): readonly Asking<S>[] =>
    (known ??= withOthers.map((rule) => ({ rule, lookups: lookupsOf(rule, subject) })));
  return {
    alone,
    needs: () => distinctLookups(asking().flatMap(({ lookups }) => lookups ?? [])),
    finish(related) {
      if (related === undefined) return [...alone];
      const { answered, failed } = screen(asking(), related);
      return [...alone, ...ask(answered, it, othersIn(related)), ...failed].sort(byPathThenId);
    },
  };
};

/** Starts the review of one object. Never throws, whatever JSON the object is. */
export const startReview = (input: Input): Review => {
  const change = changeOf(input);
  if (change === 'nothing') return UNJUDGED;
  return rulesFor(input.kind, (set) => reviewOf(set, input, change));
};

/** All findings about one object, sorted by path, then id. Rules about other objects are asked where `related` is given. */
export const judge = (input: Input): Finding[] => startReview(input).finish(input.related);

/** What must be looked up before `judge` can say everything. */
export const needs = (input: Input): Lookup[] => startReview(input).needs();

/** True when any finding refuses the request. */
export const isDenied = (findings: readonly Finding[]): boolean => findings.some(({ severity }) => severity === 'deny');
