import { describe, expect, it } from 'vitest';
import { listed, nearestOf, printable, quoted } from '../../../../shared/rules/text.ts';

describe('text of users', () => {
  it.each([
    ['a\nb\tc\u001b[31m', 'a b c [31m'],
    ['a\u2028b\u202ec', 'a b c'],
    ['\ud800x', ' x'],
    ['fine', 'fine'],
  ])('%j is printed as %j', (text, wanted) => {
    expect(printable(text, 80)).toBe(wanted);
  });

  it('is cut between characters', () => {
    expect(printable('𝒳'.repeat(100), 10)).toBe(`${'𝒳'.repeat(9)}…`);
  });

  it('is quoted unless it is no text at all', () => {
    expect([quoted('x'), quoted(5), quoted({}), quoted([1]), quoted(true)]).toEqual([
      '"x"',
      '"5"',
      'an object',
      'a list',
      '"true"',
    ]);
  });

  it('lists a few names and counts the others', () => {
    expect(listed(['a', 'b', 'c'], 2)).toBe('a, b and 1 more');
    expect(listed([])).toBe('none');
  });
});

describe('the nearest word', () => {
  it.each([
    ['maxWieght', 'maxWeight'],
    ['MAXWEIGHT', 'maxWeight'],
    ['x', undefined],
    ['somethingElse', undefined],
    ['y'.repeat(100_000), undefined],
  ])('of %.20s is %s', (word, wanted) => {
    expect(nearestOf(word, ['maxWeight', 'stepWeight', 'id'])).toBe(wanted);
  });
});
