import { expect, it } from 'vitest';
import { isoTime, kubeTime, timeOf } from '../../../../shared/rollout/times.ts';

it.each([
  [0, '1970-01-01T00:00:00.000Z', '1970-01-01T00:00:00Z'],
  [1_767_323_045_678, '2026-01-02T03:04:05.678Z', '2026-01-02T03:04:05Z'],
  [1_767_323_045_999, '2026-01-02T03:04:05.999Z', '2026-01-02T03:04:05Z'],
])('%i ms are %s to us, and whole seconds to Kubernetes: %s', (ms, ours, theirs) => {
  expect([isoTime(ms), kubeTime(ms)]).toEqual([ours, theirs]);
});

it.each<[string | undefined, number]>([
  ['1970-01-01T00:00:00Z', 0],
  ['2026-01-02T03:04:05.678Z', 1_767_323_045_678],
  ['2026-01-02T03:04:05Z', 1_767_323_045_000],
  [undefined, Number.NaN],
  ['soon', Number.NaN],
])('%s is at %d ms', (text, ms) => {
  expect(timeOf(text)).toBe(ms);
});
