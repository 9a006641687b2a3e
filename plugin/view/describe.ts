import type { Canary } from '../../shared/api/canary.ts';
import type { Check } from '../../shared/api/model.ts';
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
const COMMANDS = 3;

const conditionRows = ({ status }: Canary, now: number): string[][] =>
  (status?.conditions ?? []).map((condition) => [
    condition.type,
    condition.status,
    condition.reason,
    since(condition.lastTransitionTime, now),
    plain(condition.message ?? ''),
  ]);

const commandRows = ({ status }: Canary, now: number): string[][] =>
  (status?.commands ?? [])
    .slice(-COMMANDS)
    .map((command) => [
      command.verb,
      command.by ?? 'unknown',
      since(command.at, now),
      command.result,
      plain(command.message ?? ''),
    ]);

const strategyLine = (canary: Canary): string => {
  const { interval = '1m', threshold = 0 } = canary.spec.analysis ?? {};
  const provider = canary.spec.provider ?? "the driver's default";
  return `${strategyOf(canary)} by ${provider}, every ${interval}, threshold ${threshold}`;
};

const checksTitle = (checks: readonly Check[] | undefined, now: number): string =>
  checks?.[0] === undefined ? 'Checks' : `Checks (${since(checks[0].time, now)} ago)`;

/** The whole page of `describe`. */
export const describeLines = (picture: Picture, now: number, style: Style): string[] => {
  const { canary } = picture;
  const checks = canary.status?.checks;
  const next = nextStep(canary, now);
  const events = sortEvents(picture.events).slice(-EVENTS);
  return [
    headerLine(canary, now, style),
    style.paint('dim', strategyLine(canary)),
    ...weightLines(canary, now, style),
    ...waitingLine(canary, now, style),
    ...treeLines(picture, now, style),
    ...section(checksTitle(checks, now), checkLines(checks, style), style),
    ...section('Gates', columns(gateRows(canary, now)), style),
    ...section('Conditions', columns(conditionRows(canary, now)), style),
    ...section('Commands', columns(commandRows(canary, now)), style),
    ...section(
      'Events',
      events.map((event) => eventLine(event, style)),
      style,
    ),
    '',
    `next: ${next.text}`,
    ...(next.command === undefined ? [] : [`      ${next.command}`]),
  ];
};
