/** What a route of Skipper asks of a request: `Weight(100) && Header("a", "b")`. */
import type { MatchEntry } from '../api/canary.ts';
import type { MatchForm } from '../api/model.ts';
import { escapeRegex, type NamedRule, rulesOf } from './match.ts';

export const MATCH_FORMS: readonly MatchForm[] = [
  'header-exact',
  'header-prefix',
  'header-suffix',
  'header-regex',
  'cookie',
  'query',
];

/** A predicate that outranks the same route without one, and one that never holds. */
export const ACTIVE = 'Weight(100)';
export const INACTIVE = 'False()';
/** Outranks those too. */
export const FIRST = 'Weight(200)';
const OURS: readonly string[] = [ACTIVE, INACTIVE, FIRST];

/** A text in quotes, which is passed over whole, a separator, or one character. */
const TOKEN = /"(?:[^"\\]|\\.)*"|`[^`]*`|&&|[^]/g;

const predicatesIn = (text: string): string[] => {
  const parts = [''];
  for (const token of text.match(TOKEN) ?? []) {
    if (token === '&&') parts.push('');
    else parts.push(`${parts.pop() ?? ''}${token}`);
  }
  return parts.map((part) => part.trim());
};

/** `wanted` before the user's own predicates. */
export const withPredicates = (text: string | undefined, wanted: readonly string[]): string => {
  const others = predicatesIn(text ?? '').filter(
    (part) => part !== '' && !OURS.includes(part) && !wanted.includes(part),
  );
  return [...wanted, ...others].join(' && ');
};

/** The predicates of one entry, all of which must hold; an expression is compared with the whole value. */
export const predicatesOf = ({ headers, queryParams }: MatchEntry): string[] => [
  ...rulesOf(headers).map((rule) =>
    rule.form === 'exact' ? call('Header', rule.name, rule.value) : call('HeaderRegexp', rule.name, expression(rule)),
  ),
  ...rulesOf(queryParams).map((rule) => call('QueryParam', rule.name, expression(rule))),
];

const expression = ({ form, value }: NamedRule): string => {
  if (form === 'regex') return `^(?:${value})$`;
  const text = escapeRegex(value);
  return `${form === 'suffix' ? '' : '^'}${text}${form === 'prefix' ? '' : '$'}`;
};

const call = (name: string, ...args: readonly string[]): string => `${name}(${args.map(quoted).join(', ')})`;

const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
