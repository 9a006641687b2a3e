/** What is said about judging itself. */

import type { Finding } from '../api/model.ts';
import { ANNOTATIONS } from '../api/names.ts';
import type { Raw } from './raw.ts';
import { textOf } from './raw.ts';
import { each, type Rule, type Subject } from './rule.ts';
import { didYouMean, printable, quoted } from './text.ts';

const IDS_READ = 50;

/** The rule ids that an object's annotation wants to be left out, upper case. */
export const ignoredIdsOf = (annotations: Raw): readonly string[] => {
  const text = textOf(annotations[ANNOTATIONS.ignoreRules]);
  if (text === '') return [];
  const ids = text.split(',', IDS_READ).map((id) => id.trim().toUpperCase());
  return ids.filter((id) => id !== '');
};

/** GEN-001 over the ids that exist. */
export const unknownIdRule = (known: () => ReadonlySet<string>): Rule<Subject> => ({
  id: 'GEN-001',
  class: 'W',
  path: 'metadata.annotations',
  about: 'an ignored rule does not exist',
  check: ({ annotations }) =>
    each(ignoredIdsOf(annotations), (id) =>
      known().has(id)
        ? undefined
        : {
            path: `metadata.annotations[${ANNOTATIONS.ignoreRules}]`,
            message: `no rule ${quoted(id)}.${didYouMean(id, known())} Write ids as they stand at the end of a message.`,
            value: id,
          },
    ),
});

export const UNCHECKED = 'GEN-002';

/** GEN-002: something could not be looked up, or a rule broke; the object passes unchecked in that respect. */
export const uncheckedFinding = (what: string, reason: string): Finding => ({
  id: UNCHECKED,
  severity: 'warn',
  path: '',
  message: `could not check ${printable(what, 80)} (${printable(reason, 80)}); accepted unchecked. Run kubectl canary validate later.`,
  reason: 'FieldValueInvalid',
});
