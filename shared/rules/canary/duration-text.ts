/** The dialects of duration that meet in one Canary. */
import { parseGoDuration } from '../../api/duration.ts';

/** Longer texts are no durations to anybody. */
const LONGEST = 64;

/** What the schema admits for intervals and timeouts: not anchored at its end. */
const ADMITTED = /^[0-9]+(m|s)/;
const PROMETHEUS = /^(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?(?:\d+ms)?$/;
const PROMETHEUS_PART = /(\d+)(ms|[ywdhms])/g;
const GEP_2257 = /^(?:\d{1,5}(?:h|m|s|ms)){1,4}$/;
const BARE_NUMBER = /^\d{1,9}$/;

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** True when the schema lets the value through. */
export const passesPattern = (value: unknown): value is string =>
  typeof value === 'string' && ADMITTED.test(value.length > LONGEST ? value.slice(0, LONGEST) : value);

/** Milliseconds of a Go duration; undefined for anything else. */
export const goMs = (text: string): number | undefined => (text.length > LONGEST ? undefined : parseGoDuration(text));

/** Milliseconds of a Prometheus duration, units from large to small; undefined for anything else. */
export const prometheusMs = (text: string): number | undefined => {
  if (text === '' || text.length > LONGEST || !PROMETHEUS.test(text)) return undefined;
  let ms = 0;
  for (const [, amount, unit] of text.matchAll(PROMETHEUS_PART)) ms += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0);
  return ms;
};

/** Milliseconds of a Gateway API duration; undefined for anything else. */
export const gepMs = (text: string): number | undefined =>
  text.length <= LONGEST && GEP_2257.test(text) ? parseGoDuration(text) : undefined;

/** Whole minutes or seconds, as short as it goes: 90 s is `90s`, 120 s is `2m`. */
export const inMinutesOrSeconds = (ms: number): string => {
  const seconds = Math.max(1, Math.round(ms / 1000));
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
};

/** The admitted spelling of what was probably meant; undefined where nobody can tell. */
export const converted = (value: unknown): string | undefined => {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : '';
  if (BARE_NUMBER.test(text) && Number(text) > 0) return `${Number(text)}s`;
  const ms = goMs(text) ?? prometheusMs(text);
  return ms !== undefined && ms > 0 ? inMinutesOrSeconds(ms) : undefined;
};
