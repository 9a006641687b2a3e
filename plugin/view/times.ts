/** Spans and moments as kubectl writes them. All arguments are milliseconds. */

const part = (amount: number, unit: string): string => (amount === 0 ? '' : `${amount}${unit}`);

/** `12s`, `4m10s`, `3h20m`, `41d`: coarser the longer it is. */
export const span = (ms: number): string => {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [minutes, hours] = [Math.floor(seconds / 60), Math.floor(seconds / 3600)];
  const days = Math.floor(hours / 24);
  if (seconds < 120) return `${seconds}s`;
  if (minutes < 10) return `${minutes}m${part(seconds % 60, 's')}`;
  if (hours < 3) return `${minutes}m`;
  if (hours < 8) return `${hours}h${part(minutes % 60, 'm')}`;
  if (hours < 48) return `${hours}h`;
  if (days < 8) return `${days}d${part(hours % 24, 'h')}`;
  if (days < 730) return `${days}d`;
  return `${Math.floor(days / 365)}y`;
};

/** `0:38`, `12:05`: what is left until a moment. */
export const countdown = (ms: number): string => {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
};

/** Since an RFC 3339 instant; `-` where there is none. */
export const since = (instant: string | undefined, now: number): string => {
  const at = Date.parse(instant ?? '');
  return Number.isNaN(at) ? '-' : span(now - at);
};

/** `14:02:10Z` in UTC, else `14:02:10` in local time. */
export const clockTime = (at: number, utc: boolean): string => {
  if (utc) return `${new Date(at).toISOString().slice(11, 19)}Z`;
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((n) => String(n).padStart(2, '0')).join(':');
};

/** `2026-01-02T03:04:05Z`. */
export const instantOf = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');

/** `today 14:01`, `Tue 09:12`, `2026-01-02 09:12`; in UTC `2026-01-02T09:12:00Z`. */
export const dayTime = (instant: string | undefined, now: number, utc: boolean): string => {
  const at = Date.parse(instant ?? '');
  if (Number.isNaN(at)) return '-';
  if (utc) return instantOf(at);
  const [date, today] = [new Date(at), new Date(now)];
  const time = clockTime(at, false).slice(0, 5);
  if (date.toDateString() === today.toDateString()) return `today ${time}`;
  if (now - at >= 0 && now - at < 6 * 86_400_000)
    return `${date.toLocaleDateString('en', { weekday: 'short' })} ${time}`;
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()]
    .map((n) => String(n).padStart(2, '0'))
    .join('-');
  return `${day} ${time}`;
};
