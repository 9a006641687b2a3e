import { expect, test } from 'vitest';
import type { Finding } from '../../../../shared/api/model.ts';
import { causesOf, messageOfDenials, oneLine, warningsOf } from '../../../../webhook/admission/wording.ts';

const finding = (more: Partial<Finding> = {}): Finding => ({
  id: 'CANARY-STRAT-007',
  severity: 'warn',
  path: 'spec.analysis.iterations',
  message: 'must be at least 1.',
  reason: 'FieldValueInvalid',
  ...more,
});

test.each([
  ['stays as it is', 'plain', 'plain'],
  ['line breaks and tabs become a space', 'a\r\n\tb', 'a b'],
  ['direction marks become a space', 'a\u202eb', 'a b'],
  ['what is too long ends in an ellipsis', 'x'.repeat(300), `${'x'.repeat(239)}…`],
  ['length counts signs, not halves of them', '😀'.repeat(240), '😀'.repeat(240)],
])('one line: %s', (_, text, shown) => {
  expect(oneLine(text)).toBe(shown);
});

test('warnings are sorted by path, then id, and name both', () => {
  const warnings = warningsOf([
    finding(),
    finding({ path: 'spec.a', id: 'B-2' }),
    finding({ path: 'spec.a', id: 'B-1' }),
    finding({ path: '' }),
  ]);
  expect(warnings).toEqual([
    'must be at least 1. [CANARY-STRAT-007]',
    'spec.a: must be at least 1. [B-1]',
    'spec.a: must be at least 1. [B-2]',
    'spec.analysis.iterations: must be at least 1. [CANARY-STRAT-007]',
  ]);
});

test('more than twelve warnings end in a count', () => {
  const many = Array.from({ length: 30 }, (_, i) => finding({ path: `spec.a[${i}]` }));
  const warnings = warningsOf(many);
  expect(warnings).toHaveLength(12);
  expect(warnings.at(-1)).toBe('+19 more: kubectl canary validate');
});

test('a message of denials has a line for each and stops before two kilobytes', () => {
  expect(messageOfDenials('Canary "podinfo"', [finding(), finding({ path: 'spec.b' })])).toBe(
    'Canary "podinfo" is invalid:\n* spec.analysis.iterations: must be at least 1. [CANARY-STRAT-007]\n* spec.b: must be at least 1. [CANARY-STRAT-007]',
  );
  const many = Array.from({ length: 200 }, (_, i) => finding({ path: `spec.a[${i}]` }));
  const text = messageOfDenials('Canary "podinfo"', many);
  expect(text.length).toBeLessThanOrEqual(2048);
  const lines = text.split('\n');
  expect(lines.at(-1)).toBe(`* and ${200 - (lines.length - 2)} more`);
});

test('causes carry reason, field and the id in the message; more than fifty end in a count', () => {
  expect(causesOf([finding({ reason: 'FieldValueRequired' })])).toEqual([
    {
      reason: 'FieldValueRequired',
      field: 'spec.analysis.iterations',
      message: 'must be at least 1. [CANARY-STRAT-007]',
    },
  ]);
  const causes = causesOf(Array.from({ length: 80 }, () => finding()));
  expect(causes).toHaveLength(50);
  expect(causes.at(-1)?.message).toBe('and 31 more: kubectl canary validate');
});
