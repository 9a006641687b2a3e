/** CANARY-DUR-001 to -006: intervals and timeouts of the analysis. */
import { isGiven, listOf, recordOf, textOf } from '../raw.ts';
import { type Draft, each, type Rule, when } from '../rule.ts';
import { quoted } from '../text.ts';
import type { CanaryView } from '../view.ts';
import { converted, goMs, passesPattern, prometheusMs } from './duration-text.ts';

const FLOOR_MS = 10_000;
const INTERVAL = 'spec.analysis.interval';

/** DUR-002: what the pattern of the schema refuses. */
const unreadable = (value: unknown, path: string): Draft | undefined => {
  if (!isGiven(value) || passesPattern(value)) return undefined;
  const instead = converted(value);
  return {
    path,
    message: `${quoted(value)}: only minutes and seconds are accepted here. Write ${instead ?? 'e.g. 30s or 1m'}.`,
    value,
  };
};

/** Passes the schema, and is no duration all the same. */
const isWrong = (value: unknown, read: (text: string) => number | undefined): boolean =>
  passesPattern(value) && read(value) === undefined;

const metricsOf = ({ analysis }: CanaryView) => listOf(analysis['metrics']);
const hooksOf = ({ analysis }: CanaryView) => listOf(analysis['webhooks']);
const windowOf = (metric: unknown): unknown => recordOf(metric)['interval'];
const windowMs = (text: string): number | undefined => goMs(text) ?? prometheusMs(text);

const badWindow = (value: unknown, intervalMs: number): string | undefined => {
  const ms = passesPattern(value) ? windowMs(value) : undefined;
  if (ms === undefined) return undefined;
  if (ms < FLOOR_MS) return 'is shorter than most scrape intervals and gives no data';
  return ms > 10 * intervalMs ? 'still holds traffic from long before the step' : undefined;
};

export const DURATION_RULES: readonly Rule<CanaryView>[] = [
  {
    id: 'CANARY-DUR-001',
    class: 'D',
    path: INTERVAL,
    about: 'not a duration, although the schema lets it through',
    check: ({ analysis }) =>
      when(isWrong(analysis['interval'], goMs), () => ({
        path: INTERVAL,
        message: `${quoted(analysis['interval'])} is not a duration; it would silently run every 60s. Write e.g. 30s, 1m, 1m30s.`,
        value: analysis['interval'],
      })),
  },
  {
    id: 'CANARY-DUR-002',
    class: 'P',
    path: 'spec.analysis.interval, spec.analysis.metrics[].interval, spec.analysis.webhooks[].timeout',
    about: 'hours, fractions or a bare number',
    check: (view) => [
      ...each([view.analysis['interval']], (value) => unreadable(value, INTERVAL)),
      ...each(metricsOf(view), (metric, i) => unreadable(windowOf(metric), `spec.analysis.metrics[${i}].interval`)),
      ...each(hooksOf(view), (hook, i) =>
        unreadable(recordOf(hook)['timeout'], `spec.analysis.webhooks[${i}].timeout`),
      ),
    ],
  },
  {
    id: 'CANARY-DUR-003',
    class: 'W',
    path: INTERVAL,
    about: 'below the floor of 10 s',
    check: ({ analysis }) =>
      when((goMs(textOf(analysis['interval'])) ?? FLOOR_MS) < FLOOR_MS, () => ({
        path: INTERVAL,
        message: `${quoted(analysis['interval'])} is below the floor; it will run every 10s. Write 10s or more.`,
      })),
  },
  {
    id: 'CANARY-DUR-004',
    class: 'D',
    path: 'spec.analysis.metrics[].interval',
    about: 'not a duration for a query',
    check: (view) =>
      each(metricsOf(view), (metric, i) =>
        isWrong(windowOf(metric), windowMs)
          ? {
              path: `spec.analysis.metrics[${i}].interval`,
              message: `${quoted(windowOf(metric))} is not a duration; every query of this metric would fail. Write e.g. 1m.`,
              value: windowOf(metric),
            }
          : undefined,
      ),
  },
  {
    id: 'CANARY-DUR-005',
    class: 'W',
    path: 'spec.analysis.metrics[].interval',
    about: 'a window too short for any data, or far longer than a step',
    check: (view) =>
      each(metricsOf(view), (metric, i) => {
        const wrong = badWindow(windowOf(metric), view.intervalMs);
        return wrong === undefined
          ? undefined
          : {
              path: `spec.analysis.metrics[${i}].interval`,
              message: `a window of ${textOf(windowOf(metric))} ${wrong}. Use about 1m.`,
            };
      }),
  },
  {
    id: 'CANARY-DUR-006',
    class: 'D',
    path: 'spec.analysis.webhooks[].timeout',
    about: 'not a duration, although the schema lets it through',
    check: (view) =>
      each(hooksOf(view), (hook, i) => {
        const { timeout } = recordOf(hook);
        return isWrong(timeout, goMs)
          ? {
              path: `spec.analysis.webhooks[${i}].timeout`,
              message: `${quoted(timeout)} is not a duration: every call would fail and count as a failed check. Write e.g. 30s.`,
              value: timeout,
            }
          : undefined;
      }),
  },
];
