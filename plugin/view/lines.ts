/** One line per change, for logs and CI. */
import type { Canary, CanaryStatus } from '../../shared/api/canary.ts';
import type { Check } from '../../shared/api/model.ts';
import { plain } from './columns.ts';
import { type Summary, shortRevision, summarize, worstCheck } from './summary.ts';
import { instantOf } from './times.ts';

const number = (value: number): string => String(Math.round(value * 100) / 100);

/** `97.1 < 99`, `620 > 500`, `no data`: how a check stands to its bound. */
export const boundText = (check: Check): string => {
  if (check.value === undefined) return check.message ?? 'no data';
  if (check.min !== undefined && check.value < check.min) return `${number(check.value)} < ${number(check.min)}`;
  if (check.max !== undefined && check.value > check.max) return `${number(check.value)} > ${number(check.max)}`;
  return check.verdict === 'passed' ? number(check.value) : (check.message ?? number(check.value));
};

const checksText = (summary: Summary, checks: readonly Check[] | undefined): string => {
  const worst = worstCheck(checks);
  if (summary.failedChecks === 0) return 'checks=pass';
  const detail = worst === undefined ? '' : ` ${worst.name} ${boundText(worst)}`;
  return `checks=FAIL(${summary.failedChecks}/${summary.threshold})${detail}`;
};

const failureText = (summary: Summary, checks: readonly Check[] | undefined): string[] => {
  const worst = worstCheck(checks);
  return summary.phase !== 'Failed' || worst === undefined ? [] : [`rolled back: ${worst.name} ${boundText(worst)}`];
};

const waitText = ({ paused, waitingFor }: CanaryStatus): string[] => {
  if (paused !== undefined) return [`paused-by=${paused.by ?? 'unknown'}`];
  return waitingFor === undefined ? [] : [`waiting-for="${waitingFor.what}"`];
};

/** The state without its time; two equal ones need no second line. */
export const stateLine = (canary: Canary, now: number): string => {
  const summary = summarize(canary, now);
  const status = canary.status ?? {};
  const { unit, step, total } = summary.progress;
  const parts = [
    `${summary.name}.${summary.namespace}`,
    summary.word,
    `weight=${summary.weight}`,
    ...(summary.isRunning ? [`${unit}=${step}/${total}`, checksText(summary, status.checks)] : []),
    ...failureText(summary, status.checks),
    ...waitText(status),
    ...(summary.revision === undefined ? [] : [`revision=${shortRevision(summary.revision)}`]),
  ];
  return plain(parts.join(' '));
};

export const timedLine = (line: string, now: number): string => `${instantOf(now)} ${line}`;
