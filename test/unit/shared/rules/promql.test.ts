import { describe, expect, it } from 'vitest';
import { promqlProblem } from '../../../../shared/rules/promql.ts';

describe('PromQL', () => {
  it.each([
    'sum(rate(http_requests_total{app="podinfo"}[1m]))',
    "sum(rate(x{app='p'}[30s])) by (pod) > 2 or vector(0)",
    'histogram_quantile(0.99, sum(rate(a_bucket{app=~"x.*"}[1m])) by (le))',
    'rate(x[1m:30s] offset 5m @ 3)',
    '{"utf8.name", a="b"}',
    `${'a{b="c"}+'.repeat(220)}1`,
    `${'('.repeat(900)}1${')'.repeat(900)}`,
  ])('%s is right', (query) => {
    expect(promqlProblem(query)).toBeUndefined();
  });

  it.each([
    ['sum(rate(x[1m])', 16, ''],
    ['a{b=c}', 5, 'c}'],
    ['foo bar', 5, 'bar'],
    ['', 1, ''],
    ['{{ x }}', 2, '{ x }}'],
  ])('%s is wrong at its column', (query, column, near) => {
    expect(promqlProblem(query)).toEqual({ column, near });
  });

  it('does not look at endless texts', () => {
    expect(promqlProblem('('.repeat(5000))).toBeUndefined();
  });
});
