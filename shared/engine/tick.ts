/** One pass for one Canary: observe, decide, ask, apply, write the status, tell. */
import type { Canary } from '../api/canary.ts';
import { KINDS } from '../api/kinds.ts';
import { type KubeObject, type Ref, refKey } from '../api/kube.ts';
import { type Answer, probeKey, type Report, type Routes } from '../api/model.ts';
import { CanaryError, hasCode, messageOf } from '../errors.ts';
import { decide } from '../rollout/decide.ts';
import { refusedStatus, unrefused } from '../rollout/refused.ts';
import { alert, warning } from '../rollout/texts.ts';
import { isoTime } from '../rollout/times.ts';
import { type Decision, isProblem } from '../rollout/world.ts';
import { apply, applyBare, assertMayWrite } from './apply.ts';
import { type EngineDeps, FIELD_MANAGER } from './deps.ts';
import type { Memory } from './memory.ts';
import { noticingCache } from './noticing-cache.ts';
import { brokenWorld, observe } from './observe.ts';
import { answerProbe, measureAnswer } from './probe.ts';
import { type Telling, tell } from './report.ts';

export interface Pass {
  /** When to look again by itself, milliseconds since 1970; undefined: a change will wake it. */
  dueAt: number | undefined;
  /** Something was written: what follows may be due at once. */
  again: boolean;
  /** Where traffic went when the pass began; undefined: not known. */
  routes: Routes | undefined;
  /** The objects that were read, by `refKey`: a change of one of them is a reason to look again. */
  reads: readonly string[];
  /** The Canary as this pass left it; undefined: it is gone. */
  canary: Canary | undefined;
}

/** More questions than any Canary has hooks and metrics: a core that keeps asking is a bug. */
const MOST_QUESTIONS = 1000;

export interface TickInput {
  ref: Ref;
  /** What is known against this Canary from outside, such as a second one with its target. */
  problem: string | undefined;
  memory: Memory;
  /** Told of each object just before it is read, by `refKey`. */
  onRead?: (object: string) => void;
  signal: AbortSignal;
  /** Ends hooks and queries alone; `signal` where absent. */
  asking?: AbortSignal;
}

/** Throws CanaryErrors of the API server; a conflict means that the pass is to be taken again. */
export const tick = async (input: TickInput, deps: EngineDeps): Promise<Pass> => {
  const { ref, memory, signal } = input;
  const canary = (await deps.cache.get(ref, signal)) as Canary | undefined;
  if (!canary) return { dueAt: undefined, again: false, routes: undefined, reads: [refKey(ref)], canary: undefined };
  memory.enter(`${canary.status?.phase ?? ''} ${canary.status?.revision ?? ''}`);
  try {
    return await passOver(canary, input, deps);
  } catch (error) {
    if (hasCode(error, 'API_INVALID', 'API_FORBIDDEN')) await complain(canary, messageOf(error), input, deps);
    throw error;
  }
};

const passOver = async (canary: Canary, input: TickInput, deps: EngineDeps): Promise<Pass> => {
  const { ref, problem, memory, signal } = input;
  const { world, scene } = await observe(canary, withReads(deps, input), problem, signal);
  const routes = world.routes === undefined || isProblem(world.routes) ? undefined : world.routes;
  const telling: Telling = { world, scene, deps, memory, signal };
  const decision = await settle(telling, canary, input.asking ?? signal);
  const reads = [refKey(ref), ...(scene ? scene.objects.keys() : [])];
  const applied = scene
    ? await apply(scene, decision.actions, withReads(deps, input), signal)
    : await applyBare(canary, decision.actions, deps, signal);
  if ('problem' in applied) {
    await tell(telling, canary, [warning(world, applied.problem, { once: applied.problem })]);
    await standStill(canary, applied.problem, input, deps);
    return { dueAt: retryAt(deps), again: false, routes, reads, canary };
  }
  memory.refusedSince = undefined;
  const status = unrefused(world, drainedFrom(deps.clock.now(), decision));
  const latest = (scene?.objects.get(refKey(ref)) as Canary | undefined) ?? canary;
  const written = status === undefined ? latest : await writeStatus(latest, status, deps, signal);
  await tell(telling, written, decision.reports);
  const next = { ...decision, dueAt: laterThan(world.now, decision.dueAt) };
  const followUp = followUpOf(memory, next, applied.wrote > 0, deps);
  return { ...followUp, routes, reads, canary: written };
};

/** Pods are left to answer what is under way from when the routes are written, not from when that was decided. */
const drainedFrom = (now: number, { status, drainMs }: Decision): Decision['status'] =>
  status === undefined || drainMs === undefined ? status : { ...status, dueAt: isoTime(now + drainMs) };

/** A time that has come already when it was decided would bring the same pass again and again. */
const laterThan = (now: number, at: number | undefined): number | undefined =>
  at === undefined || at > now ? at : now + 1000;

const PROBLEM_RETRY_MS = 30_000;
const retryAt = (deps: EngineDeps): number => deps.clock.now() + PROBLEM_RETRY_MS;

const withReads = (deps: EngineDeps, { onRead }: TickInput): EngineDeps =>
  onRead ? { ...deps, cache: noticingCache(deps.cache, onRead) } : deps;

/** Corrections that are made again and again without effect come at growing distances: somebody undoes them. */
const QUICK_CORRECTIONS = 3;
const MOST_CORRECTION_WAIT_MS = 60_000;

/** What was written may be all that the next step waited for, and our own writes wake nobody. */
const followUpOf = (
  memory: Memory,
  decision: Decision,
  hasWritten: boolean,
  deps: EngineDeps,
): Pick<Pass, 'again' | 'dueAt'> => {
  const hasMoved = decision.status !== undefined;
  memory.corrections = hasWritten && !hasMoved ? memory.corrections + 1 : 0;
  const excess = memory.corrections - QUICK_CORRECTIONS;
  if (excess <= 0) return { again: hasMoved || hasWritten, dueAt: decision.dueAt };
  const lookAt = deps.clock.now() + Math.min(1000 * 2 ** Math.min(excess, 20), MOST_CORRECTION_WAIT_MS);
  return { again: false, dueAt: Math.min(lookAt, decision.dueAt ?? Infinity) };
};

/** What the API server refuses for good, a person has to see; once, though the pass is tried again. */
const complain = async (canary: Canary, message: string, input: TickInput, deps: EngineDeps): Promise<void> => {
  const { memory } = input;
  if (!memory.told.has(message)) {
    memory.told.add(message);
    memory.recorder.record(canary, { tell: 'event', type: 'Warning', reason: 'ApiRefused', message });
  }
  await standStill(canary, message, input, deps);
};

/** A phase that something refused holds for longer than its deadline is stalled, and everybody hears of it. */
const standStill = async (canary: Canary, message: string, input: TickInput, deps: EngineDeps): Promise<void> => {
  const { memory, signal } = input;
  memory.refusedSince ??= deps.clock.now();
  const world = brokenWorld(canary, deps, message);
  const status = refusedStatus(world, { since: memory.refusedSince, message });
  if (status === undefined) return;
  // Where that can not be written either, the next pass tries again.
  const written = await writeStatus(canary, status, deps, signal).catch(() => undefined);
  const told = [alert(world, 'error', `Progress deadline exceeded ${message}`)];
  if (written) await tell({ world, scene: undefined, deps, memory, signal }, written, told);
};

/** Asks until the core decides; what it reports on the way is told before each question. */
const settle = async (telling: Telling, canary: Canary, asking: AbortSignal): Promise<Decision> => {
  const { world, scene, deps, memory, signal } = telling;
  const answers = new Map<string, Answer>();
  let told = 0;
  const tellNew = async (reports: readonly Report[]): Promise<void> => {
    await tell(telling, canary, reports.slice(told));
    told = reports.length;
  };
  for (let asked = 0; asked < MOST_QUESTIONS; asked += 1) {
    const outcome = decide(world, answers);
    if ('decision' in outcome) return { ...outcome.decision, reports: outcome.decision.reports.slice(told) };
    if (!scene) break;
    await tellNew(outcome.reports);
    if (outcome.ask.ask === 'hook') await memory.eventHooks.settle();
    const answer = await answerProbe(scene, outcome.ask, deps, asking);
    measureAnswer(scene, outcome.ask, answer, deps);
    answers.set(probeKey(outcome.ask), answer);
    signal.throwIfAborted();
    asking.throwIfAborted();
  }
  throw new CanaryError('BUG', `the decision of ${canary.metadata.name} does not end`);
};

const writeStatus = async (
  canary: Canary,
  status: NonNullable<Canary['status']>,
  deps: EngineDeps,
  signal: AbortSignal,
): Promise<Canary> => {
  assertMayWrite({ canary }, deps);
  const object: KubeObject = { ...canary, status };
  const written = await deps.kube.replace(KINDS.canary, object, {
    subresource: 'status',
    signal,
    fieldManager: FIELD_MANAGER,
  });
  deps.cache.put(KINDS.canary, written);
  return written as Canary;
};
