/** CANARY-KEDA-001 to -009: queries of the primary against the triggers of the ScaledObject. */
import { rewriteQuery } from '../../api/query-rewrite.ts';
import { promqlProblem } from '../promql.ts';
import { isGiven, isRecord, ownValue, type Raw, recordOf } from '../raw.ts';
import { type Draft, each, NOTHING, type Others, type Rule, when } from '../rule.ts';
import { nameOfTrigger, type Trigger } from '../scaled-object/triggers.ts';
import { listed, printable, quoted } from '../text.ts';
import type { CanaryView } from '../view.ts';
import { scaledObjectLookups, scalerTriggers } from './lookups.ts';

const AT = 'spec.autoscalerRef.primaryScalerQueries';
const MOST_KEYS = 50;
const PROMETHEUS = 'prometheus';

/** Where some triggers keep what others call a query. */
const OTHER_FIELD: ReadonlyMap<string, string> = new Map([
  ['new-relic', 'nrql'],
  ['aws-cloudwatch', 'expression'],
]);

const mapOf = ({ scaler }: CanaryView): Raw => recordOf(scaler['primaryScalerQueries']);
const keysOf = (view: CanaryView): readonly string[] => Object.keys(mapOf(view)).slice(0, MOST_KEYS);
const hasMap = ({ scaler }: CanaryView): boolean => isRecord(scaler['primaryScalerQueries']);
const pathOf = (key: string): string => `${AT}[${printable(key, 60)}]`;

/** Judges each query of the map with the trigger it is for; keys without a trigger are KEDA-001's. */
const eachMatched =
  (
    judge: (key: string, query: unknown, trigger: Trigger, view: CanaryView) => Omit<Draft, 'path'> | undefined,
  ): Rule<CanaryView>['check'] =>
  (view, { others }) => {
    const triggers = scalerTriggers(view, others);
    if (triggers === undefined) return NOTHING;
    return each(keysOf(view), (key) => {
      const trigger = triggers.find(({ name }) => name === key);
      const draft = trigger === undefined ? undefined : judge(key, ownValue(mapOf(view), key), trigger, view);
      return draft === undefined ? undefined : { path: pathOf(key), ...draft };
    });
  };

const misplaced = (key: string, triggers: readonly Trigger[]): string => {
  const trigger = triggers.find(({ name, misplacedName }) => name === '' && misplacedName === key);
  if (trigger !== undefined) {
    const { index } = trigger;
    return `${quoted(key)} stands in metadata.name of trigger ${index}, which KEDA ignores. Move it to spec.triggers[${index}].name.`;
  }
  const unnamed = triggers.find(({ name, query }) => name === '' && query !== undefined);
  return unnamed === undefined
    ? 'Rename one of them.'
    : `Set spec.triggers[${unnamed.index}].name: ${printable(key, 40)} if it is meant for that one.`;
};

const unmatchedKeys: Rule<CanaryView>['check'] = (view, { others }) => {
  const triggers = scalerTriggers(view, others);
  if (triggers === undefined) return NOTHING;
  const names = triggers.map(({ name }) => name).filter((name) => name !== '');
  return each(keysOf(view), (key) =>
    names.includes(key)
      ? undefined
      : {
          path: pathOf(key),
          message: `ScaledObject ${view.scalerName} has no trigger named ${quoted(key)} (it has: ${listed(names, 3)}). ${misplaced(key, triggers)}`,
          value: [view.scalerName, key],
          reason: 'FieldValueNotFound',
        },
  );
};

const unnamedTriggers: Rule<CanaryView>['check'] = (view, { others }) => {
  const triggers = hasMap(view) ? (scalerTriggers(view, others) ?? []) : [];
  return each(triggers, (trigger) =>
    trigger.query === undefined || trigger.name !== ''
      ? undefined
      : {
          path: AT,
          message: `${nameOfTrigger(trigger)} of ScaledObject ${view.scalerName} has no name, so no query here can be for it. Set spec.triggers[${trigger.index}].name (not metadata.name).`,
          value: [view.scalerName, trigger.index],
          // An empty map asks for nothing that a name would be needed for.
          soft: keysOf(view).length === 0,
        },
  );
};

const unmentionedTriggers: Rule<CanaryView>['check'] = (view, { others }) => {
  const triggers = hasMap(view) ? (scalerTriggers(view, others) ?? []) : [];
  const map = mapOf(view);
  return each(triggers, ({ name, query }) =>
    query === undefined || name === '' || Object.hasOwn(map, name)
      ? undefined
      : {
          path: AT,
          message: `trigger ${quoted(name)} is missing here: its query is rewritten for the primary, where Flagger would keep the canary's. Add ${quoted(name)} to be sure of it.`,
        },
  );
};

const emptyQueries: Rule<CanaryView>['check'] = (view) =>
  each(keysOf(view), (key) => {
    const query = ownValue(mapOf(view), key);
    if (typeof query !== 'string' || query.trim() !== '') return undefined;
    return {
      path: pathOf(key),
      message: 'an empty query would be sent to KEDA. Write the query of the primary.',
      value: query,
    };
  });

const noQueryField = eachMatched((_key, _query, { query, type }) => {
  if (query !== undefined || type === PROMETHEUS) return undefined;
  const field = OTHER_FIELD.get(type) ?? 'what it scales by';
  return {
    message: `a trigger of type ${quoted(type)} does not read query; the primary keeps ${field} unchanged. Remove this entry.`,
  };
});

const noPromql = eachMatched((_key, query, { type }) => {
  if (type !== PROMETHEUS || typeof query !== 'string' || query.trim() === '') return undefined;
  const problem = promqlProblem(query);
  if (problem === undefined) return undefined;
  const { column, near } = problem;
  const where = near === '' ? 'it ends too early' : `at column ${column}, near ${quoted(near)}`;
  return { message: `is not PromQL: ${where}. Correct the query.`, value: query };
});

const namesNoPrimary = eachMatched((_key, query, trigger, { targetName }) => {
  if (typeof query !== 'string' || query.trim() === '' || trigger.query === undefined) return undefined;
  if (query !== trigger.query && query.includes(`${targetName}-primary`)) return undefined;
  return {
    message: `does not mention ${targetName}-primary: primary and canary would scale on the same numbers. Name the primary in it.`,
    value: query,
  };
});

/** Queries that nobody gave: ours to rewrite, and worth a word where that changes nothing. */
const rewrittenTriggers = (view: CanaryView, others: Others): readonly Trigger[] => {
  const map = mapOf(view);
  return (scalerTriggers(view, others) ?? []).filter(
    ({ name, query }) => (query ?? '').trim() !== '' && !(name !== '' && Object.hasOwn(map, name)),
  );
};

const uselessRewrite: Rule<CanaryView>['check'] = (view, { others }) =>
  each(rewrittenTriggers(view, others), (trigger) => {
    const { query = '', type } = trigger;
    if (rewriteQuery(query, view.targetName, { prometheus: type === PROMETHEUS }) !== query) return undefined;
    return {
      path: 'spec.autoscalerRef',
      message: `rewriting changes nothing in the query of ${nameOfTrigger(trigger)}: primary and canary would scale on the same numbers. Name ${quoted(view.targetName)} in it, or set primaryScalerQueries.`,
      value: [trigger.index, query],
    };
  });

const withMap: Rule<CanaryView>['needs'] = (view) => (hasMap(view) ? scaledObjectLookups(view) : []);

const row = (id: string, type: Rule<CanaryView>['class'], path: string, about: string) => ({
  id: `CANARY-KEDA-${id}`,
  class: type,
  path,
  about,
});

export const SCALER_QUERY_RULES: readonly Rule<CanaryView>[] = [
  {
    ...row('001', 'X', `${AT}[key]`, 'no trigger has that name'),
    contradicts: true,
    needs: withMap,
    check: unmatchedKeys,
  },
  {
    ...row('002', 'X', AT, 'a trigger with a query has no name'),
    contradicts: true,
    needs: withMap,
    check: unnamedTriggers,
  },
  { ...row('003', 'W', AT, 'a trigger with a query is not mentioned'), needs: withMap, check: unmentionedTriggers },
  { ...row('004', 'D', `${AT}[key]`, 'an empty query'), check: emptyQueries },
  {
    ...row('005', 'W', AT, 'queries for an autoscaler that has none'),
    check: (view) =>
      when(view.scalerKind === 'HorizontalPodAutoscaler' && isGiven(view.scaler['primaryScalerQueries']), () => ({
        path: AT,
        message: 'only used with a ScaledObject. Remove it.',
      })),
  },
  { ...row('006', 'X', `${AT}[key]`, 'the trigger is not driven by a query'), needs: withMap, check: noQueryField },
  { ...row('007', 'X', `${AT}[key]`, 'not PromQL'), needs: withMap, check: noPromql },
  { ...row('008', 'X', `${AT}[key]`, 'the query is not the primary’s'), needs: withMap, check: namesNoPrimary },
  {
    ...row('009', 'X', 'spec.autoscalerRef', 'rewriting the query changes nothing'),
    needs: scaledObjectLookups,
    check: uselessRewrite,
  },
];
