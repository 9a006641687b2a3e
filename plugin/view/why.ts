/** Why a Canary stands where it stands: checks with their queries, what it waits for, the last word, what comes next. */
import type { AnsweredCommand, Canary } from '../../shared/api/canary.ts';
import type { Check } from '../../shared/api/model.ts';
import { columns, plain } from './columns.ts';
import { approvalTexts, type GateView, gateViews } from './gates.ts';
import { checkLines, headerLine } from './header.ts';
import { nextStep } from './next.ts';
import type { Style } from './style.ts';
import { summarize } from './summary.ts';
import { dayTime, since } from './times.ts';

export interface Explanation {
  readonly kind: 'Explanation';
  readonly apiVersion: 'view.kubectl-canary/v1';
  readonly namespace: string;
  readonly name: string;
  readonly phase: string;
  readonly paused: boolean;
  readonly weight: number;
  readonly failedChecks: number;
  readonly threshold: number;
  readonly revision?: string;
  readonly stableRevision?: string;
  readonly decided?: { readonly message: string; readonly at?: string };
  readonly checks: readonly Check[];
  readonly waitingFor?: { readonly what: string; readonly since?: string; readonly until?: string };
  readonly gates?: readonly GateView[];
  readonly lastCommand?: AnsweredCommand;
  /** A command that the driver has not answered yet. */
  readonly pendingCommand?: { readonly id: string; readonly verb: string; readonly by?: string; readonly at: string };
  readonly driver?: string;
  readonly next: { readonly text: string; readonly command?: string };
}

/** What a condition says about the last decision; the one that changed last. */
const decisionOf = (canary: Canary): Explanation['decided'] => {
  const told = (canary.status?.conditions ?? []).filter((condition) => (condition.message ?? '') !== '');
  const stalled = told.find((condition) => condition.type === 'Stalled' && condition.status === 'True');
  const last = stalled ?? told.find((condition) => condition.type === 'Promoted') ?? told.at(-1);
  if (last === undefined) return undefined;
  const at = last.lastUpdateTime ?? last.lastTransitionTime;
  return { message: last.message as string, ...(at === undefined ? {} : { at }) };
};

export const explain = (
  canary: Canary,
  now: number,
  more: Pick<Explanation, 'pendingCommand' | 'driver'>,
): Explanation => {
  const summary = summarize(canary, now);
  const decided = decisionOf(canary);
  const lastCommand = canary.status?.commands?.at(-1);
  const { waitingFor } = canary.status ?? {};
  const gates = gateViews(canary, now);
  return {
    kind: 'Explanation',
    apiVersion: 'view.kubectl-canary/v1',
    namespace: summary.namespace,
    name: summary.name,
    phase: summary.phase,
    paused: summary.isPaused,
    weight: summary.weight,
    ...(gates.length === 0 ? {} : { gates }),
    failedChecks: summary.failedChecks,
    threshold: summary.threshold,
    ...(summary.revision === undefined ? {} : { revision: summary.revision }),
    ...(summary.stable === undefined ? {} : { stableRevision: summary.stable }),
    ...(decided === undefined ? {} : { decided }),
    checks: canary.status?.checks ?? [],
    ...(waitingFor === undefined ? {} : { waitingFor }),
    ...(lastCommand === undefined ? {} : { lastCommand }),
    ...more,
    next: nextStep(canary, now),
  };
};

const queryLines = (query: string | undefined, of: string, style: Style): string[] =>
  query === undefined
    ? []
    : query
        .trim()
        .split('\n')
        .map((line, at) => `      ${style.paint('dim', plain(`${at === 0 ? of : ''}${line.trim()}`))}`);

const checkBlock = (checks: readonly Check[], style: Style): string[] => {
  const lines = checkLines(checks, style);
  return checks.flatMap((check, index) => [
    `  ${lines[index] as string}`,
    ...queryLines(check.query, '', style),
    ...queryLines(check.compared?.query, `${check.compared?.with}: `, style),
  ]);
};

const commandText = (command: AnsweredCommand, now: number, style: Style): string =>
  plain(
    `${command.verb} by ${command.by ?? 'unknown'} ${dayTime(command.at, now, style.utc)}: ${command.result}${command.message === undefined ? '' : `, ${command.message}`}`,
  );

type Fact = readonly [label: string, text: string | undefined];

const pausedText = (canary: Canary, now: number, style: Style): string | undefined => {
  const { paused } = canary.status ?? {};
  if (paused === undefined) return undefined;
  const reason = paused.reason === undefined ? '' : `: ${paused.reason}`;
  return `by ${paused.by ?? 'unknown'} ${dayTime(paused.since, now, style.utc)}${reason}`;
};

const pauseAtText = ({ status }: Canary): string | undefined =>
  status?.pauseAt && `at ${status.pauseAt.at}, as ${status.pauseAt.by ?? 'somebody'} wished`;

const waitingText = ({ waitingFor }: Explanation, now: number, style: Style): string | undefined => {
  if (waitingFor === undefined) return undefined;
  const from = waitingFor.since === undefined ? '' : ` since ${since(waitingFor.since, now)}`;
  const until = waitingFor.until === undefined ? '' : `, until ${dayTime(waitingFor.until, now, style.utc)}`;
  return `${waitingFor.what}${from}${until}`;
};

const decidedText = ({ decided }: Explanation, now: number): string | undefined =>
  decided && `${decided.message}${decided.at === undefined ? '' : ` (${since(decided.at, now)} ago)`}`;

const factsOf = (canary: Canary, explanation: Explanation, now: number, style: Style): Fact[] => {
  const { lastCommand, pendingCommand: pending, next, failedChecks, threshold } = explanation;
  return [
    ['decided', decidedText(explanation, now)],
    ['rolls back', canary.status?.rollback?.message],
    ['paused', pausedText(canary, now, style)],
    ['will pause', pauseAtText(canary)],
    ['waits for', waitingText(explanation, now, style)],
    ['approved', approvalTexts(canary, now).join(', ') || undefined],
    ['failed', failedChecks > 0 ? `${failedChecks} of ${threshold} failed checks that are allowed` : undefined],
    ['last word', lastCommand && commandText(lastCommand, now, style)],
    ['not yet obeyed', pending && `${pending.verb} by ${pending.by ?? 'unknown'} ${since(pending.at, now)} ago`],
    ['driver', explanation.driver],
    ['next', `${next.text}${next.command === undefined ? '' : `: ${next.command}`}`],
  ];
};

/** The page of `why`. */
export const whyLines = (canary: Canary, explanation: Explanation, now: number, style: Style): string[] => {
  const { checks } = explanation;
  const title = checks[0] === undefined ? '' : `checks (${since(checks[0].time, now)} ago)`;
  const rows = factsOf(canary, explanation, now, style).flatMap(([label, text]) =>
    text === undefined ? [] : [[style.paint('dim', label), plain(text)]],
  );
  return [
    headerLine(canary, now, style),
    ...(title === '' ? [style.paint('dim', 'no check has been judged yet')] : [title, ...checkBlock(checks, style)]),
    '',
    ...columns(rows),
  ];
};
