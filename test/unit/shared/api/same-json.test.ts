import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalJson } from '../../../../shared/api/digest.ts';
import { isSameJson } from '../../../../shared/api/same-json.ts';

it.each([
  [{ a: 1, b: { c: [1, 2] } }, { b: { c: [1, 2] }, a: 1 }, true],
  [{ a: undefined }, {}, true],
  [{ a: null }, {}, false],
  [{ a: null }, { a: undefined, b: 1 }, false],
  [[undefined], [null], true],
  [undefined, null, true],
  [[], {}, false],
  [{ 0: 'a' }, ['a'], false],
  [[1, 2], [2, 1], false],
  [{ a: 1 }, { a: 1, b: 2 }, false],
  [{ constructor: undefined }, {}, true],
  [{}, { toString: 1 }, false],
  ['1', 1, false],
])('%j and %j: %s', (a, b, same) => {
  expect(isSameJson(a, b)).toBe(same);
  expect(isSameJson(b, a)).toBe(same);
});

it('agrees with the text of canonical JSON', () => {
  const value = fc.jsonValue({ maxDepth: 3 });
  fc.assert(fc.property(value, value, (a, b) => isSameJson(a, b) === (canonicalJson(a) === canonicalJson(b))));
  fc.assert(fc.property(value, (a) => isSameJson(a, JSON.parse(canonicalJson(a)))));
});
