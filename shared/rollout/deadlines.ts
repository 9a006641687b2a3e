/** Since when something is waited for, until when, and what happens in phases that last too long. */
import type { Canary, CanaryStatus, WaitingFor } from '../api/canary.ts';
import { progressDeadlineSecondsOf } from '../api/defaults.ts';
import type { Report } from '../api/model.ts';
import { isAnalysisPhase } from '../api/phase.ts';
import { conditionsAfter, stallOf } from './conditions.ts';
import { isNewRevision } from './revision.ts';
import { phaseOf, statusAfter } from './status.ts';
import { alert, canaryText, ownEvent, primaryText, targetText } from './texts.ts';
import { isoTime, timeOf } from './times.ts';
import { type Decision, isProblem, type World } from './world.ts';

type Side = 'target' | 'primary';

/** A wait that begins now and may last as long as the Canary's progress deadline. */
export const waitFor = ({ canary, now }: Pick<World, 'canary' | 'now'>, what: string): WaitingFor => ({
  what,
  since: isoTime(now),
  until: isoTime(now + progressDeadlineSecondsOf(canary) * 1000),
});

/** What a wait for the pods of one side is called. */
export const podsOf = (canary: Canary, side: Side): string =>
  `pods of ${side === 'target' ? targetText(canary) : primaryText(canary)}`;

const isPodsWait = ({ status }: Canary, canary: Canary, side: Side): boolean =>
  status?.waitingFor?.what.endsWith(podsOf(canary, side)) === true;

/** Since when the pods of one side are waited for, milliseconds since 1970; undefined: nobody has noted it. */
export const podsSince = (canary: Canary, side: Side): number | undefined => {
  const { notReady, waitingFor } = canary.status ?? {};
  const since = notReady?.[side] ?? (isPodsWait(canary, canary, side) ? waitingFor?.since : undefined);
  return timeOf(since) || undefined;
};

/** Pods start, and everybody knows: a wait as short as that is told to nobody. */
const UNTOLD_MS = 10_000;

/** What is told of a wait for pods, and when to look again: for more to tell, or for their deadline. */
export const toldOfPods = (
  { canary, now }: Pick<World, 'canary' | 'now'>,
  side: Side,
  told: Report,
  deadlineAt: number | undefined,
): { reports: readonly Report[]; dueAt?: number } => {
  const tellAt = (podsSince(canary, side) ?? Number.NEGATIVE_INFINITY) + UNTOLD_MS;
  const dueAt = Math.min(deadlineAt ?? Infinity, tellAt > now ? tellAt : Infinity);
  return { reports: tellAt > now ? [] : [told], ...(dueAt < Infinity && { dueAt }) };
};

const isUnready = (world: World, side: Side): boolean => {
  const { canary, primary, target } = world;
  const phase = phaseOf(canary);
  if (side === 'target')
    return isAnalysisPhase(phase) && !isProblem(target) && !target.isParked && !target.readiness.ready;
  const isWanted =
    isAnalysisPhase(phase) || ['Initializing', 'Promoting', 'Finalising'].includes(phase) || isNewRevision(world);
  return isWanted && primary !== undefined && !primary.readiness.ready;
};

const hasClock = ({ primary, target }: World, side: Side): boolean => {
  const readiness = side === 'primary' ? primary?.readiness : isProblem(target) ? undefined : target.readiness;
  return readiness === undefined || readiness.ready || readiness.deadlineExceeded || readiness.deadlineAt !== undefined;
};

/** A wait that nobody has noted yet, for pods that keep no time themselves, begins now; one that is over is forgotten. */
const clockOf = (world: World, status: CanaryStatus, side: Side): string | undefined => {
  if (!isUnready(world, side)) return undefined;
  const known = status.notReady?.[side];
  const after: Canary = { ...world.canary, status };
  return known ?? (hasClock(world, side) || podsSince(after, side) !== undefined ? undefined : isoTime(world.now));
};

const isOver = (world: World, status: CanaryStatus): boolean =>
  isAnalysisPhase(phaseOf(world.canary)) &&
  world.canary.status?.waitingFor?.since === status.waitingFor?.since &&
  status.waitingFor?.what === podsOf(world.canary, 'target') &&
  !isProblem(world.target) &&
  !world.target.isParked &&
  world.target.readiness.ready;

const isAside = ({ canary }: World): boolean =>
  canary.metadata.deletionTimestamp !== undefined || canary.spec.suspend === true;

/** Keeps the clocks of waits for pods in the status, one that a decision writes or one of its own. */
export const clocked = (world: World, decision: Decision): Decision => {
  if (isAside(world)) return decision;
  const status = decision.status ?? world.canary.status ?? {};
  const sides = (['target', 'primary'] as const).map((side) => [side, clockOf(world, status, side)] as const);
  const running = sides.filter(([, since]) => since !== undefined);
  const notReady = running.length === 0 ? undefined : Object.fromEntries(running);
  const isWaitOver = isOver(world, status);
  const isSame = sides.every(([side, since]) => since === status.notReady?.[side]);
  if (isSame && !isWaitOver) return decision;
  if (decision.status === undefined) {
    const change = { notReady: notReady ?? null, ...(isWaitOver && { waitingFor: null }) };
    return { ...decision, status: statusAfter(world, change) };
  }
  const { notReady: _, waitingFor, ...others } = decision.status;
  const next = { ...others, ...(notReady && { notReady }), ...(waitingFor && !isWaitOver && { waitingFor }) };
  return { ...decision, status: next };
};

/** What a wait for something unreadable begins with. */
export const UNREAD = 'what can not be read: ';

/** Phases whose wait for pods nothing but the world can end. An analysis is rolled back, a promotion fails. */
const ENDLESS: readonly string[] = ['Initializing', 'Terminating'];

const ADVICE: Readonly<Record<string, string>> = {
  Initializing: 'the target keeps its traffic until the primary is ready',
  Terminating: 'the primary serves until the target is ready; without revertOnDeletion the Canary goes at once',
};

const EXCEEDED = 'ProgressDeadlineExceeded';

/** Until when the world has time to end this phase, milliseconds since 1970; undefined: others see to it, or nobody waits. */
const deadlineOf = (world: World, { phase = '', waitingFor, rollback }: CanaryStatus): number | undefined => {
  const isLeft = ENDLESS.includes(phase) || waitingFor?.what.startsWith(UNREAD) === true;
  if (phase !== phaseOf(world.canary) || !isLeft || rollback !== undefined) return undefined;
  if (world.canary.spec.suspend === true) return undefined;
  const until = timeOf(waitingFor?.until);
  return Number.isNaN(until) ? undefined : until;
};

/** A phase past its deadline that can't be ended by us: a typed condition, an event and an alert, once. */
export const overdue = (world: World, decision: Decision): Decision => {
  const { canary, now } = world;
  const status = decision.status ?? canary.status ?? {};
  const deadline = deadlineOf(world, status);
  const isLeaving = decision.actions.some((action) => action.do === 'remove-finalizer');
  if (deadline === undefined || isLeaving) return decision;
  if (deadline > now) return { ...decision, dueAt: Math.min(deadline, decision.dueAt ?? Infinity) };
  if (stallOf(canary)?.reason === EXCEEDED) return decision;
  const phase = phaseOf(canary);
  const advice = ADVICE[phase] === undefined ? '' : `; ${ADVICE[phase]}`;
  const message = `${phase} for longer than its deadline, waiting for ${status.waitingFor?.what ?? ''}${advice}`;
  const conditions = conditionsAfter(world, phase, { reason: EXCEEDED, message });
  return {
    ...decision,
    status: { ...status, conditions },
    reports: [
      ...decision.reports,
      ownEvent('Warning', EXCEEDED, `${canaryText(canary)} is ${message}`),
      alert(world, 'error', `Progress deadline exceeded ${message}`),
    ],
  };
};
