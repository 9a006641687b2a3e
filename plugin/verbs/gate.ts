import type { Canary } from '../../shared/api/canary.ts';
import { revisionAtHand } from '../../shared/api/command.ts';
import { readGates } from '../../shared/api/gates.ts';
import { type Input, readDuration } from '../cli/input.ts';
import { usageError } from '../cli/usage.ts';
import { approvalOf } from '../view/gates.ts';
import { phaseOf, shortRevision, summarize } from '../view/summary.ts';
import { instantOf } from '../view/times.ts';
import { type Plan, placeOf, type VerbSpec } from './verb.ts';

const GOING: readonly string[] = ['Waiting', 'Progressing', 'WaitingPromotion'];

type Refusal = Extract<Plan, { is: 'refused' }>;
const refused = (why: string, remedy?: string): Refusal => ({
  is: 'refused',
  why,
  ...(remedy === undefined ? {} : { remedy }),
});

/** `--revision` may be any beginning of the digest. */
const wrongRevision = (canary: Canary, input: Input): Refusal | undefined => {
  const wanted = input.text('revision');
  const present = revisionAtHand(canary.status);
  if (wanted === undefined || present?.startsWith(wanted) === true) return undefined;
  return refused(`the present revision is ${shortRevision(present ?? 'unknown')}, not ${wanted}`);
};

const noneWaits = (canary: Canary, known: readonly string[]): Refusal => {
  const { name, needsPerson, waiting, isPaused } = summarize(canary, 0);
  if (known.length > 0) return refused(`no gate of ${name} waits; name one: ${known.join(', ')}`);
  if (!needsPerson) return refused(`${name} has no native gates`);
  const why = `${name} has no native gates; it waits for ${waiting ?? 'a hook'}`;
  if (isPaused) return refused(why, `kubectl canary resume ${placeOf(canary)}`);
  return refused(why, `kubectl canary promote ${placeOf(canary)}        goes on without the hook`);
};

/** The gate that is meant: the named one, else the one that waits. */
const gateFor = (canary: Canary, input: Input): { gate: string } | Refusal => {
  const read = readGates(canary);
  if ('invalid' in read) return refused(read.invalid);
  const phase = phaseOf(canary.status);
  if (!GOING.includes(phase))
    return refused(`${canary.metadata.name} is ${phase || 'New'}, nothing waits for an answer`);
  const stale = wrongRevision(canary, input);
  if (stale !== undefined) return stale;
  const known = read.gates.map(({ name }) => name);
  const gate = input.text('gate') ?? canary.status?.waitingFor?.gate;
  if (gate === undefined) return noneWaits(canary, known);
  return known.includes(gate)
    ? { gate }
    : refused(
        `${canary.metadata.name} has no gate "${gate}"${known.length === 0 ? '' : `; known: ${known.join(', ')}`}`,
      );
};

export const APPROVE: VerbSpec = {
  verb: 'approve',
  done: 'approved',
  check: (input) => {
    const text = input.text('until');
    if (text !== undefined && !((readDuration(text) ?? 0) >= 1000))
      throw usageError(`invalid value "${text}" for --until: must be a duration such as 1h`);
  },
  plan: (canary, input, now): Plan => {
    const meant = gateFor(canary, input);
    if ('is' in meant) return meant;
    const known = approvalOf(canary, meant.gate, now);
    if (known !== undefined) return refused(`gate ${meant.gate} is approved already, by ${known.by ?? 'somebody'}`);
    const until = input.text('until');
    return {
      is: 'write',
      order: { ...meant, ...(until === undefined ? {} : { until: instantOf(now + (readDuration(until) as number)) }) },
    };
  },
  effect: (before, after) => {
    const known = (before.status?.approvals ?? []).map(({ gate, at }) => `${gate} ${at}`);
    const fresh = after.status?.approvals?.find(({ gate, at }) => !known.includes(`${gate} ${at}`));
    return fresh === undefined ? '' : `gate ${fresh.gate} for revision ${shortRevision(fresh.revision)}`;
  },
  isComplete: (before, now) =>
    before.status?.waitingFor?.gate === undefined ||
    now.status?.waitingFor?.gate !== before.status.waitingFor.gate ||
    !GOING.includes(phaseOf(now.status)),
};

export const REJECT: VerbSpec = {
  verb: 'reject',
  done: 'rejected',
  check: (input) => {
    if ((input.text('reason') ?? '').trim() === '') throw usageError('reject needs --reason TEXT');
  },
  plan: (canary, input): Plan => {
    if (phaseOf(canary.status) === 'Failed') return { is: 'unchanged', why: 'already rolled back (Failed)' };
    const meant = gateFor(canary, input);
    return 'is' in meant ? meant : { is: 'write', order: meant };
  },
  effect: (before, after) => {
    const [from, to] = [before.status?.canaryWeight ?? 0, after.status?.canaryWeight ?? 0];
    if (phaseOf(before.status) === 'Waiting') return 'it is not rolled out';
    return from === to ? 'rolled back' : `rolled back, weight ${from} → ${to}`;
  },
  hint: (after) => `once more: kubectl canary retry ${placeOf(after)}`,
  isComplete: (_, now) => phaseOf(now.status) === 'Failed',
};
