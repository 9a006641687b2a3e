/** Conditions of `spec.service.match` and `spec.analysis.match`, in an order that never changes. */
import type { Canary, MatchEntry } from '../api/canary.ts';
import { analysisOf } from '../api/defaults.ts';
import type { MatchForm } from '../api/model.ts';

const FORMS = ['exact', 'prefix', 'suffix', 'regex'] as const;
export type StringForm = (typeof FORMS)[number];

/** One comparison of a named header or query parameter. */
export interface NamedRule {
  name: string;
  form: StringForm;
  value: string;
}

type StringMatches = Readonly<Record<string, { [Form in StringForm]?: string }>>;

/** The comparisons of a map by name; lists of rules in any other order would differ from pass to pass. */
export const rulesOf = (matches: StringMatches | undefined): NamedRule[] =>
  Object.entries(matches ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, match]) => {
      const form = FORMS.find((one) => match?.[one]);
      return form === undefined ? [] : [{ name, form, value: match[form] as string }];
    });

/** Does the Canary single out requests at all? */
export const isMatching = (canary: Canary): boolean => (analysisOf(canary).match ?? []).length > 0;

/** What one entry asks for; undefined: nothing, or something that no form can say. */
const formsOf = (entry: MatchEntry | null): readonly MatchForm[] | undefined => {
  const headers = rulesOf(entry?.headers);
  const query = rulesOf(entry?.queryParams);
  const isWhole = headers.length === sizeOf(entry?.headers) && query.length === sizeOf(entry?.queryParams);
  const forms: MatchForm[] = [
    ...headers.map((rule) => `header-${rule.form}` as const),
    ...query.map(() => 'query' as const),
    ...(sizeOf(entry?.sourceLabels) > 0 ? (['source-labels'] as const) : []),
  ];
  return isWhole && forms.length > 0 ? forms : undefined;
};

const sizeOf = (map: object | undefined): number => Object.keys(map ?? {}).length;

/**
 * The entries of `analysis.match` that can be said in full with these forms. An entry that lost a part, or never had
 * one, would send requests to the canary that nobody asked for: it is left out.
 */
export const entriesOf = (canary: Canary, forms: readonly MatchForm[]): readonly MatchEntry[] =>
  (analysisOf(canary).match ?? []).filter((entry) => formsOf(entry)?.every((form) => forms.includes(form)) === true);

/** Why no request can be sent to the canary alone. */
export const unmatchable = (provider: string): { problem: string } => ({
  problem: `spec.analysis.match: ${provider} can express none of its entries, and all traffic would go to the canary`,
});

/** A regular expression that matches this text alone. */
export const escapeRegex = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
