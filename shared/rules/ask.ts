/** Asking rules about one case and weighing what they say. A rule that throws is left out and said so. */
import type { Finding } from '../api/model.ts';
import { messageOf } from '../errors.ts';
import { uncheckedFinding } from './general.ts';
import type { Input, Lookup, Related } from './input.ts';
import { isSame } from './raw.ts';
import { type Context, type Draft, NOTHING, type Others, type Rule, type Subject } from './rule.ts';
import { findingOf, isIgnored, severityOf } from './severity.ts';

/** One object under review. */
export interface Case<S extends Subject> {
  readonly input: Input;
  readonly subject: S;
  /** The object before this request, on UPDATE. */
  readonly before: S | undefined;
  /** Rule ids that the object's annotation names. */
  readonly ignored: readonly string[];
}

export const NO_OTHERS: Others = { one: () => undefined, all: () => [] };

/** A rule sees objects or none: what was not answered keeps the rule from being asked at all. */
export const othersIn = (related: Related): Others => ({
  one(kind, namespace, name) {
    const answer = related.lookup(kind, namespace, name);
    return 'found' in answer ? answer.found : undefined;
  },
  all(kind, namespace) {
    const answer = related.list(kind, namespace);
    return 'items' in answer ? answer.items : [];
  },
});

const contextOf = <S extends Subject>(input: Input, others: Others, old: S | undefined): Context<S> => ({
  operation: input.operation,
  settings: input.settings,
  byDriver: input.byDriver === true,
  unpruned: input.stage === 'all',
  others,
  ...(old === undefined ? {} : { old }),
});

/** What a rule said of the old object; nothing where there is none, or where the rule broke on it. */
const draftsBefore = <S extends Subject>(rule: Rule<S>, it: Case<S>, others: Others): readonly Draft[] => {
  if (it.before === undefined) return NOTHING;
  try {
    return rule.check(it.before, contextOf<S>(it.input, others, undefined));
  } catch {
    return NOTHING;
  }
};

/** The ratchet: the same finding at the same path about the same value stood in the old object already. */
const isIn = (before: readonly Draft[], { path, value }: Draft): boolean =>
  before.some((draft) => draft.path === path && isSame(draft.value, value));

/** One rule's drafts with their weight. The old object is looked at only where something would be denied. */
const weigh = <S extends Subject>(rule: Rule<S>, drafts: readonly Draft[], it: Case<S>, others: Others): Finding[] => {
  let before: readonly Draft[] | undefined;
  return drafts.map((draft) => {
    const severity = severityOf(rule, draft, it.input);
    if (severity === 'warn') return findingOf(rule, draft, severity);
    before ??= draftsBefore(rule, it, others);
    return findingOf(rule, draft, isIgnored(rule.id, it.ignored) || isIn(before, draft) ? 'warn' : 'deny');
  });
};

/** All that these rules have to say, in no order. */
export const ask = <S extends Subject>(rules: readonly Rule<S>[], it: Case<S>, others: Others): Finding[] => {
  const findings: Finding[] = [];
  const context = contextOf(it.input, others, it.before);
  for (const rule of rules) {
    try {
      const drafts = rule.check(it.subject, context);
      if (drafts.length > 0) findings.push(...weigh(rule, drafts, it, others));
    } catch (error) {
      findings.push(uncheckedFinding(`rule ${rule.id}`, messageOf(error)));
    }
  }
  return findings;
};

/** The look-ups of one rule; one that breaks has none here and breaks again, visibly, when it is asked. */
export const lookupsOf = <S extends Subject>(rule: Rule<S>, subject: S): readonly Lookup[] | undefined => {
  try {
    return rule.needs?.(subject) ?? [];
  } catch {
    return undefined;
  }
};
