import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson, configChecksum, digestOf, hookChecksum, opaqueHash } from '../../../../shared/api/digest.ts';

describe('canonical JSON', () => {
  test('orders keys by their text, numbers among them, at every depth', () => {
    expect(canonicalJson({ b: [{ z: 1, a: 2 }], 10: 'x', 2: 'y', a: null })).toBe(
      '{"10":"x","2":"y","a":null,"b":[{"a":2,"z":1}]}',
    );
  });

  test('leaves undefined fields out and keeps the places of a list', () => {
    expect(canonicalJson({ a: undefined, b: [undefined, 1] })).toBe('{"b":[null,1]}');
    expect(canonicalJson(undefined)).toBe('null');
  });

  test('keeps a key that JavaScript treats apart', () => {
    expect(canonicalJson(JSON.parse('{"__proto__":{"b":1,"a":2},"a":1}'))).toBe('{"__proto__":{"a":2,"b":1},"a":1}');
  });

  test('reads back as what it was written from, for any JSON value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe('our digest', () => {
  test('is ten hexadecimal characters and never changes', () => {
    expect(digestOf({ containers: [{ name: 'podinfod', image: 'example.org/podinfo:1.0.0' }] })).toBe('3cf1fdbc6f');
  });

  test('does not see the order of keys, and sees the order of lists', () => {
    expect(digestOf({ a: 1, b: 2 })).toBe(digestOf({ b: 2, a: 1 }));
    expect(digestOf([1, 2])).not.toBe(digestOf([2, 1]));
  });
});

describe('the checksum of a ConfigMap or Secret', () => {
  test.each([
    ['one key', { color: 'red' }, '241889ca0604e333'],
    ['no data', undefined, '74234e98afe7498f'],
    ['null data', null, '74234e98afe7498f'],
    ['empty data', {}, '44136fa355b3678a'],
    ['a Secret in base64', { k: btoa('test') }, '2cd011f85c095c54'],
    [
      'control characters, emoji and a line separator',
      { '1_b': 'a\fb\t', 23: '\b\u{1f600}\u2028', '28.c': '\n\x1f\x01' },
      'a4c7b938c5e368d4',
    ],
    ['characters that HTML knows', { '12.c': '&\x1f/\f\u00e9\x01', 6: '\\\x1f\u00e9\\' }, '55852667c7c8a4b3'],
    ['keys that look like numbers', { '0.c': ' \\ < \b', '23.c': '\b\u2028a0' }, 'f4f510e62e7eabac'],
  ])("of %s is the reference's", (_, data, checksum) => {
    expect(configChecksum(data)).toBe(checksum);
  });
});

describe('hashes in the alphabet of the reference', () => {
  test('one text gives the hash that the reference gives', () => {
    expect(opaqueHash('(string)podinfo-00001')).toBe('5498f4fcd6');
  });

  test('every text gives one to ten characters of 456789bcdf', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(opaqueHash(text)).toMatch(/^[456789bcdf]{1,10}$/);
      }),
    );
  });

  test.each([
    [undefined, '', '758df7c9fc'],
    [null, undefined, '758df7c9fc'],
    [undefined, '4cb74184589', '7c9d467496'],
    [{}, 'x', '76485df54b'],
    [{ 'secret/b': '9fc3a7c76acaa7c6', 'configmap/a': '484637c76acaa7c6' }, '4cb74184589', '54d755b97c'],
  ])('hooks of tracked %j and hash %j carry %s', (trackedConfigs, lastAppliedSpec, checksum) => {
    expect(hookChecksum(trackedConfigs, lastAppliedSpec)).toBe(checksum);
  });
});
