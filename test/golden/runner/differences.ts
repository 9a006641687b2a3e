import type { Call } from '../../support/hook-receiver.ts';
import type { Fields } from './canonical.ts';
import { isFields, omit } from './canonical.ts';
import type { State, Trace } from './scenario.ts';
import { withoutCycles } from './sequences.ts';

/** A difference that is right: the recording is moved to the fixed form, and all the rest is compared as it is. */
export interface RightDifference {
  /** The row of COMPATIBILITY.md that gives the reason. */
  readonly id: string;
  readonly scenario: string;
  /** From the normalised recording to what ours must show. */
  readonly expected: (recorded: Trace) => Trace;
  /** Applied to the run as well, where a freedom rather than a form is granted. */
  readonly got?: (run: Trace) => Trace;
}

const mapStates = (trace: Trace, key: string, change: (states: readonly State[]) => State[]): Trace => ({
  ...trace,
  objects: Object.fromEntries(
    Object.entries(trace.objects).map(([name, states]) => [name, name.startsWith(key) ? change(states) : states]),
  ),
});

/** At a closed promotion gate the recording shows weight 0 and one iteration less than was true. */
const withTrueCounters = (states: readonly State[]): State[] => {
  let before = { canaryWeight: 0, iterations: 0 };
  return states.map((state) => {
    const status = state === 'DELETED' ? undefined : state['status'];
    if (state === 'DELETED' || !isFields(status)) return state;
    const afterGate = status['phase'] === 'WaitingPromotion' || status['phase'] === 'Promoting';
    if (!afterGate) before = { canaryWeight: Number(status['canaryWeight']), iterations: Number(status['iterations']) };
    return afterGate ? { ...state, status: { ...status, ...before } } : state;
  });
};

/** What the recording tells and asks again each time a closed traffic gate is asked. */
const OPENING = /^(Starting canary analysis for|Pre-rollout check .* passed$)/;
const OPENING_HOOK = 'acceptance';

const firstOfEach = <T>(items: readonly T[], nameOf: (item: T) => string | undefined): T[] => {
  const seen = new Set<string>();
  return items.filter((item) => {
    const name = nameOf(item);
    return name === undefined || (!seen.has(name) && seen.add(name).size > 0);
  });
};

const openingEvent = (message: unknown): string | undefined =>
  typeof message === 'string' && OPENING.test(message) ? message : undefined;

const openingCall = ([name, body]: Call): string | undefined => {
  if (name === OPENING_HOOK) return name;
  return isFields(body) && isFields(body['metadata']) ? openingEvent(body['metadata']['eventMessage']) : undefined;
};

const openedOnce = (trace: Trace): Trace => ({
  ...trace,
  events: withoutCycles(firstOfEach(trace.events, ([, , , message]) => openingEvent(message))),
  hooks: withoutCycles(firstOfEach(trace.hooks, openingCall)),
});

const withoutAbortHooks = (trace: Trace): Trace => ({
  ...trace,
  hooks: trace.hooks.filter(([name]) => name !== 'abort'),
});

const EXPIRED = 'Max-Age=-1';

/** The header that takes a cookie back, on rules that no cookie singles out. */
const withoutStrayCookies = (state: State): State =>
  mapRules(state, 'http', (rule) => {
    const isSticky = JSON.stringify(rule['match'] ?? '').includes('Cookie');
    const headers = rule['headers'];
    if (isSticky || !isFields(headers) || !JSON.stringify(headers['response'] ?? '').includes(EXPIRED)) return rule;
    return { ...rule, headers: omit(headers, ['response']) };
  });

/** Contour's own definition refuses an empty entry. */
const withoutEmptyRetryOn = (state: State): State =>
  mapRules(state, 'routes', (rule) => {
    const policy = rule['retryPolicy'];
    return isFields(policy) ? { ...rule, retryPolicy: omit(policy, ['retryOn']) } : rule;
  });

/** Two groups of letters behind the name are the pods of a Deployment, or those of a DaemonSet that is called `…-primary`. */
const PODS_OF_DEPLOYMENT = '-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)"';
const PODS_OF_DAEMONSET = '-[0-9a-zA-Z]+"';

const ofDaemonSet = (trace: Trace): Trace => ({
  ...trace,
  queries: trace.queries.map((query) => query.replaceAll(PODS_OF_DEPLOYMENT, PODS_OF_DAEMONSET)),
});

/** An owner that an object began with is still there in its later states. */
const withFirstOwner = (states: readonly State[]): State[] => {
  const [first] = states;
  const owners = first === undefined || first === 'DELETED' ? undefined : first.metadata.ownerReferences;
  return states.map((state) =>
    state === 'DELETED' || owners === undefined
      ? state
      : { ...state, metadata: { ...state.metadata, ownerReferences: owners } },
  );
};

const mapRules = (state: State, list: string, change: (rule: Fields) => Fields): State => {
  const spec = state === 'DELETED' ? undefined : state['spec'];
  if (state === 'DELETED' || !isFields(spec) || !Array.isArray(spec[list])) return state;
  return { ...state, spec: { ...spec, [list]: (spec[list] as Fields[]).map(change) } };
};

/** Every difference that is right. Nothing else may differ. */
export const RIGHT_DIFFERENCES: readonly RightDifference[] = [
  {
    id: 'gate-counters',
    scenario: 'gates-closed',
    expected: (trace) => mapStates(trace, 'flagger.app/canaries/', withTrueCounters),
  },
  { id: 'gate-opening', scenario: 'gates-closed', expected: openedOnce },
  {
    id: 'expired-cookie',
    scenario: 'istio-affinity',
    expected: (trace) => mapStates(trace, 'networking.istio.io/', (states) => states.map(withoutStrayCookies)),
  },
  {
    id: 'empty-retry-on',
    scenario: 'contour-canary',
    expected: (trace) => mapStates(trace, 'projectcontour.io/', (states) => states.map(withoutEmptyRetryOn)),
  },
  { id: 'daemonset-pods', scenario: 'daemonset', expected: ofDaemonSet },
  {
    id: 'promoted-service',
    scenario: 'service-target',
    expected: (trace) => mapStates(trace, 'core/services/podinfo-primary', withFirstOwner),
  },
  { id: 'rollback-hook-often', scenario: 'hook-rollback', expected: withoutAbortHooks, got: withoutAbortHooks },
];

/** The recording and the run of one scenario after what is granted to it. Both come normalised. */
export const grantDifferences = (scenario: string, expected: Trace, got: Trace): { expected: Trace; got: Trace } =>
  RIGHT_DIFFERENCES.filter((row) => row.scenario === scenario).reduce(
    (both, row) => ({ expected: row.expected(both.expected), got: (row.got ?? ((run) => run))(both.got) }),
    { expected, got },
  );
