/** CANARY-TYPE-004 and -005: what the schema would refuse in its own words, said for people. */
import { ALERT_SEVERITIES, HOOK_TYPES, SAME_SITES, SCALER_KINDS, TARGET_KINDS } from '../../api/words.ts';
import { isGiven, listOf, type Raw, recordOf, textOf } from '../raw.ts';
import { type Context, type Draft, each, type Rule } from '../rule.ts';
import { didYouMean, listed, quoted } from '../text.ts';
import type { CanaryView } from '../view.ts';

interface Words {
  readonly what: string;
  readonly known: readonly string[];
}

export const HOOK_WORDS: Words = { what: 'hook type', known: HOOK_TYPES };
export const TARGET_WORDS: Words = { what: 'target kind', known: TARGET_KINDS };
export const SCALER_WORDS: Words = { what: 'autoscaler kind', known: SCALER_KINDS };
export const SEVERITY_WORDS: Words = { what: 'severity', known: ALERT_SEVERITIES };
export const SAME_SITE_WORDS: Words = { what: 'SameSite value', known: SAME_SITES };

const unknownWord = (record: Raw, field: string, at: string, { what, known }: Words): Draft | undefined => {
  const value = record[field];
  if (!isGiven(value) || known.includes(value as string)) return undefined;
  const words = known.filter((word) => word !== '');
  const near = didYouMean(textOf(value), words);
  return {
    path: `${at}.${field}`,
    message: `${quoted(value)} is not a known ${what}.${near === '' ? ` Use one of ${listed(words, 10)}.` : `${near} Correct it.`}`,
    value,
  };
};

const wordDrafts = (view: CanaryView, { settings }: Context<CanaryView>): readonly Draft[] => {
  const { spec, target, scaler, analysis } = view;
  const affinity = recordOf(analysis['sessionAffinity']);
  const single: readonly (readonly [Raw, string, string, Words])[] = [
    [spec, 'provider', 'spec', { what: 'provider', known: settings.providers }],
    [target, 'kind', 'spec.targetRef', TARGET_WORDS],
    [scaler, 'kind', 'spec.autoscalerRef', SCALER_WORDS],
    [affinity, 'sameSite', 'spec.analysis.sessionAffinity', SAME_SITE_WORDS],
  ];
  return [
    ...each(single, ([record, field, at, words]) => unknownWord(record, field, at, words)),
    ...each(listOf(analysis['webhooks']), (hook, i) =>
      unknownWord(recordOf(hook), 'type', `spec.analysis.webhooks[${i}]`, HOOK_WORDS),
    ),
    ...each(listOf(analysis['alerts']), (alert, i) =>
      unknownWord(recordOf(alert), 'severity', `spec.analysis.alerts[${i}]`, SEVERITY_WORDS),
    ),
  ];
};

const required = (path: string, example: string): Draft => ({
  path,
  message: `is required. Write at least ${example}.`,
  reason: 'FieldValueRequired',
});

/** `interval` and `threshold` too: the schema demands them in the same breath as one of the strategies. */
const missingDrafts = ({ spec, analysis }: CanaryView): readonly Draft[] => {
  const found: Draft[] = [];
  if (!isGiven(spec['targetRef'])) {
    found.push(required('spec.targetRef', '{apiVersion: apps/v1, kind: Deployment, name: NAME}'));
  }
  if (!isGiven(spec['analysis'])) {
    found.push(required('spec.analysis', '{interval: 1m, threshold: 5, stepWeight: 10}'));
    return found;
  }
  if (!isGiven(analysis['interval'])) found.push(required('spec.analysis.interval', 'interval: 1m'));
  if (!isGiven(analysis['threshold'])) found.push(required('spec.analysis.threshold', 'threshold: 5'));
  return found;
};

export const WORD_RULES: readonly Rule<CanaryView>[] = [
  {
    id: 'CANARY-TYPE-004',
    class: 'P',
    path: 'spec.provider, spec.targetRef.kind, spec.analysis.webhooks[].type and other fixed words',
    about: 'a word that is not among the known ones',
    check: wordDrafts,
  },
  {
    id: 'CANARY-TYPE-005',
    class: 'P',
    path: 'spec.targetRef, spec.analysis',
    about: 'a required part is missing',
    check: missingDrafts,
  },
];
