import type { Canary, HistoryEntry } from '../../shared/api/canary.ts';
import { isRestPhase } from '../../shared/api/phase.ts';
import type { Input } from '../cli/input.ts';
import { isRunning, phaseOf, shortRevision } from '../view/summary.ts';
import { type Plan, placeOf, type VerbSpec } from './verb.ts';

const SERVED: readonly HistoryEntry['result'][] = ['initialized', 'promoted', 'skipped'];

const notAtRest = (canary: Canary): Plan | undefined => {
  const phase = phaseOf(canary.status);
  if (isRestPhase(phase)) return undefined;
  const why = `${canary.metadata.name} is ${phase || 'New'}, only a Canary at rest can do that`;
  return { is: 'refused', why, ...(isRunning(phase) ? { remedy: `kubectl canary rollback ${placeOf(canary)}` } : {}) };
};

/** By number or any beginning of the digest; without a word the last one that served before. */
const entryOf = ({ status }: Canary, input: Input): HistoryEntry | string => {
  const { history = [], revision } = status ?? {};
  const wanted = input.text('to-revision');
  if (wanted === undefined) {
    const served = history.filter(({ result }) => SERVED.includes(result));
    const before = served.at(served.at(-1)?.revision === revision ? -2 : -1);
    if (before === undefined) return 'no other revision in the history has served';
    return before.revision === revision
      ? `revision ${before.number} differs in ConfigMaps or Secrets alone, whose content is not kept; put them back by hand`
      : before;
  }
  const found = history.findLast((entry) => String(entry.number) === wanted || entry.revision.startsWith(wanted));
  return found ?? `revision ${wanted} is not in the history (the last ten are kept)`;
};

export const UNDO: VerbSpec = {
  verb: 'undo',
  done: 'undone',
  plan: (canary, input): Plan => {
    const stopped = notAtRest(canary);
    if (stopped !== undefined) return stopped;
    const entry = entryOf(canary, input);
    if (typeof entry === 'string')
      return { is: 'refused', why: entry, remedy: `kubectl canary history ${placeOf(canary)}` };
    if (entry.revision === canary.status?.revision)
      return { is: 'unchanged', why: `it is revision ${entry.number} already` };
    return { is: 'write', order: { toRevision: entry.revision } };
  },
  effect: (before, after) => {
    const asked = after.status?.commands?.findLast(({ verb }) => verb === 'undo')?.message;
    return asked ?? `from revision ${shortRevision(before.status?.revision ?? '')}`;
  },
  hint: () =>
    'only the pod template comes back, ConfigMaps and Secrets stay; what applies its manifest (Git, Helm) must follow',
  isComplete: (before, now) => now.status?.revision !== before.status?.revision && isRestPhase(phaseOf(now.status)),
};

export const RESTART: VerbSpec = {
  verb: 'restart',
  done: 'restarted',
  plan: (canary): Plan => notAtRest(canary) ?? { is: 'write', order: {} },
  effect: () => 'new pods for the primary, without analysis',
  isComplete: () => true,
};
