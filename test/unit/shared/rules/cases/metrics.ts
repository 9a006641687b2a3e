import { canary, creating } from '../world.ts';
import type { RuleCase } from './case.ts';

const metric = (fields: Readonly<Record<string, unknown>>) =>
  creating(canary((it) => (it.spec.analysis.metrics = [{ interval: '1m', ...fields }])));

export const METRIC_CASES: readonly RuleCase[] = [
  {
    id: 'CANARY-MET-001',
    says: 'a metric is neither built in nor has a query',
    bad: metric({ name: 'request-succes-rate', thresholdRange: { min: 99 } }),
    good: metric({ name: 'request-success-rate', thresholdRange: { min: 99 } }),
    severity: 'deny',
    path: 'spec.analysis.metrics[0]',
    message: 'every check would fail. Did you mean "request-success-rate"?',
  },
  {
    id: 'CANARY-MET-001',
    says: 'a metric of another name has no query, its neighbour has one',
    bad: metric({ name: 'errors', thresholdRange: { max: 1 } }),
    good: metric({ name: 'errors', query: 'sum(errors)', thresholdRange: { max: 1 } }),
    severity: 'deny',
    path: 'spec.analysis.metrics[0]',
    message: 'has no query or templateRef',
  },
  {
    id: 'CANARY-MET-003',
    says: 'a metric has bounds that no value meets',
    bad: metric({ name: 'request-duration', thresholdRange: { min: 500, max: 100 } }),
    good: metric({ name: 'request-duration', thresholdRange: { min: 100, max: 100 } }),
    severity: 'deny',
    path: 'spec.analysis.metrics[0].thresholdRange',
    message: 'min 500 is greater than max 100',
  },
  {
    id: 'CANARY-MET-019',
    says: 'a comparison names no percentage',
    bad: metric({ name: 'request-duration', compare: { with: 'primary' } }),
    good: metric({ name: 'request-duration', compare: { with: 'primary', maxIncreasePercent: 10 } }),
    severity: 'deny',
    path: 'spec.analysis.metrics[0].compare',
    message: 'nothing would be compared',
  },
  {
    id: 'CANARY-MET-019',
    says: 'a comparison allows less than nothing',
    bad: metric({ name: 'request-duration', compare: { with: 'primary', maxDecreasePercent: -1 } }),
    good: metric({ name: 'request-duration', compare: { with: 'primary', maxDecreasePercent: 0 } }),
    severity: 'deny',
    path: 'spec.analysis.metrics[0].compare',
    message: 'a percentage below 0',
  },
  {
    id: 'CANARY-MET-019',
    says: 'a query asks the same of canary and primary',
    bad: metric({
      name: 'own',
      query: 'sum(errors{app="podinfo"})',
      compare: { with: 'primary', maxIncreasePercent: 5 },
    }),
    good: metric({
      name: 'own',
      query: 'sum(errors{app="{{ target }}"})',
      compare: { with: 'primary', maxIncreasePercent: 5 },
    }),
    severity: 'deny',
    path: 'spec.analysis.metrics[0].compare',
    message: 'it asks the same of canary and primary',
  },
];
