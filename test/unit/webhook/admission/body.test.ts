import { expect, test } from 'vitest';
import { isDeeperThan } from '../../../../webhook/admission/body.ts';

const bytes = (text: string): Buffer => Buffer.from(text);
const nest = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

test.each([
  ['as deep as allowed', nest(100), false],
  ['one deeper', nest(101), true],
  ['objects count like lists', '{"a":'.repeat(101), true],
  ['brackets in a text do not count', JSON.stringify(nest(200)), false],
  ['a quote behind a backslash does not end the text', `{"a":"\\"${'['.repeat(200)}"}`, false],
  ['a backslash behind a backslash does not hide the quote', `{"a":"\\\\",${'"b":['.repeat(101)}`, true],
  ['siblings do not add up', `[${'[],'.repeat(500)}0]`, false],
  ['a text without an end', '"[[[', false],
  ['a backslash at the very end', '"\\', false],
  ['nothing', '', false],
])('depth 100: %s', (_, text, deeper) => {
  expect(isDeeperThan(bytes(text), 100)).toBe(deeper);
});

test('a nest of seven million brackets is seen at its hundred-and-first', () => {
  const started = process.cpuUsage();
  expect(isDeeperThan(Buffer.alloc(7 * 1024 * 1024, '['), 100)).toBe(true);
  expect(process.cpuUsage(started).user).toBeLessThan(20_000);
});
