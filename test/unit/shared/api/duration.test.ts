import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatGoDuration, parseGoDuration } from '../../../../shared/api/duration.ts';

/** What Go's own reader answers, in milliseconds. */
const READ: readonly (readonly [text: string, ms: number])[] = [
  ['0', 0],
  ['+0', 0],
  ['-0', 0],
  ['10s', 10_000],
  ['1h2m3.5s', 3_723_500],
  ['1m1m', 120_000],
  ['500ms', 500],
  ['-250ms', -250],
  ['+.2s', 200],
  ['1.s', 1000],
  ['7.s59h', 212_407_000],
  ['63m58us', 3_780_000.058],
  ['32µs', 0.032],
  ['32\u03bcs', 0.032],
  ['-.747us', -0.000747],
  ['+54ns.311ms9.us54s', 54_000.320054],
  ['0.ms53.1676066394821055166s', 53_167.606639],
  ['+70m.895m80.447684565616694174ms', 4_253_780.447684],
  [`${'0'.repeat(60)}1s`, 1000],
  ['9223372036854775807ns', 2 ** 63 / 1e6],
  ['-9223372036854775808ns', -(2 ** 63) / 1e6],
  ['2562047h47m16.854775807s', 2 ** 63 / 1e6],
];

const REFUSED = [
  '',
  '+',
  '-',
  '.',
  's',
  '.s',
  '-.s',
  '55',
  '1.5',
  '10 s',
  ' 10s',
  '10s ',
  '10sfoo',
  '1d',
  '5S',
  '--1s',
  '1s-1s',
  '1e3s',
  '0x1s',
  '1,5s',
  '.s74s',
  '\u0661s',
  '9223372036854775808ns',
  '-9223372036854775809ns',
  '2562047h47m16.854775808s',
  '99999999999999999999999999s',
];

/** What Go's own writer gives. */
const WRITTEN: readonly (readonly [ms: number, text: string])[] = [
  [0, '0s'],
  [-0, '0s'],
  [1515, '1.515s'],
  [500, '500ms'],
  [90_000, '1m30s'],
  [60_000, '1m0s'],
  [3_600_000, '1h0m0s'],
  [-1500, '-1.5s'],
  [1.5, '1.5ms'],
  [0.24526, '245.26\u00b5s'],
  [0.001, '1\u00b5s'],
  [-0.000193, '-193ns'],
  [812.041301, '812.041301ms'],
  [255_628.325975, '4m15.628325975s'],
  [86_593_835.061189, '24h3m13.835061189s'],
];

describe('Go durations', () => {
  test.each(READ)('"%s" is read as %d ms', (text, ms) => {
    expect(parseGoDuration(text)).toBe(ms);
  });

  test.each(REFUSED)('"%s" is refused', (text) => {
    expect(parseGoDuration(text)).toBeUndefined();
  });

  test.each(WRITTEN)('%d ms is written %s', (ms, text) => {
    expect(formatGoDuration(ms)).toBe(text);
  });

  test('what is written is read back to the nanosecond', () => {
    const nanoseconds = fc.integer({ min: -(2 ** 51), max: 2 ** 51 });
    fc.assert(
      fc.property(nanoseconds, (ns) => {
        expect(Math.round((parseGoDuration(formatGoDuration(ns / 1e6)) ?? Number.NaN) * 1e6)).toBe(ns === 0 ? 0 : ns);
      }),
    );
  });

  test('the parts of a duration add up in any order', () => {
    const part = fc.tuple(fc.nat(1000), fc.constantFrom('h', 'm', 's', 'ms')).map(([count, unit]) => `${count}${unit}`);
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
        const sum = parts.reduce((total, each) => total + (parseGoDuration(each) ?? Number.NaN), 0);
        expect(parseGoDuration(parts.join(''))).toBe(sum);
        expect(parseGoDuration(parts.toReversed().join(''))).toBe(sum);
      }),
    );
  });

  test('a hostile text is read in a time that grows with its length', () => {
    expect(parseGoDuration(`${'1'.repeat(1_000_000)}x`)).toBeUndefined();
    expect(parseGoDuration(`${'1s'.repeat(500_000)}x`)).toBeUndefined();
    expect(parseGoDuration(`0.${'1'.repeat(1_000_000)}s`)).toBeCloseTo(111.111111, 6);
  });
});
