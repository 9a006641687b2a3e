/** The annotations that send requests of a header or a cookie to the canary Ingress. */
import type { MatchEntry } from '../api/canary.ts';
import type { StringMap } from '../api/kube.ts';
import type { MatchForm } from '../api/model.ts';
import { rulesOf } from './match.ts';

export const MATCH_FORMS: readonly MatchForm[] = ['header-exact', 'header-regex', 'cookie'];

/** Values of an annotation that the ingress controller lets pass; it drops all others without a word. */
const PLAIN = /^[A-Za-z0-9\-._~/:]+$/;

/** A regular expression that matches this text alone, in the letters that pass. */
const exactly = (text: string): string => {
  const letters = [...new TextEncoder().encode(text)].map((byte) => {
    const letter = String.fromCharCode(byte);
    return /[A-Za-z0-9]/.test(letter) ? letter : `\\x${byte.toString(16).padStart(2, '0')}`;
  });
  return `^${letters.join('')}$`;
};

/** Does one comparison make up the entry? Of several, NGINX takes requests by any, and nothing asks for all of them. */
export const isWhole = ({ headers }: MatchEntry): boolean => rulesOf(headers).length === 1;

/** `prefix`: what every annotation of a canary Ingress begins with. There is one header and one cookie; the last ones count. */
export const matchMarks = (prefix: string, entries: readonly MatchEntry[]): StringMap =>
  entries.reduce<StringMap>((all, entry) => ({ ...all, ...marksOf(prefix, entry) }), {});

const marksOf = (prefix: string, { headers }: MatchEntry): StringMap => {
  const found: StringMap = {};
  for (const { name, form, value } of rulesOf(headers)) {
    if (name.toLowerCase() === 'cookie') {
      // The cookie of that name, where its value is `always`.
      if (form === 'exact') found[`${prefix}-by-cookie`] = value;
      continue;
    }
    found[`${prefix}-by-header`] = name;
    if (form === 'exact' && PLAIN.test(value)) found[`${prefix}-by-header-value`] = value;
    else if (form === 'exact') found[`${prefix}-by-header-pattern`] = exactly(value);
    else if (form === 'regex') found[`${prefix}-by-header-pattern`] = value;
  }
  return found;
};
