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
];
