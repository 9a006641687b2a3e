/** CANARY-DUR-007 to -011: durations that do not fit each other, the provider, or the pods. */
import type { AnalysisWebhook } from '../../api/canary.ts';
import { hookRetriesOf, hookTimeoutMsOf, hookTypeOf } from '../../api/defaults.ts';
import { formatGoDuration } from '../../api/duration.ts';
import { isGiven, isRecord, listOf, numberOf, recordOf, textOf } from '../raw.ts';
import { type Context, type Draft, each, NOTHING, type Rule, when } from '../rule.ts';
import { quoted, shown } from '../text.ts';
import type { CanaryView } from '../view.ts';
import { gepMs, goMs } from './duration-text.ts';
import { targetLookups, targetOf } from './lookups.ts';

const DEADLINE = 'spec.progressDeadlineSeconds';

const isShort = (timeout: unknown): boolean => typeof timeout === 'string' && timeout.length <= 64;

/** Longest time that one round of rollout hooks can take, in milliseconds. */
const hooksMs = ({ analysis }: CanaryView): number => {
  let sum = 0;
  for (const item of listOf(analysis['webhooks'])) {
    if (!isRecord(item) || !isShort(item['timeout'] ?? '')) continue;
    const hook = item as unknown as AnalysisWebhook;
    if (hookTypeOf(hook) === 'rollout') sum += (hookTimeoutMsOf(hook) ?? 0) * (1 + hookRetriesOf(hook));
  }
  return sum;
};

/** Durations of the service block and the fields they stand in; retries only where Go's form is read. */
const serviceDurations = (
  { service }: CanaryView,
  form: 'go' | 'gep-2257',
): readonly (readonly [string, unknown])[] => [
  ['timeout', service['timeout']],
  ['backendTimeout', form === 'go' ? undefined : service['backendTimeout']],
  ['retries.perTryTimeout', form === 'go' ? recordOf(service['retries'])['perTryTimeout'] : undefined],
  ['corsPolicy.maxAge', recordOf(service['corsPolicy'])['maxAge']],
];

const isReadable = (field: string, value: string, form: 'go' | 'gep-2257'): boolean => {
  if (form === 'gep-2257' && field !== 'corsPolicy.maxAge') return gepMs(value) !== undefined;
  const ms = goMs(value);
  return ms !== undefined && ms >= 1;
};

const formOf = (view: CanaryView, { settings }: Context<CanaryView>) =>
  settings.capabilitiesOf(view.provider)?.durations;

const wrongForProvider = (view: CanaryView, context: Context<CanaryView>): readonly Draft[] => {
  const form = formOf(view, context);
  if (form === undefined) return NOTHING;
  return each(serviceDurations(view, form), ([field, value]) =>
    !isGiven(value) || value === '' || isReadable(field, textOf(value), form)
      ? undefined
      : {
          path: `spec.service.${field}`,
          message: `${quoted(value)} is not a duration that ${view.provider} accepts; creating the route would fail each time. Write e.g. 15s.`,
          value: [view.provider, value],
        },
  );
};

const backendOutlivesRequest = (view: CanaryView, context: Context<CanaryView>): readonly Draft[] => {
  if (formOf(view, context) !== 'gep-2257') return NOTHING;
  const backend = textOf(view.service['backendTimeout']);
  const whole = textOf(view.service['timeout']);
  const limit = gepMs(whole);
  // A request timeout of zero means none.
  return when(limit !== undefined && limit > 0 && (gepMs(backend) ?? 0) > limit, () => ({
    path: 'spec.service.backendTimeout',
    message: `${backend} exceeds the timeout of ${whole}; Gateway API refuses the route. Lower it.`,
    value: [backend, whole],
  }));
};

const shortDeadline = ({ spec, intervalMs }: CanaryView): readonly Draft[] => {
  const seconds = numberOf(spec['progressDeadlineSeconds']);
  if (seconds === undefined || (seconds >= 60 && seconds * 1000 >= intervalMs)) return NOTHING;
  const because =
    seconds <= 0
      ? 'every pod that is not ready would be an immediate rollback'
      : seconds < 60
        ? 'pods get less than a minute to start'
        : 'it ends before the first interval does';
  return [
    {
      path: DEADLINE,
      message: `${shown(seconds)}s: ${because}. Use 600, the default, or more.`,
      value: seconds,
      soft: seconds > 0,
    },
  ];
};

/** Seconds that pods of a workload need at the very least before they count as available. */
const leastSecondsOf = (spec: Readonly<Record<string, unknown>>): number => {
  const podSpec = recordOf(recordOf(spec['template'])['spec']);
  let delay = 0;
  for (const item of listOf(podSpec['containers'])) {
    const container = recordOf(item);
    for (const probe of ['startupProbe', 'readinessProbe']) {
      delay = Math.max(delay, numberOf(recordOf(container[probe])['initialDelaySeconds']) ?? 0);
    }
  }
  return delay + (numberOf(spec['minReadySeconds']) ?? 0);
};

const tooShortForPods: Rule<CanaryView>['check'] = (view, { others }) => {
  const target = targetOf(view, others);
  if (target === undefined) return NOTHING;
  const seconds = numberOf(view.spec['progressDeadlineSeconds']) ?? 600;
  const needed = leastSecondsOf(recordOf(target['spec']));
  return when(seconds > 0 && seconds < needed, () => ({
    path: DEADLINE,
    message: `${shown(seconds)}s is less than the ${needed}s that pods of ${view.targetName} need; each rollout would fail. Raise it above ${needed}.`,
    value: seconds,
  }));
};

export const TIME_BUDGET_RULES: readonly Rule<CanaryView>[] = [
  {
    id: 'CANARY-DUR-007',
    class: 'W',
    path: 'spec.analysis.webhooks',
    about: 'rollout hooks may outlast the interval',
    check: (view) => {
      const sum = hooksMs(view);
      return when(sum >= view.intervalMs, () => ({
        path: 'spec.analysis.webhooks',
        message: `rollout hooks may take ${formatGoDuration(sum)} with their retries, the interval is ${formatGoDuration(view.intervalMs)}: steps would be late. Shorten timeouts or raise interval.`,
      }));
    },
  },
  {
    id: 'CANARY-DUR-008',
    class: 'D',
    path: 'spec.service.timeout, .backendTimeout, .retries.perTryTimeout, .corsPolicy.maxAge',
    about: 'a duration that the traffic provider does not accept',
    check: wrongForProvider,
  },
  {
    id: 'CANARY-DUR-009',
    class: 'D',
    path: 'spec.service.backendTimeout',
    about: 'longer than the timeout of the whole request',
    check: backendOutlivesRequest,
  },
  { id: 'CANARY-DUR-010', class: 'D', path: DEADLINE, about: 'no time for pods to become ready', check: shortDeadline },
  {
    id: 'CANARY-DUR-011',
    class: 'X',
    path: DEADLINE,
    about: 'shorter than the pods of the target need',
    needs: targetLookups,
    check: tooShortForPods,
  },
];
