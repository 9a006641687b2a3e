/** What comes next, and the command that would move it on. Pure. */
import type { Canary } from '../../shared/api/canary.ts';
import { summarize } from './summary.ts';
import { countdown } from './times.ts';

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
  const goal = next !== undefined ? `weight ${summary.weight} to ${next}` : step < total ? `${unit} ${step + 1} of ${total}` : 'promotion';
  const left = Math.max(0, summary.threshold - summary.failedChecks);
  return { text: `checks again ${when}; when they pass: ${goal}; ${left} more failed ${left === 1 ? 'check rolls' : 'checks roll'} it back` };
};

/** One sentence for the phase that the Canary is in. */
export const nextStep = (canary: Canary, now: number): NextStep => {
  const summary = summarize(canary, now);
  const where = `${summary.name} -n ${summary.namespace}`;
  if (canary.spec.suspend === true) return { text: 'nothing until spec.suspend is taken off', command: `kubectl patch canary ${where} --type merge -p '{"spec":{"suspend":false}}'` };
  if (summary.isPaused) return { text: 'goes on when it is resumed', command: `kubectl canary resume ${where}` };
  switch (summary.phase) {
    case '':
      return { text: 'no driver has looked at it yet; a controller does, or this', command: `kubectl canary run ${where}` };
    case 'Initializing':
      return { text: 'traffic moves to the primary when it is ready' };
    case 'Initialized':
    case 'Succeeded':
      return { text: `a change of ${canary.spec.targetRef.kind ?? 'Deployment'} ${canary.spec.targetRef.name} starts a rollout` };
    case 'Progressing':
      return progressing(canary, now);
    case 'Waiting':
      return { text: 'starts when its confirm-rollout hook agrees; by hand', command: `kubectl canary promote ${where}` };
    case 'WaitingPromotion':
      return { text: 'is promoted when its confirm-promotion hook agrees; by hand', command: `kubectl canary promote ${where}` };
    case 'Promoting':
      return { text: 'the new revision is copied to the primary; traffic follows when it is ready' };
    case 'Finalising':
      return { text: 'the target is scaled down, then it has succeeded' };
    case 'Failed':
      return { text: `a new revision of ${canary.spec.targetRef.kind ?? 'Deployment'} ${canary.spec.targetRef.name} starts the next rollout; the same one again`, command: `kubectl canary retry ${where}` };
    case 'Terminating':
      return { text: 'gives back what was taken over, then it is deleted' };
    case 'Terminated':
      return { text: 'is being deleted' };
  }
};
