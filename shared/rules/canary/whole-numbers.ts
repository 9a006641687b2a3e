/** CANARY-TYPE-001 and -002: what the schema calls numbers, and Go's types refuse for a whole list of Canaries at once. */
import { listOf, type Raw, recordOf } from '../raw.ts';
import { type Draft, each, type Rule } from '../rule.ts';
import { shown } from '../text.ts';
import type { CanaryView } from '../view.ts';

interface Range {
  readonly name: string;
  readonly min: number;
  readonly max: number;
}

const INT32: Range = { name: 'int32', min: -(2 ** 31), max: 2 ** 31 - 1 };
const UINT32: Range = { name: 'uint32', min: 0, max: 2 ** 32 - 1 };

/** Records whose named fields are whole numbers. */
const FIELDS: readonly { in: (view: CanaryView) => Raw; at: string; names: readonly string[] }[] = [
  { in: ({ spec }) => spec, at: 'spec', names: ['progressDeadlineSeconds'] },
  { in: ({ service }) => service, at: 'spec.service', names: ['port', 'targetPort'] },
  { in: ({ service }) => recordOf(service['retries']), at: 'spec.service.retries', names: ['attempts'] },
  {
    in: ({ service }) => recordOf(recordOf(recordOf(service['trafficPolicy'])['connectionPool'])['http']),
    at: 'spec.service.trafficPolicy.connectionPool.http',
    names: ['http1MaxPendingRequests', 'http2MaxRequests', 'maxRequestsPerConnection', 'maxRetries'],
  },
  {
    in: ({ scaler }) => recordOf(scaler['primaryScalerReplicas']),
    at: 'spec.autoscalerRef.primaryScalerReplicas',
    names: ['minReplicas', 'maxReplicas'],
  },
  {
    in: ({ analysis }) => analysis,
    at: 'spec.analysis',
    names: [
      'iterations',
      'threshold',
      'maxWeight',
      'stepWeight',
      'stepWeightPromotion',
      'mirrorWeight',
      'primaryReadyThreshold',
      'canaryReadyThreshold',
    ],
  },
  {
    in: ({ analysis }) => recordOf(analysis['sessionAffinity']),
    at: 'spec.analysis.sessionAffinity',
    names: ['maxAge'],
  },
];

/** Lists whose items are whole numbers, or hold one under a name. */
const LISTS: readonly { in: (view: CanaryView) => unknown; at: string; name?: string; range: Range }[] = [
  { in: ({ analysis }) => analysis['stepWeights'], at: 'spec.analysis.stepWeights', range: INT32 },
  { in: ({ analysis }) => analysis['webhooks'], at: 'spec.analysis.webhooks', name: 'retries', range: INT32 },
  { in: ({ service }) => service['match'], at: 'spec.service.match', name: 'port', range: UINT32 },
  { in: ({ service }) => service['ports'], at: 'spec.service.ports', name: 'port', range: INT32 },
];

const isFine = (value: unknown, { min, max }: Range): boolean =>
  typeof value !== 'number' || (Number.isInteger(value) && value >= min && value <= max);

interface Hit {
  readonly path: string;
  readonly value: number;
  readonly range: Range;
}

const NO_HITS: readonly Hit[] = [];

const hitsInRecords = (view: CanaryView): readonly Hit[] => {
  let hits: Hit[] | undefined;
  for (const { in: select, at, names } of FIELDS) {
    const record = select(view);
    for (const name of names) {
      const value = record[name];
      if (!isFine(value, INT32)) (hits ??= []).push({ path: `${at}.${name}`, value: value as number, range: INT32 });
    }
  }
  return hits ?? NO_HITS;
};

const hitsInLists = (view: CanaryView): readonly Hit[] => {
  let hits: Hit[] | undefined;
  for (const { in: select, at, name, range } of LISTS) {
    const items = listOf(select(view));
    for (let index = 0; index < items.length; index += 1) {
      const value = name === undefined ? items[index] : recordOf(items[index])[name];
      if (isFine(value, range)) continue;
      const path = `${at}[${index}]${name === undefined ? '' : `.${name}`}`;
      (hits ??= []).push({ path, value: value as number, range });
    }
  }
  return hits ?? NO_HITS;
};

/** The drafts of one rule for whatever is wrong with a number; a good object costs no memory. */
const scan = (view: CanaryView, judge: (hit: Hit) => Draft | undefined): readonly Draft[] => {
  const inRecords = each(hitsInRecords(view), judge);
  const inLists = each(hitsInLists(view), judge);
  return inLists.length === 0 ? inRecords : [...inRecords, ...inLists];
};

const fraction = ({ value, path }: Hit): Draft | undefined =>
  Number.isInteger(value) || !Number.isFinite(value)
    ? undefined
    : {
        path,
        message: `must be a whole number, got ${shown(value)}: Flagger could no longer read any Canary of the cluster. Write ${Math.round(value)}.`,
        value,
      };

const outOfRange = ({ value, path, range: { name, min, max } }: Hit): Draft | undefined =>
  value >= min && value <= max
    ? undefined
    : {
        path,
        message: `${shown(value)} does not fit a${name === 'int32' ? 'n' : ''} ${name}: Flagger could no longer read any Canary of the cluster. Use a smaller number.`,
        value,
      };

export const WHOLE_NUMBER_RULES: readonly Rule<CanaryView>[] = [
  {
    id: 'CANARY-TYPE-001',
    class: 'D',
    path: 'spec.service.port, spec.analysis.iterations and every other whole number',
    about: 'a fraction where a whole number belongs',
    check: (view) => scan(view, fraction),
  },
  {
    id: 'CANARY-TYPE-002',
    class: 'D',
    path: 'spec.service.port, spec.service.match[].port and every other whole number',
    about: 'a number that its 32 bits cannot hold',
    check: (view) => scan(view, outOfRange),
  },
];
