const LONGEST_WAIT_MS = 30_000;
/** A server may ask for more patience than the usual schedule has, but not for the rest of the day. */
const LONGEST_ASKED_WAIT_MS = 120_000;

/** True for answers that another attempt may better: 429 and 5xx but not 501. */
export const isRetriableStatus = (status: number): boolean => status === 429 || (status >= 500 && status !== 501);

/** Milliseconds of a Retry-After header (seconds or an HTTP date); undefined when there is none or it is unreadable. */
export const parseRetryAfter = (value: string | undefined, now: number): number | undefined => {
  if (value === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(value)) return Math.min(Number(value) * 1000, LONGEST_ASKED_WAIT_MS);
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.min(Math.max(0, at - now), LONGEST_ASKED_WAIT_MS);
};

/** Milliseconds to wait after failed attempt `attempt` (1 is the first): 1, 2, 4 … 30 s, or what the server asked for. */
export const waitAfter = (attempt: number, askedMs?: number): number =>
  askedMs ?? Math.min(1000 * 2 ** (attempt - 1), LONGEST_WAIT_MS);
