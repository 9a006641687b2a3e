/** Durations as Go reads and writes them, counted in its nanoseconds and given in milliseconds. */

const UNIT_NS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  '\u00b5s': 1_000n, // micro sign
  '\u03bcs': 1_000n, // Greek letter mu
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

const SECOND = 1_000_000_000n;
const LIMIT = 1n << 63n;
const FORM = /^(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+$/;
const PART = /(\d*)(?:\.(\d*))?([^\d.]+)/g;
const PLAIN = /^(\d{1,9})(ms|s|m|h)$/;
const PLAIN_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Go reads at most 63 bits of a fraction and multiplies in floating point; so do we, to the same nanosecond. */
const fractionNs = (digits: string, unit: bigint): bigint => {
  let value = 0n;
  let scale = 1;
  for (const digit of digits) {
    const next = value * 10n + BigInt(digit);
    if (value > (LIMIT - 1n) / 10n || next > LIMIT) break;
    value = next;
    scale *= 10;
  }
  return BigInt(Math.trunc(Number(value) * (Number(unit) / scale)));
};

/** Undefined: more than Go can hold. */
const sumOfParts = (text: string): bigint | undefined => {
  let sum = 0n;
  for (const [, zeroes = '', fraction = '', name = ''] of text.matchAll(PART)) {
    const whole = zeroes.replace(/^0+/, '');
    if (whole.length > 19) return undefined;
    const unit = UNIT_NS[name] ?? 0n;
    sum += BigInt(whole) * unit + fractionNs(fraction, unit);
    if (sum > LIMIT) return undefined;
  }
  return sum;
};

/**
 * Milliseconds of a Go duration such as `1h2m3.5s`, `-250ms`, `0`; undefined for whatever Go refuses,
 * a number without a unit and more than 292 years among it.
 */
export const parseGoDuration = (text: string): number | undefined => {
  // What nearly everybody writes, `30s`, needs no nanoseconds.
  const [, amount, name = ''] = PLAIN.exec(text) ?? [];
  if (amount !== undefined) return Number(amount) * (PLAIN_MS[name] ?? 0);
  const negative = text.startsWith('-');
  const unsigned = /^[+-]/.test(text) ? text.slice(1) : text;
  if (unsigned === '0') return 0;
  if (!FORM.test(unsigned)) return undefined;
  const ns = sumOfParts(unsigned);
  if (ns === undefined || (ns === LIMIT && !negative)) return undefined;
  const ms = Number(ns / 1_000_000n) + Number(ns % 1_000_000n) / 1e6;
  return negative && ms !== 0 ? -ms : ms;
};

/** `value` in units of 10^`digits`, without trailing zeros: 1515 and 3 give `1.515`. */
const decimal = (value: bigint, digits: number): string => {
  const scale = 10n ** BigInt(digits);
  const fraction = (value % scale).toString().padStart(digits, '0').replace(/0+$/, '');
  return `${value / scale}${fraction === '' ? '' : `.${fraction}`}`;
};

const formatNs = (ns: bigint): string => {
  if (ns === 0n) return '0s';
  if (ns < 1_000n) return `${ns}ns`;
  if (ns < 1_000_000n) return `${decimal(ns, 3)}\u00b5s`;
  if (ns < SECOND) return `${decimal(ns, 6)}ms`;
  const minutes = ns / (60n * SECOND);
  const seconds = `${decimal(ns % (60n * SECOND), 9)}s`;
  if (minutes === 0n) return seconds;
  return minutes < 60n ? `${minutes}m${seconds}` : `${minutes / 60n}h${minutes % 60n}m${seconds}`;
};

/** A finite number of milliseconds as Go prints it: `1.515s`, `500ms`, `1m30s`, `0s`; rounded to nanoseconds. */
export const formatGoDuration = (ms: number): string => {
  const size = Math.abs(ms);
  const ns = BigInt(Math.trunc(size)) * 1_000_000n + BigInt(Math.round((size % 1) * 1e6));
  return `${ms < 0 && ns > 0n ? '-' : ''}${formatNs(ns)}`;
};
