/** What comes next, and the command that would move it on. Pure. */
import type { Canary, Phase } from '../../shared/api/canary.ts';
import { gatesOf } from '../../shared/api/gates.ts';
import { summarize } from './summary.ts';
import { countdown, span } from './times.ts';

export interface NextStep {
  readonly text: string;
  /** To be pasted. */
  readonly command?: string;
}

const progressing = (canary: Canary, now: number): NextStep => {
  const summary = summarize(canary, now);
  const { step, total, unit, weights } = summary.progress;
  const due = Date.parse(canary.status?.dueAt ?? '');
  const when = Number.isNaN(due) ? 'at the next pass' : due <= now ? 'now' : `in ${countdown(due - now)}`;
  const next = weights[step];
  const goal =
    next !== undefined
      ? `weight ${summary.weight} to ${next}`
      : step < total
        ? `${unit} ${step + 1} of ${total}`
        : 'promotion';
  const left = Math.max(0, summary.threshold - summary.failedChecks);
  return {
    text: `checks again ${when}; when they pass: ${goal}; ${left} more failed ${left === 1 ? 'check rolls' : 'checks roll'} it back`,
  };
};

interface Known {
  readonly canary: Canary;
  readonly now: number;
  /** `podinfo -n test`. */
  readonly where: string;
  /** `Deployment podinfo`. */
  readonly target: string;
}

type Rule = (known: Known) => NextStep;

const awaitsChange: Rule = ({ target }) => ({ text: `a change of ${target} starts a rollout` });

const byHand =
  (text: string): Rule =>
  ({ where }) => ({ text: `${text}; by hand`, command: `kubectl canary promote ${where}` });

const RULES: Record<Phase, Rule> = {
  '': ({ where }) => ({
    text: 'no driver has looked at it yet; a controller does, or this',
    command: `kubectl canary run ${where}`,
  }),
  Initializing: () => ({ text: 'traffic moves to the primary when it is ready' }),
  Initialized: awaitsChange,
  Succeeded: awaitsChange,
  Progressing: ({ canary, now }) => progressing(canary, now),
  Waiting: byHand('starts when its confirm-rollout hook agrees'),
  WaitingPromotion: byHand('is promoted when its confirm-promotion hook agrees'),
  Promoting: () => ({ text: 'the new revision is copied to the primary; traffic follows when it is ready' }),
  Finalising: () => ({ text: 'the target is scaled down, then it has succeeded' }),
  Failed: ({ target, where }) => ({
    text: `a new revision of ${target} starts the next rollout; the same one again`,
    command: `kubectl canary retry ${where}`,
  }),
  Terminating: () => ({ text: 'gives back what was taken over, then it is deleted' }),
  Terminated: () => ({ text: 'is being deleted' }),
};

/** A native gate waits for a person; its time may decide instead. */
const atGate = (canary: Canary, gate: string, where: string, now: number): NextStep => {
  const until = Date.parse(canary.status?.waitingFor?.until ?? '');
  const { onTimeout } = gatesOf(canary).find(({ name }) => name === gate) ?? {};
  const otherwise = Number.isNaN(until)
    ? ''
    : `; in ${span(until - now)} it counts as ${onTimeout === 'approve' ? 'approved' : 'rejected'}`;
  const option = /^[\w.-]+$/.test(gate) ? gate : JSON.stringify(gate);
  return {
    text: `goes on when gate ${gate} is approved${otherwise}`,
    command: `kubectl canary approve ${where} --gate ${option}`,
  };
};

/** One sentence for the phase that the Canary is in. */
export const nextStep = (canary: Canary, now: number): NextStep => {
  const summary = summarize(canary, now);
  const where = `${summary.name} -n ${summary.namespace}`;
  if (canary.spec.suspend === true) {
    const command = `kubectl patch canary ${where} --type merge -p '{"spec":{"suspend":false}}'`;
    return { text: 'nothing until spec.suspend is taken off', command };
  }
  if (summary.isPaused) return { text: 'goes on when it is resumed', command: `kubectl canary resume ${where}` };
  const gate = canary.status?.waitingFor?.gate;
  if (gate !== undefined) return atGate(canary, gate, where, now);
  const { kind, name } = canary.spec.targetRef;
  return RULES[summary.phase]({ canary, now, where, target: `${kind} ${name}` });
};
