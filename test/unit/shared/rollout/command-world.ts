/** A rollout as the core sees it, with a command on the Canary: what tests of verbs and gates decide on. */
import type { Canary, CanaryStatus, Phase } from '../../../../shared/api/canary.ts';
import { COMMAND_ANNOTATION, type Command, serializeCommand, type Verb } from '../../../../shared/api/command.ts';
import type { Answers, Report } from '../../../../shared/api/model.ts';
import { decide } from '../../../../shared/rollout/decide.ts';
import type { Action, Outcome, TargetFacts, World } from '../../../../shared/rollout/world.ts';
import { WEIGHTS_ONLY } from '../../../../shared/routing/router.ts';
import { aCanary, withAnalysis, withStatus, withWeights } from '../../../make/canary.ts';
import type { Modifier } from '../../../make/modify.ts';

export const NOW = Date.parse('2026-01-02T03:04:05Z');
export const at = (seconds: number): string => new Date(NOW + seconds * 1000).toISOString();

/** What the target runs; the primary runs `old`. */
export const REVISION = 'new';

const HISTORY: NonNullable<CanaryStatus['history']> = [
  { number: 1, revision: 'older', result: 'initialized' },
  { number: 2, revision: 'old', result: 'promoted' },
];

const RUNNING: readonly Phase[] = ['Progressing', 'WaitingPromotion', 'Promoting', 'Finalising'];

/** The status of a rollout of `new` in this phase; in phases at rest `new` is what was rolled out last. */
const statusIn = (phase: Phase): CanaryStatus => ({
  phase,
  revision: phase === 'Waiting' ? 'old' : REVISION,
  history: RUNNING.includes(phase)
    ? [...HISTORY, { number: 3, revision: REVISION, result: 'running' }]
    : phase === 'Waiting'
      ? HISTORY
      : [...HISTORY, { number: 3, revision: REVISION, result: phase === 'Failed' ? 'failed' : 'promoted' }],
  ...(RUNNING.includes(phase) && { canaryWeight: phase === 'Finalising' ? 0 : 20 }),
});

export const canaryIn = (phase: Phase, ...more: Modifier<Canary>[]): Canary =>
  aCanary(withWeights(10, 50), withAnalysis({ metrics: [] }), withStatus(statusIn(phase)), ...more);

export const command = (verb: Verb, more: Partial<Command> = {}): Command => ({
  id: 'c1',
  verb,
  by: 'bo',
  at: at(-1),
  ...more,
});

export const told =
  (text: Command | string): Modifier<Canary> =>
  (canary) => {
    const annotation = typeof text === 'string' ? text : serializeCommand(text);
    return {
      ...canary,
      metadata: {
        ...canary.metadata,
        annotations: { ...canary.metadata.annotations, [COMMAND_ANNOTATION]: annotation },
      },
    };
  };

const TARGET: TargetFacts = {
  kind: 'Deployment',
  readiness: { ready: true },
  revision: REVISION,
  image: 'podinfo:2',
  isParked: false,
  isScalerPaused: false,
  canRestart: true,
};

/** Traffic is where the status says. */
export const worldOf = (canary: Canary, more: Partial<World> = {}): World => {
  const weight = canary.status?.canaryWeight ?? 0;
  const hasCopy = ['Promoting', 'Finalising', 'Succeeded', 'Initialized'].includes(canary.status?.phase ?? '');
  return {
    now: NOW,
    nonce: 'abcdefghijklmnopqrst',
    canary,
    settings: { provider: 'any', clusterName: '', observer: 'any' },
    capabilities: WEIGHTS_ONLY,
    specProblem: undefined,
    target: TARGET,
    primary: { readiness: { ready: true }, runsTarget: hasCopy, hasCopy },
    scaler: undefined,
    configs: undefined,
    routes: { primary: 100 - weight, canary: weight, mirrored: false },
    ...more,
  };
};

export const targetOf = (more: Partial<TargetFacts>): { target: TargetFacts } => ({ target: { ...TARGET, ...more } });

export interface Decided {
  readonly status: CanaryStatus | undefined;
  readonly actions: readonly Action[];
  readonly events: readonly string[];
  readonly reports: readonly Report[];
  readonly dueAt: number | undefined;
}

/** The decision, and throws where a question comes first. */
export const decidedBy = (world: World, answers: Answers = new Map()): Decided => {
  const outcome: Outcome = decide(world, answers);
  if ('ask' in outcome) throw new Error(`asks ${JSON.stringify(outcome.ask)}`);
  const { status, actions, reports, dueAt } = outcome.decision;
  const events = reports.flatMap((report) => (report.tell === 'event' ? [`${report.reason}: ${report.message}`] : []));
  return { status, actions, events, reports, dueAt };
};

/**
 * The same for a rollback: first it is written down, then its traffic goes back, then the target is put to rest, by
 * whoever drives next; told in that order.
 */
export const givenUpBy = (world: World, answers: Answers = new Map()): Decided => {
  const first = decidedBy(world, answers);
  if (first.status?.rollback === undefined) throw new Error(`no rollback: ${JSON.stringify(first)}`);
  if (first.actions.length > 0) throw new Error(`moves before it is written down: ${JSON.stringify(first.actions)}`);
  const next = decidedBy({ ...world, canary: { ...world.canary, status: first.status } });
  const last = next.status?.rollback === undefined ? next : drainedBy(world, next);
  return { ...last, events: [...first.events, ...last.events], reports: [...first.reports, ...last.reports] };
};

/** The end of a rollback whose traffic went back with `decided`, once the pods have answered what was under way. */
const drainedBy = (world: World, { status, actions, dueAt }: Decided): Decided => {
  if (actions.some(({ do: action }) => action === 'park-target')) throw new Error('pods go with their traffic');
  if (status === undefined || dueAt === undefined) throw new Error('nobody looks again');
  return decidedBy({ ...world, now: dueAt, canary: { ...world.canary, status }, ...ALL_TO_PRIMARY });
};

const ALL_TO_PRIMARY: Partial<World> = { routes: { primary: 100, canary: 0, mirrored: false } };

/** What became of the command: `obeyed`, or `refused: why`. */
export const answerTo = (world: World, answers?: Answers): string => {
  const record = decidedBy(world, answers).status?.commands?.at(-1);
  if (record === undefined) return 'no answer';
  return record.result === 'obeyed' ? 'obeyed' : `refused: ${record.message}`;
};
