/** What an entry of `analysis.match` asks of a traffic provider. */
import type { MatchEntry } from './canary.ts';
import type { MatchForm } from './model.ts';

export const STRING_FORMS = ['exact', 'prefix', 'suffix', 'regex'] as const;
export type StringForm = (typeof STRING_FORMS)[number];

/** Comparisons by name of a header or query parameter. */
export type StringMatches = Readonly<Record<string, { [Form in StringForm]?: string }>>;

/** The comparison that a match makes; undefined: none. */
export const stringFormOf = (match: StringMatches[string] | null | undefined): StringForm | undefined =>
  STRING_FORMS.find((form) => match?.[form]);

const isCookie = (header: string): boolean => header.toLowerCase() === 'cookie';

/** The forms of one entry, all of which must be known to route by it; undefined: it holds no condition, or one without a value. */
export const formsOf = (entry: MatchEntry | null | undefined): readonly MatchForm[] | undefined => {
  const headers = Object.entries<StringMatches[string]>(entry?.headers ?? {}).map(
    ([name, match]): MatchForm | undefined => {
      const form = stringFormOf(match);
      return form === 'exact' && isCookie(name) ? 'cookie' : form && `header-${form}`;
    },
  );
  const query = Object.values(entry?.queryParams ?? {}).map(
    (match): MatchForm | undefined => stringFormOf(match) && 'query',
  );
  const labels = Object.keys(entry?.sourceLabels ?? {}).map((): MatchForm => 'source-labels');
  const forms = [...headers, ...query, ...labels];
  const known = forms.filter((form) => form !== undefined);
  return forms.length > 0 && known.length === forms.length ? known : undefined;
};

/** Can a provider with these forms route by the whole entry? By a part of it, it would send more requests than were asked for. */
export const isExpressible = (entry: MatchEntry | null | undefined, forms: readonly MatchForm[]): boolean =>
  formsOf(entry)?.every((form) => forms.includes(form)) === true;
