import { describe, expect, it } from 'vitest';
import { clockTime, countdown, dayTime, instantOf, since, span } from '../../../../plugin/view/times.ts';

const S = 1000;
const M = 60 * S;
const H = 60 * M;
const D = 24 * H;

describe('spans as kubectl writes them', () => {
  it.each([
    [0, '0s'],
    [-5 * S, '0s'],
    [119 * S, '119s'],
    [2 * M, '2m'],
    [4 * M + 10 * S, '4m10s'],
    [10 * M + 59 * S, '10m'],
    [179 * M, '179m'],
    [3 * H + 20 * M, '3h20m'],
    [8 * H, '8h'],
    [47 * H, '47h'],
    [2 * D + 3 * H, '2d3h'],
    [41 * D, '41d'],
    [800 * D, '2y'],
  ])('%i ms is %s', (ms, text) => {
    expect(span(ms)).toBe(text);
  });

  it('are - where there is no moment', () => {
    expect(since(undefined, 0)).toBe('-');
    expect(since('nonsense', 0)).toBe('-');
    expect(since('1970-01-01T00:00:00Z', 5 * S)).toBe('5s');
  });
});

describe('moments', () => {
  const now = Date.UTC(2026, 0, 10, 14, 2, 10);

  it('count down in minutes and seconds, never below zero', () => {
    expect([countdown(38_400), countdown(725_000), countdown(-1)]).toEqual(['0:39', '12:05', '0:00']);
  });

  it('are absolute where asked for', () => {
    expect(clockTime(now, true)).toBe('14:02:10Z');
    expect(instantOf(now + 7)).toBe('2026-01-10T14:02:10Z');
    expect(dayTime('2026-01-10T09:00:00Z', now, true)).toBe('2026-01-10T09:00:00Z');
    expect(dayTime(undefined, now, true)).toBe('-');
  });

  it('name the day as far as it matters', () => {
    const local = (days: number) => new Date(new Date(2026, 0, 10, 9, 12).getTime() - days * D).toISOString();
    const at = new Date(2026, 0, 10, 14).getTime();
    expect(dayTime(local(0), at, false)).toBe('today 09:12');
    expect(dayTime(local(3), at, false)).toBe('Wed 09:12');
    expect(dayTime(local(9), at, false)).toBe('2026-01-01 09:12');
  });
});
