/** CANARY-MET-001, -003 and -019: metrics that could never be judged. */
import { isGiven, listOf, numberOf, recordOf, textOf } from '../raw.ts';
import { each, type Rule } from '../rule.ts';
import { didYouMean, quoted } from '../text.ts';
import type { CanaryView } from '../view.ts';

const AT = 'spec.analysis.metrics';
const BUILT_IN = ['request-success-rate', 'request-duration'] as const;

const isBuiltIn = (name: string): boolean => (BUILT_IN as readonly string[]).includes(name);

/** What a query names its side by; without one it asks the same of both. */
const NAMES_A_SIDE = /\{\{[^}]*\b(?:target|service|route)\b/;

const badComparison = (metric: Readonly<Record<string, unknown>>): string | undefined => {
  const compare = recordOf(metric['compare']);
  const [more, less] = [numberOf(compare['maxIncreasePercent']), numberOf(compare['maxDecreasePercent'])];
  if (more === undefined && less === undefined)
    return 'neither maxIncreasePercent nor maxDecreasePercent is set: nothing would be compared. Set one of them.';
  if ((more ?? 0) < 0 || (less ?? 0) < 0) return 'a percentage below 0 leaves no value that passes. Write 0 or more.';
  const query = textOf(metric['query']);
  return query === '' || NAMES_A_SIDE.test(query)
    ? undefined
    : 'the query names neither {{ target }} nor {{ service }}: it asks the same of canary and primary. Use one of them.';
};

export const METRIC_RULES: readonly Rule<CanaryView>[] = [
  {
    id: 'CANARY-MET-001',
    class: 'D',
    path: `${AT}[]`,
    about: 'a metric that nothing measures',
    check: ({ analysis }) =>
      each(listOf(analysis['metrics']), (item, index) => {
        const metric = recordOf(item);
        const name = textOf(metric['name']);
        if (name === '' || isBuiltIn(name) || textOf(metric['query']) !== '' || isGiven(metric['templateRef']))
          return undefined;
        const near = didYouMean(name, BUILT_IN);
        return {
          path: `${AT}[${index}]`,
          message: `${quoted(name)} is not built in and has no query or templateRef: every check would fail.${near} Add one of them.`,
          value: name,
        };
      }),
  },
  {
    id: 'CANARY-MET-003',
    class: 'D',
    path: `${AT}[].thresholdRange`,
    about: 'bounds that no value meets',
    check: ({ analysis }) =>
      each(listOf(analysis['metrics']), (item, index) => {
        const range = recordOf(recordOf(item)['thresholdRange']);
        const [min, max] = [numberOf(range['min']), numberOf(range['max'])];
        if (min === undefined || max === undefined || min <= max) return undefined;
        return {
          path: `${AT}[${index}].thresholdRange`,
          message: `min ${min} is greater than max ${max}: no value can pass. Change one of them.`,
          value: `${min}/${max}`,
        };
      }),
  },
  {
    id: 'CANARY-MET-019',
    class: 'D',
    path: `${AT}[].compare`,
    about: 'a comparison that compares nothing',
    check: ({ analysis }) =>
      each(listOf(analysis['metrics']), (item, index) => {
        const metric = recordOf(item);
        const problem = isGiven(metric['compare']) ? badComparison(metric) : undefined;
        return problem === undefined
          ? undefined
          : { path: `${AT}[${index}].compare`, message: problem, value: textOf(metric['name']) };
      }),
  },
];
