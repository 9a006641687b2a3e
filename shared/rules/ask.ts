/** Asking rules about one case and weighing what they say. A rule that throws is left out and said so. */
import type { Finding } from '../api/model.ts';
import { messageOf } from '../errors.ts';
import { uncheckedFinding } from './general.ts';
import type { Input, Lookup, Related } from './input.ts';
import { isSame } from './raw.ts';
import type { Context, Draft, Others, Rule, Subject } from './rule.ts';
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

/** The ratchet: the same finding at the same path about the same value stood in the old object already. */
const wasThere = <S extends Subject>(rule: Rule<S>, draft: Draft, it: Case<S>, others: Others): boolean => {
  if (it.before === undefined) return false;
  try {
    const old = rule.check(it.before, contextOf<S>(it.input, others, undefined));
    return old.some(({ path, value }) => path === draft.path && isSame(value, draft.value));
  } catch {
    return false;
  }
};

const weigh = <S extends Subject>(rule: Rule<S>, draft: Draft, it: Case<S>, others: Others): Finding => {
  const severity = severityOf(rule, draft, it.input);
  const spared = severity === 'deny' && (isIgnored(rule.id, it.ignored) || wasThere(rule, draft, it, others));
  return findingOf(rule, draft, spared ? 'warn' : severity);
};

/** All that these rules have to say, in no order. */
export const ask = <S extends Subject>(rules: readonly Rule<S>[], it: Case<S>, others: Others): Finding[] => {
  const findings: Finding[] = [];
  const context = contextOf(it.input, others, it.before);
  for (const rule of rules) {
    try {
      for (const draft of rule.check(it.subject, context)) findings.push(weigh(rule, draft, it, others));
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
