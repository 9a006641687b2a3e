import type { Severity } from '../../../../../shared/api/model.ts';
import { canary, creating, type Loose, SETTINGS } from '../world.ts';
import type { RuleCase } from './case.ts';

const M = 'spec.analysis.metrics';
const metrics = (...list: Loose[]) => creating(canary((it) => (it.spec.analysis.metrics = list)));
const rate = (more: Loose) => metrics({ name: 'request-success-rate', ...more });
const duration = (more: Loose) => metrics({ name: 'request-duration', ...more });
const own = (more: Loose) => ({ name: 'own', query: 'sum(x)', thresholdRange: { max: 1 }, ...more });
const inOne = (object: Parameters<typeof creating>[0]) =>
  creating(object, [], { settings: { ...SETTINGS, noCrossNamespaceRefs: true } });
const template = (namespace: string) =>
  inOne(canary((it) => (it.spec.analysis.metrics = [own({ query: '', templateRef: { name: 't', namespace } })])));
const upstream = (namespace: string) => inOne(canary((it) => (it.spec.upstreamRef = { name: 'u', namespace })));
const server = (address: string) => creating(canary((it) => (it.spec.metricsServer = address)));

const row = (id: string, says: string, [severity, path, message]: readonly [Severity, string, string]) => ({
  id: `CANARY-MET-${id}`,
  says,
  severity,
  path,
  message,
});

export const THRESHOLD_CASES: readonly RuleCase[] = [
  {
    ...row('002', 'a rate without a bound', ['deny', `${M}[0].thresholdRange`, 'the check would always pass']),
    bad: rate({}),
    good: rate({ threshold: 99 }),
  },
  {
    ...row('002', 'a duration without a bound', ['deny', `${M}[0].thresholdRange`, 'fail for every value above 0']),
    bad: duration({}),
    good: duration({ compare: { with: 'primary', maxIncreasePercent: 10 } }),
  },
  {
    ...row('004', 'a range without ends', ['warn', `${M}[0].thresholdRange`, 'every value passes']),
    bad: rate({ thresholdRange: {} }),
    good: rate({ thresholdRange: { min: 0 } }),
  },
  {
    ...row('005', 'a bound of the old form', ['warn', `${M}[0].threshold`, 'read as min']),
    bad: rate({ threshold: 99 }),
    good: rate({ thresholdRange: { min: 99 } }),
  },
  {
    ...row('005', 'a bound that nobody reads', ['warn', `${M}[0].threshold`, 'ignored beside thresholdRange']),
    bad: rate({ threshold: 99, thresholdRange: { min: 99 } }),
    good: rate({ thresholdRange: { min: 99 } }),
  },
  {
    ...row('006', 'a duration in seconds', ['warn', `${M}[0]`, '0.5 is cut to 0']),
    bad: duration({ thresholdRange: { max: 0.5 } }),
    good: duration({ thresholdRange: { max: 500 } }),
  },
  {
    ...row('007', 'a ratio in the place of a percentage', ['warn', `${M}[0]`, '0.99 looks like a ratio']),
    bad: rate({ thresholdRange: { min: 0.99 } }),
    good: rate({ thresholdRange: { min: 99 } }),
  },
  {
    ...row('007', 'more than everything', ['warn', `${M}[0]`, '101 is never reached']),
    bad: rate({ thresholdRange: { min: 101 } }),
    good: rate({ thresholdRange: { min: 100 } }),
  },
  {
    ...row('010', 'a template of another namespace', ['deny', `${M}[0].templateRef.namespace`, 'Move "t" to "test"']),
    bad: template('other'),
    good: template('test'),
  },
  {
    ...row('010', 'an upstream of another namespace', ['deny', 'spec.upstreamRef.namespace', 'Move "u" to "test"']),
    bad: upstream('other'),
    good: upstream(''),
  },
  {
    ...row('012', 'a query beside a template', ['warn', `${M}[0]`, 'query and templateRef stand side by side']),
    bad: metrics(own({ templateRef: { name: 't' } })),
    good: metrics(own({})),
  },
  {
    ...row('012', 'two metrics of one name', ['warn', `${M}[1].name`, 'two metrics are named "own"']),
    bad: metrics(own({}), own({})),
    good: metrics(own({}), own({ name: 'other' })),
  },
  {
    ...row('018', 'a server without a protocol', ['deny', 'spec.metricsServer', '"prometheus:9090" is not a URL']),
    bad: server('prometheus:9090'),
    good: server('http://prometheus:9090'),
  },
];
