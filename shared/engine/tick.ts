/** One pass for one Canary: observe, decide, ask, apply, write the status, tell. */
import type { Canary } from '../api/canary.ts';
import { KINDS } from '../api/kinds.ts';
import { type KubeObject, type Ref, refKey } from '../api/kube.ts';
import { type Answer, probeKey, type Report } from '../api/model.ts';
import { CanaryError } from '../errors.ts';
import { decide } from '../rollout/decide.ts';
import { warning } from '../rollout/texts.ts';
import type { Decision } from '../rollout/world.ts';
import { apply, assertMayWrite } from './apply.ts';
import { type EngineDeps, FIELD_MANAGER } from './deps.ts';
import type { Memory } from './memory.ts';
import { observe } from './observe.ts';
import { answerProbe } from './probe.ts';
import { tell, type Telling } from './report.ts';

export interface Pass {
  /** When to look again by itself, milliseconds since 1970; undefined: a change will wake it. */
  dueAt: number | undefined;
  /** The status was written: what follows may be due at once. */
  again: boolean;
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
  signal: AbortSignal;
}

/** Throws CanaryErrors of the API server; a conflict means that the pass is to be taken again. */
export const tick = async ({ ref, problem, memory, signal }: TickInput, deps: EngineDeps): Promise<Pass> => {
  const canary = (await deps.cache.get(ref, signal)) as Canary | undefined;
  if (!canary) return { dueAt: undefined, again: false, reads: [refKey(ref)], canary: undefined };
  memory.enter(canary.status?.phase ?? '');
  const { world, scene } = await observe(canary, deps, problem, signal);
  const telling: Telling = { world, scene, deps, memory, signal };
  const decision = await settle(telling, canary);
  const reads = [refKey(ref), ...(scene ? scene.objects.keys() : [])];
  const applied = scene ? await apply(scene, decision.actions, deps, signal) : { wrote: 0 };
  if ('problem' in applied) {
    await tell(telling, canary, [warning(world, applied.problem, { once: applied.problem })]);
    return { dueAt: retryAt(deps), again: false, reads, canary };
  }
  const latest = (scene?.objects.get(refKey(ref)) as Canary | undefined) ?? canary;
  const written = decision.status === undefined ? latest : await writeStatus(latest, decision.status, deps, signal);
  await tell(telling, written, decision.reports);
  const dueAt = applied.wrote === 0 ? decision.dueAt : Math.min(decision.dueAt ?? Infinity, deps.clock.now() + LOOK_AFTER_MS);
  return { dueAt, again: decision.status !== undefined, reads, canary: written };
};

/** What we wrote ourselves is not announced as a change: look again soon, and not at once, lest two writers spin. */
const LOOK_AFTER_MS = 1000;
const PROBLEM_RETRY_MS = 30_000;
const retryAt = (deps: EngineDeps): number => deps.clock.now() + PROBLEM_RETRY_MS;

/** Asks until the core decides; what it reports on the way is told before each question. */
const settle = async (telling: Telling, canary: Canary): Promise<Decision> => {
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
    answers.set(probeKey(outcome.ask), await answerProbe(scene, outcome.ask, deps, signal));
    signal.throwIfAborted();
  }
  throw new CanaryError('BUG', `the decision of ${canary.metadata.name} does not end`);
};

const writeStatus = async (canary: Canary, status: NonNullable<Canary['status']>, deps: EngineDeps, signal: AbortSignal): Promise<Canary> => {
  assertMayWrite({ canary }, deps);
  const object: KubeObject = { ...canary, status };
  const written = await deps.kube.replace(KINDS.canary, object, { subresource: 'status', signal, fieldManager: FIELD_MANAGER });
  deps.cache.put(KINDS.canary, written);
  return written as Canary;
};
