/** A primary that somebody deleted: made again of what it ran, never of what nobody has judged. */
import type { HistoryEntry, Phase } from '../api/canary.ts';
import { intervalMsOf } from '../api/defaults.ts';
import { type Answers, type Probe, probeKey } from '../api/model.ts';
import { decided } from './outcome.ts';
import type { ReadableWorld } from './phases/handler.ts';
import { isCopiedUnchecked } from './skip-analysis.ts';
import { phaseOf } from './status.ts';
import { ownEvent, primaryText, targetText } from './texts.ts';
import type { Outcome } from './world.ts';

/** Phases in which the target may run something else than the primary did. */
const APART: readonly Phase[] = ['Initialized', 'Waiting', 'Progressing', 'WaitingPromotion', 'Succeeded', 'Failed'];
const SERVED: readonly HistoryEntry['result'][] = ['initialized', 'promoted', 'skipped'];
/** Phases in which the primary ran what is being promoted; the target may have moved on since. */
const COPIED: readonly Phase[] = ['Promoting', 'Finalising'];
const PROMOTED: readonly HistoryEntry['result'][] = ['running'];

/** Undefined: the primary is there, or the target runs what it ran. */
export const remakePrimary = (world: ReadableWorld, answers: Answers): Outcome | undefined => {
  const { canary, primary, target } = world;
  const phase = phaseOf(canary);
  const isCopied = COPIED.includes(phase);
  const served = canary.status?.history?.findLast(({ result }) => (isCopied ? PROMOTED : SERVED).includes(result));
  const isGone = primary === undefined && target.canRestart && (isCopied || APART.includes(phase));
  if (!isGone || isCopiedUnchecked(world) || served === undefined || served.revision === target.revision)
    return undefined;
  const { revision, number } = served;
  const probe: Probe = { ask: 'kept', revision };
  const answer = answers.get(probeKey(probe));
  if (answer === undefined) return { ask: probe, reports: [] };
  const told = (text: string) => [ownEvent('Warning', 'PrimaryLost', `${primaryText(canary)} is gone: ${text}`, text)];
  if (answer.kind === 'kept' && answer.isKept) {
    return decided(world, {
      actions: [{ do: 'ensure-services' }, { do: 'remake-primary', revision }],
      reports: told(`it is made again of revision ${number}, ${revision}, which it ran`),
    });
  }
  const text = `nobody keeps revision ${number}, ${revision}, which it ran; put ${targetText(canary)} back to it, and it is made again`;
  return decided(world, { reports: told(text), dueAt: world.now + intervalMsOf(canary) });
};
