/** CANARY-MET-002 to -018, but for -003: bounds, names and references of metrics. */
import { isGiven, isRecord, listOf, numberOf, type Raw, recordOf, textOf } from '../raw.ts';
import { type Draft, each, eachRepeated, type Rule, when } from '../rule.ts';
import { quoted, shown } from '../text.ts';
import { httpUrlOf } from '../url.ts';
import type { CanaryView } from '../view.ts';
import { foreignNamespace } from './references.ts';

const AT = 'spec.analysis.metrics';
const RATE = 'request-success-rate';
const DURATION = 'request-duration';

const forEachMetric =
  (judge: (metric: Raw, at: string) => Draft | undefined): Rule<CanaryView>['check'] =>
  ({ analysis }) =>
    each(listOf(analysis['metrics']), (item, index) => (isRecord(item) ? judge(item, `${AT}[${index}]`) : undefined));

const boundsOf = (metric: Raw): readonly number[] => {
  const range = recordOf(metric['thresholdRange']);
  return [range['min'], range['max'], metric['threshold']].map(numberOf).filter((value) => value !== undefined);
};

const noBound = forEachMetric((metric, at) => {
  if (isGiven(metric['thresholdRange']) || isGiven(metric['threshold']) || isGiven(metric['compare'])) return undefined;
  const isRate = metric['name'] === RATE;
  return {
    path: `${at}.thresholdRange`,
    message: `no bound: the check would ${isRate ? 'always pass' : 'fail for every value above 0'}. Add thresholdRange.`,
    value: metric['name'],
    reason: 'FieldValueRequired',
  };
});

const emptyRange = forEachMetric((metric, at) => {
  const range = metric['thresholdRange'];
  if (!isRecord(range) || isGiven(range['min']) || isGiven(range['max']) || isGiven(metric['compare']))
    return undefined;
  return { path: `${at}.thresholdRange`, message: 'neither min nor max: every value passes. Add one of them.' };
});

const oldThreshold = forEachMetric((metric, at) => {
  if (!isGiven(metric['threshold'])) return undefined;
  const isIgnored = isGiven(metric['thresholdRange']);
  const meaning = isIgnored ? 'ignored beside thresholdRange' : `read as ${metric['name'] === RATE ? 'min' : 'max'}`;
  return {
    path: `${at}.threshold`,
    message: `deprecated, and ${meaning}. ${isIgnored ? 'Remove it.' : 'Write thresholdRange.'}`,
  };
});

const milliseconds = forEachMetric((metric, at) => {
  if (metric['name'] !== DURATION || textOf(metric['query']) !== '' || isGiven(metric['templateRef'])) return undefined;
  const value = boundsOf(metric).find((bound) => !Number.isInteger(bound) || (bound > 0 && bound < 1));
  if (value === undefined) return undefined;
  return {
    path: at,
    message: `${shown(value)} is cut to ${Math.trunc(value)}: milliseconds are expected, not seconds. Use whole milliseconds.`,
  };
});

const percentage = forEachMetric((metric, at) => {
  if (metric['name'] !== RATE || textOf(metric['query']) !== '' || isGiven(metric['templateRef'])) return undefined;
  const value = boundsOf(metric).find((bound) => bound < 0 || bound > 100 || (bound > 0 && bound <= 1));
  if (value === undefined) return undefined;
  return {
    path: at,
    message: `${shown(value)} ${value > 0 && value <= 1 ? 'looks like a ratio' : 'is never reached'}: a percentage is expected. Use 0-100.`,
  };
});

const foreignTemplate: Rule<CanaryView>['check'] = (view, context) =>
  each(listOf(view.analysis['metrics']), (item, index) =>
    foreignNamespace(view, context, recordOf(recordOf(item)['templateRef']), `${AT}[${index}].templateRef`),
  );

const foreignUpstream: Rule<CanaryView>['check'] = (view, context) =>
  each([recordOf(view.spec['upstreamRef'])], (ref) => foreignNamespace(view, context, ref, 'spec.upstreamRef'));

const bothSources = forEachMetric((metric, at) => {
  if (textOf(metric['query']) === '' || !isGiven(metric['templateRef'])) return undefined;
  return { path: at, message: 'query and templateRef stand side by side, under one name. Keep one.' };
});

const sameName: Rule<CanaryView>['check'] = ({ analysis }) =>
  eachRepeated(
    listOf(analysis['metrics']).map((item) => textOf(recordOf(item)['name'])),
    (name) => name,
    (name, index) => ({
      path: `${AT}[${index}].name`,
      message: `two metrics are named ${quoted(name)}: status and series show one of them. Rename one.`,
    }),
  );

const server: Rule<CanaryView>['check'] = ({ spec }) => {
  const address = spec['metricsServer'];
  return when(typeof address === 'string' && address !== '' && httpUrlOf(address) === undefined, () => ({
    path: 'spec.metricsServer',
    message: `${quoted(address)} is not a URL: no metric could be read. Use one such as http://prometheus.monitoring:9090.`,
    value: address,
  }));
};

const row = (id: string, type: Rule<CanaryView>['class'], path: string, about: string) => ({
  id: `CANARY-MET-${id}`,
  class: type,
  path,
  about,
});

export const THRESHOLD_RULES: readonly Rule<CanaryView>[] = [
  { ...row('002', 'D', `${AT}[].thresholdRange`, 'a metric without a bound'), check: noBound },
  { ...row('004', 'W', `${AT}[].thresholdRange`, 'a range without ends'), check: emptyRange },
  { ...row('005', 'W', `${AT}[].threshold`, 'a bound of the old form'), check: oldThreshold },
  { ...row('006', 'W', `${AT}[]`, 'a duration in seconds'), check: milliseconds },
  { ...row('007', 'W', `${AT}[]`, 'a rate that is no percentage'), check: percentage },
  {
    ...row('010', 'D', `${AT}[].templateRef.namespace, spec.upstreamRef.namespace`, 'a forbidden namespace'),
    check: (view, context) => [...foreignTemplate(view, context), ...foreignUpstream(view, context)],
  },
  {
    ...row('012', 'W', `${AT}[]`, 'two measurements under one name'),
    check: (view, context) => [...bothSources(view, context), ...sameName(view, context)],
  },
  { ...row('018', 'D', 'spec.metricsServer', 'an address that is none'), check: server },
];
