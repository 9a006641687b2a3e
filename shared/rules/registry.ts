/** Every rule there is. */
import { ALERT_PROVIDER_RULES } from './alert-provider.ts';
import { CANARY_RULES } from './canary/registry.ts';
import { UNCHECKED, unknownIdRule } from './general.ts';
import type { JudgedKind } from './input.ts';
import { type RuleEntry, type RuleSet, ruleSet, type Subject } from './rule.ts';
import { SCALED_OBJECT_RULES } from './scaled-object/registry.ts';
import { type CanaryView, canaryView, subjectOf } from './view.ts';

const GENERAL = [unknownIdRule(() => RULE_IDS)];

const SETS: {
  readonly Canary: RuleSet<CanaryView>;
  readonly ScaledObject: RuleSet<Subject>;
  readonly AlertProvider: RuleSet<Subject>;
  readonly MetricTemplate: RuleSet<Subject>;
} = {
  Canary: ruleSet(canaryView, [...CANARY_RULES, ...GENERAL]),
  ScaledObject: ruleSet(subjectOf, [...SCALED_OBJECT_RULES, ...GENERAL]),
  AlertProvider: ruleSet(subjectOf, [...ALERT_PROVIDER_RULES, ...GENERAL]),
  MetricTemplate: ruleSet(subjectOf, GENERAL),
};

/** Hands over the rules of a kind, each kind with its own view. */
export const rulesFor = <R>(kind: JudgedKind, use: <S extends Subject>(set: RuleSet<S>) => R): R =>
  kind === 'Canary' ? use(SETS.Canary) : use(SETS[kind]);

const collectEntries = (): RuleEntry[] => {
  const entries = new Map<string, RuleEntry>();
  const kinds = Object.keys(SETS) as JudgedKind[];
  const add = (kind: JudgedKind, rule: Omit<RuleEntry, 'kinds'>) => {
    const known = entries.get(rule.id)?.kinds ?? [];
    entries.set(rule.id, {
      id: rule.id,
      class: rule.class,
      path: rule.path,
      about: rule.about,
      kinds: [...known, kind],
    });
  };
  for (const kind of kinds) {
    rulesFor(kind, ({ rules }) => rules.forEach((rule) => add(kind, rule)));
    add(kind, { id: UNCHECKED, class: 'W', path: '', about: 'a look-up failed, or a rule broke' });
  }
  return [...entries.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
};

/** Every rule, by id; what the documentation lists. */
export const RULES: readonly RuleEntry[] = collectEntries();

const BY_ID: ReadonlyMap<string, RuleEntry> = new Map(RULES.map((rule) => [rule.id, rule]));

const RULE_IDS: ReadonlySet<string> = new Set(BY_ID.keys());

/** The rule of an id, upper case; undefined: there is none. */
export const ruleById = (id: string): RuleEntry | undefined => BY_ID.get(id);
