import { describe, expect, it } from 'vitest';
import { ageOf } from '../../../../shared/sim/builtin/columns.ts';

const [S, M, H, D] = [1, 60, 3600, 86_400];

describe('an age', () => {
  it.each([
    [0, '0s'],
    [119 * S, '119s'],
    [2 * M, '2m'],
    [2 * M + 5, '2m5s'],
    [10 * M, '10m'],
    [179 * M, '179m'],
    [3 * H, '3h'],
    [3 * H + 12 * M, '3h12m'],
    [8 * H, '8h'],
    [47 * H, '47h'],
    [2 * D, '2d'],
    [2 * D + 3 * H, '2d3h'],
    [8 * D, '8d'],
    [729 * D, '729d'],
    [730 * D, '2y'],
    [735 * D, '2y5d'],
    [3000 * D, '8y'],
  ])('of %d seconds reads %s', (seconds, text) => {
    const then = Date.UTC(2026, 0, 1);
    expect(ageOf(new Date(then).toISOString(), then + seconds * 1000)).toBe(text);
  });

  it('is unknown without a time, and invalid in the future', () => {
    expect(ageOf(undefined, 0)).toBe('<unknown>');
    expect(ageOf('2026-01-01T00:00:00Z', 0)).toBe('<invalid>');
  });
});
