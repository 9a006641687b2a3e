import { strategyOf } from '../../shared/api/names.ts';
import { columns, plain } from './columns.ts';
import { eventLine, sortEvents } from './event-rows.ts';
import { gateRows } from './gates.ts';
import { checkLines, headerLine, waitingLine, weightLines } from './header.ts';
import { nextStep } from './next.ts';
import type { Picture } from './picture.ts';
import type { Style } from './style.ts';
import { since } from './times.ts';
import { treeLines } from './tree.ts';

const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

const section = (title: string, lines: readonly string[], style: Style): string[] =>
  lines.length === 0 ? [] : ['', style.paint('strong', title), ...indented(lines)];

const EVENTS = 5;

/** The whole page of `describe`. */
export const describeLines = (picture: Picture, now: number, style: Style): string[] => {
  const { canary } = picture;
  const status = canary.status;
  const conditions = columns(
    (status?.conditions ?? []).map((condition) => [condition.type, condition.status, condition.reason, since(condition.lastTransitionTime, now), plain(condition.message ?? '')]),
  );
  const commands = (status?.commands ?? []).slice(-3).map((command) => [command.verb, command.by ?? 'unknown', since(command.at, now), command.result, plain(command.message ?? '')]);
  const next = nextStep(canary, now);
  const provider = canary.spec.provider ?? "the driver's default";
  return [
    headerLine(canary, now, style),
    style.paint('dim', `${strategyOf(canary)} by ${provider}, every ${canary.spec.analysis?.interval ?? '1m'}, threshold ${canary.spec.analysis?.threshold ?? 0}`),
    ...weightLines(canary, now, style),
    ...waitingLine(canary, now, style),
    ...treeLines(picture, now, style),
    ...section(`Checks ${status?.checks?.[0] === undefined ? '' : `(${since(status.checks[0].time, now)} ago)`}`.trim(), checkLines(status?.checks, style), style),
    ...section('Gates', columns(gateRows(canary, now)), style),
    ...section('Conditions', conditions, style),
    ...section('Commands', columns(commands), style),
    ...section('Events', sortEvents(picture.events).slice(-EVENTS).map((event) => eventLine(event, style)), style),
    '',
    `next: ${next.text}`,
    ...(next.command === undefined ? [] : [`      ${next.command}`]),
  ];
};
