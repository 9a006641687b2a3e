/** Conditions of `spec.service.match` and `spec.analysis.match`, in an order that never changes. */
import type { Canary, MatchEntry } from '../api/canary.ts';
import { analysisOf } from '../api/defaults.ts';
import { isExpressible, type StringForm, type StringMatches, stringFormOf } from '../api/match-forms.ts';
import type { MatchForm, Routes } from '../api/model.ts';

/** One comparison of a named header or query parameter. */
export interface NamedRule {
  name: string;
  form: StringForm;
  value: string;
}

/** The comparisons of a map by name; lists of rules in any other order would differ from pass to pass. */
export const rulesOf = (matches: StringMatches | undefined): NamedRule[] =>
  Object.entries(matches ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, match]) => {
      const form = stringFormOf(match);
      return form === undefined ? [] : [{ name, form, value: match[form] as string }];
    });

/** Does the Canary single out requests at all? */
export const isMatching = (canary: Canary): boolean => (analysisOf(canary).match ?? []).length > 0;

/**
 * The entries of `analysis.match` that can be said in full with these forms. An entry that lost a part, or never had
 * one, would send requests to the canary that nobody asked for: it is left out.
 */
export const entriesOf = (canary: Canary, forms: readonly MatchForm[]): readonly MatchEntry[] =>
  inFull(analysisOf(canary).match, forms);

/** The entries of `analysis.preview`, where the canary has a share of the traffic and is not alone with it. */
export const previewsOf = (canary: Canary, routes: Routes, forms: readonly MatchForm[]): readonly MatchEntry[] =>
  routes.canary > 0 && routes.primary > 0 ? inFull(analysisOf(canary).preview?.match, forms) : [];

const inFull = (entries: readonly MatchEntry[] | undefined, forms: readonly MatchForm[]): readonly MatchEntry[] =>
  (entries ?? []).filter((entry) => isExpressible(entry, forms));

/** Why no request can be sent to the canary alone. */
export const unmatchable = (provider: string): { problem: string } => ({
  problem: `spec.analysis.match: ${provider} can express none of its entries, and all traffic would go to the canary`,
});

/** A regular expression that matches this text alone. */
export const escapeRegex = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
