import type { Pair } from './diff.ts';
import { diffSequences, diffValues } from './diff.ts';
import type { Trace } from './scenario.ts';

/** One difference between the recording and a run. */
export interface Mismatch {
  readonly scenario: string;
  /** `events`, `hooks`, `alerts`, `queries`, or the key of an object. */
  readonly subject: string;
  /** Position in the recording's sequence, or in the run's where the recording has no such item. */
  readonly index: number;
  /** Place within the item; empty: the whole item is missing (`got` undefined) or surplus (`expected` undefined). */
  readonly path: string;
  readonly expected: unknown;
  readonly got: unknown;
}

type Place = Pick<Mismatch, 'scenario' | 'subject'>;

const explainPair = <T>(place: Place, { expected, got }: Pair<T>): Mismatch[] => {
  const index = expected?.at ?? got?.at ?? 0;
  if (expected === undefined || got === undefined) {
    return [{ ...place, index, path: '', expected: expected?.item, got: got?.item }];
  }
  return diffValues(expected.item, got.item).map((difference) => ({ ...place, index, ...difference }));
};

const compareSequences = <T>(place: Place, expected: readonly T[], got: readonly T[]): Mismatch[] =>
  diffSequences(expected, got).flatMap((pair) => explainPair(place, pair));

const compareObjects = (scenario: string, expected: Trace['objects'], got: Trace['objects']): Mismatch[] =>
  [...new Set([...Object.keys(expected), ...Object.keys(got)])]
    .sort()
    .flatMap((subject) => compareSequences({ scenario, subject }, expected[subject] ?? [], got[subject] ?? []));

/** Compares two normalised traces; queries as a set, all else in order. Empty means equal. */
export const compareTraces = (scenario: string, expected: Trace, got: Trace): Mismatch[] => [
  ...compareObjects(scenario, expected.objects, got.objects),
  ...compareSequences({ scenario, subject: 'events' }, expected.events, got.events),
  ...compareSequences({ scenario, subject: 'hooks' }, expected.hooks, got.hooks),
  ...compareSequences({ scenario, subject: 'alerts' }, expected.alerts, got.alerts),
  ...compareSequences({ scenario, subject: 'queries' }, expected.queries.toSorted(), got.queries.toSorted()),
];

const SHOWN = 240;

const show = (value: unknown): string => {
  const text = value === undefined ? '(absent)' : JSON.stringify(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}… (${text.length} characters)` : text;
};

/** One mismatch for a person: where, what was recorded, what came. */
export const describeMismatch = ({ scenario, subject, index, path, expected, got }: Mismatch): string =>
  `${scenario}: ${subject}[${index}]${path === '' ? '' : ` ${path}`}\n    recorded ${show(expected)}\n    got      ${show(got)}`;
