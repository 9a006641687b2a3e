import { describe, expect, it } from 'vitest';
import { jsonPatch, mergePatch } from '../../../../shared/sim/patches.ts';

describe('a merge patch', () => {
  it.each([
    ['sets and keeps', { a: 1, b: 2 }, { b: 3 }, { a: 1, b: 3 }],
    ['removes with null', { a: 1, b: 2 }, { b: null }, { a: 1 }],
    ['merges maps', { a: { x: 1 } }, { a: { y: 2 } }, { a: { x: 1, y: 2 } }],
    ['replaces lists', { a: [1, 2] }, { a: [3] }, { a: [3] }],
    ['makes maps where there were none', { a: 1 }, { a: { b: { c: 1, d: null } } }, { a: { b: { c: 1 } } }],
  ])('%s', (_what, current, patch, result) => {
    expect(mergePatch(current, patch)).toEqual(result);
  });

  it('treats odd names as data', () => {
    const patch = JSON.parse('{"__proto__": {"polluted": true}}') as object;
    const result = mergePatch({}, patch) as object;
    expect(Object.keys(result)).toEqual(['__proto__']);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('leaves what it started from alone', () => {
    const current = { a: { b: 1 } };
    mergePatch(current, { a: { b: 2 } });
    expect(current).toEqual({ a: { b: 1 } });
  });
});

describe('a JSON patch', () => {
  it.each([
    ['adds a field', { a: 1 }, [{ op: 'add', path: '/b', value: 2 }], { a: 1, b: 2 }],
    ['adds into a list', { a: [1, 3] }, [{ op: 'add', path: '/a/1', value: 2 }], { a: [1, 2, 3] }],
    ['adds to the end of a list', { a: [1] }, [{ op: 'add', path: '/a/-', value: 2 }], { a: [1, 2] }],
    ['removes', { a: 1, b: 2 }, [{ op: 'remove', path: '/b' }], { a: 1 }],
    ['replaces', { a: 1 }, [{ op: 'replace', path: '/a', value: 2 }], { a: 2 }],
    ['moves', { a: 1 }, [{ op: 'move', from: '/a', path: '/b' }], { b: 1 }],
    ['copies', { a: { x: 1 } }, [{ op: 'copy', from: '/a', path: '/b' }], { a: { x: 1 }, b: { x: 1 } }],
    ['tests', { a: { x: 1 } }, [{ op: 'test', path: '/a', value: { x: 1 } }], { a: { x: 1 } }],
    [
      'reads escaped names',
      { 'a/b': { 'c~d': 1 } },
      [{ op: 'replace', path: '/a~1b/c~0d', value: 2 }],
      { 'a/b': { 'c~d': 2 } },
    ],
  ])('%s', (_what, current, operations, result) => {
    expect(jsonPatch(current, operations)).toEqual(result);
  });

  it.each([
    ['a failed test', [{ op: 'test', path: '/a', value: 2 }]],
    ['a missing parent', [{ op: 'add', path: '/x/y', value: 1 }]],
    ['removing nothing', [{ op: 'remove', path: '/x' }]],
    ['replacing nothing', [{ op: 'replace', path: '/x', value: 1 }]],
    ['an index beyond the end', [{ op: 'add', path: '/list/5', value: 1 }]],
  ])('refuses %s as a whole', (_what, operations) => {
    const current = { a: 1, list: [1] };
    expect(() => jsonPatch(current, [{ op: 'add', path: '/b', value: 1 }, ...operations])).toThrow(
      'the server rejected our request',
    );
    expect(current).toEqual({ a: 1, list: [1] });
  });

  it.each([
    ['no list', {}],
    ['an unknown operation', [{ op: 'jump', path: '/a' }]],
    ['a bad pointer', [{ op: 'remove', path: 'a' }]],
  ])('refuses %s as a bad request', (_what, operations) => {
    expect(() => jsonPatch({ a: 1 }, operations)).toThrow(
      expect.objectContaining({ body: expect.objectContaining({ code: 400 }) }),
    );
  });
});
