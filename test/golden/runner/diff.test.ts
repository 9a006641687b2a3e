import { describe, expect, it } from 'vitest';
import { compareTraces, describeMismatch } from './compare.ts';
import { diffSequences, diffValues } from './diff.ts';
import type { Trace } from './scenario.ts';
import { withoutCycles, withoutRepeats } from './sequences.ts';

describe('diffValues', () => {
  it.each([
    ['equal values, whatever the order of keys', { a: 1, b: 2 }, { b: 2, a: 1 }, []],
    ['a field that is gone', { a: { b: 1, c: 2 } }, { a: { b: 1 } }, [{ path: '.a.c', expected: 2, got: undefined }]],
    ['a changed item of a list', { a: [1, 2] }, { a: [1, 3] }, [{ path: '.a[1]', expected: 2, got: 3 }]],
    ['lists of other lengths as a whole', [1], [1, 2], [{ path: '', expected: [1], got: [1, 2] }]],
    ['keys that are no names', { 'a/b': 1 }, { 'a/b': 2 }, [{ path: '["a/b"]', expected: 1, got: 2 }]],
    ['null against an absent field', { a: null }, {}, [{ path: '.a', expected: null, got: undefined }]],
  ])('tells %s', (_name, expected, got, differences) => expect(diffValues(expected, got)).toEqual(differences));
});

describe('diffSequences', () => {
  const places = (expected: string, got: string): string[] =>
    diffSequences([...expected], [...got]).map((pair) => `${pair.expected?.item ?? '-'}${pair.got?.item ?? '-'}`);

  it.each([
    ['abc', 'abc', []],
    ['abc', 'ac', ['b-']],
    ['ac', 'abc', ['-b']],
    ['abc', 'axc', ['bx']],
    ['abcd', 'bcd', ['a-']],
    ['', 'ab', ['-a', '-b']],
    ['ab', 'ba', ['a-', '-a']],
  ])('aligns %s with %s', (expected, got, pairs) => expect(places(expected, got)).toEqual(pairs));
});

describe('sequences', () => {
  it.each([
    ['aabba', 'aba', 'aba'],
    ['xabababy', 'xabababy', 'xaby'],
    ['abcabd', 'abcabd', 'abcabd'],
    ['xyxyx', 'xyxyx', 'xyx'],
    ['aaaa', 'a', 'a'],
  ])('%s without repeats is %s, without cycles %s', (items, unrepeated, uncycled) => {
    expect(withoutRepeats([...items]).join('')).toBe(unrepeated);
    expect(withoutCycles([...items]).join('')).toBe(uncycled);
  });
});

describe('compareTraces', () => {
  const empty: Trace = { objects: {}, events: [], hooks: [], alerts: [], queries: [] };

  it('names scenario, subject, position, path and both values', () => {
    const state = (replicas: number) => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'a' },
      spec: { replicas },
    });
    const objects = (replicas: number): Trace => ({
      ...empty,
      objects: { 'apps/deployments/a': [state(1), state(replicas)] },
    });
    expect(compareTraces('demo', objects(0), objects(2)).map(describeMismatch)).toEqual([
      'demo: apps/deployments/a[1] .spec.replicas\n    recorded 0\n    got      2',
    ]);
  });

  it('tells a surplus call once, although it shifts all that follow', () => {
    const calls = (names: string): Trace => ({ ...empty, hooks: [...names].map((name) => [name, {}] as const) });
    expect(compareTraces('demo', calls('abc'), calls('axbc')).map(describeMismatch)).toEqual([
      'demo: hooks[1]\n    recorded (absent)\n    got      ["x",{}]',
    ]);
  });
});
