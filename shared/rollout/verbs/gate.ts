/** A person's answer to a native gate. */
import type { AnalysisGate } from '../../api/canary.ts';
import type { Command } from '../../api/command.ts';
import { gatesOf } from '../../api/gates.ts';
import { approvalOf, gateAhead, withApproval } from '../native-gates.ts';
import { decided, KEEP_WITH_ROUTES, short } from '../outcome.ts';
import type { ReadableWorld } from '../phases/handler.ts';
import { phaseOf } from '../status.ts';
import { canaryText } from '../texts.ts';
import { isoTime } from '../times.ts';
import { copiedAlready, giveUp, isAnalysing, nothingRuns, type VerbHandler } from './verb.ts';

/** The gate that is meant; without a name the one that the rollout waits at. */
const meant = (world: ReadableWorld, { gate: name }: Command): AnalysisGate | { problem: string } => {
  const gates = gatesOf(world.canary);
  if (gates.length === 0) return { problem: 'it has no native gates' };
  const known = gates.map((gate) => gate.name).join(', ');
  if (name === undefined) return gateAhead(world) ?? { problem: `no gate waits; its gates: ${known}` };
  return gates.find((gate) => gate.name === name) ?? { problem: `there is no gate "${short(name)}"; known: ${known}` };
};

/** Can the rollout still come to this gate? */
const isPassed = (world: ReadableWorld, { type }: AnalysisGate): boolean =>
  type === 'confirm-rollout' && isAnalysing(world);

const gateFor = (world: ReadableWorld, command: Command): AnalysisGate | { problem: string } => {
  const copied = copiedAlready(world);
  if (copied !== undefined) return { problem: copied };
  if (!isAnalysing(world) && phaseOf(world.canary) !== 'Waiting') return { problem: nothingRuns(world) };
  const gate = meant(world, command);
  if ('problem' in gate) return gate;
  return isPassed(world, gate) ? { problem: `gate ${gate.name} has been passed already` } : gate;
};

/** The time in the form that a status admits; `problem`: it is none, or over. */
const untilOf = ({ now }: ReadableWorld, { until }: Command): { until?: string } | { problem: string } => {
  if (until === undefined) return {};
  const ms = Date.parse(until);
  return ms > now && ms < YEAR_10000 ? { until: isoTime(ms) } : { problem: `"${short(until)}" is not a time to come` };
};

const YEAR_10000 = 253_402_300_800_000;

/** Once for each revision; where the rollout waits at this gate it goes on at once. */
export const approve: VerbHandler = (world, _answers, command) => {
  const gate = gateFor(world, command);
  if ('problem' in gate) return { refuse: gate.problem };
  const known = approvalOf(world, gate.name);
  if (known !== undefined) return { refuse: `gate ${gate.name} is approved already, by ${known.by ?? 'somebody'}` };
  const until = untilOf(world, command);
  if ('problem' in until) return { refuse: until.problem };
  const approvals = withApproval(world, gate.name, {
    ...(command.by !== undefined && { by: short(command.by) }),
    ...until,
  });
  const isHeld = gateAhead(world)?.name === gate.name;
  const obey = decided(world, {
    actions: KEEP_WITH_ROUTES,
    change: { approvals, ...(isHeld && { dueAt: world.now }) },
  });
  return { obey, say: `Approved gate ${gate.name} of ${canaryText(world.canary)}`, reason: 'GateApproved' };
};

/** The revision goes no further: traffic back, or none where it had not begun. */
export const reject: VerbHandler = (world, _answers, command) => {
  const gate = gateFor(world, command);
  if ('problem' in gate) return { refuse: gate.problem };
  const reason = 'GateRejected';
  const obey = giveUp(world, command, { reason, done: `gate ${gate.name} rejected` });
  return { obey, say: `Rejected ${canaryText(world.canary)} at gate ${gate.name}`, reason };
};
