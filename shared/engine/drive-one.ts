/** One rollout driven in the foreground, with the same passes as a controller's. */
import type { Canary } from '../api/canary.ts';
import { KINDS } from '../api/kinds.ts';
import { type Ref, refKey, refOf, refTo } from '../api/kube.ts';
import { isRestPhase } from '../api/phase.ts';
import { CanaryError, hasCode, messageOf } from '../errors.ts';
import type { EngineDeps } from './deps.ts';
import type { Lease } from './lease-port.ts';
import { Memory } from './memory.ts';
import { sleep } from './ports.ts';
import { checkCrds } from './preflight.ts';
import { eventQueue, LAST_EVENTS_MS } from './recorder.ts';
import { Rivals } from './rivals.ts';
import { type Pass, tick } from './tick.ts';

export interface DriveOptions {
  readonly namespace: string;
  readonly name: string;
  /** Held already; nothing is written once it is lost. */
  readonly lease: Lease;
  /** Told of each pass that went through. */
  readonly onPass: (pass: Pass) => void;
  /** Told of each pass that failed and will be taken again. */
  readonly onFailure: (error: unknown) => void;
  /** True ends the drive after the pass, for example at a gate. */
  readonly isDone?: (pass: Pass) => boolean;
  /** A wish to stop: the work in hand is finished first. */
  readonly stop: AbortSignal;
}

export type DriveEnd = { why: 'settled' | 'done' | 'stopped'; canary: Canary };

const LEAST_RETRY_MS = 50;
const MOST_RETRY_MS = 10_000;

/** Drives until nothing is left to do. Throws LEASE_LOST when another driver took over, API_NOT_FOUND when the Canary is gone. */
export const driveOne = async (deps: EngineDeps, options: DriveOptions): Promise<DriveEnd> => {
  await checkCrds(deps.kube, options.stop);
  const abort = new AbortController();
  const guarded: EngineDeps = { ...deps, mayWrite: () => options.lease.held() };
  const events = eventQueue(deps.clock, abort.signal);
  const input = {
    ref: refTo(KINDS.canary, options.namespace, options.name),
    problem: await rivalProblem(deps, options),
    memory: new Memory(guarded, events, abort.signal),
    signal: abort.signal,
  };
  const waker = new Waker(deps);
  try {
    for (let failures = 0; ; ) {
      if (!options.lease.held()) throw new CanaryError('LEASE_LOST', 'another driver took over');
      waker.arm();
      const pass = await passOf(input, guarded, options).catch((error: unknown) => error as Error);
      if (pass instanceof Error) {
        failures += 1;
        if (options.stop.aborted) throw pass;
        await waker.wait(Math.min(LEAST_RETRY_MS * 2 ** failures, MOST_RETRY_MS), options.stop);
        continue;
      }
      failures = 0;
      const end = endOf(pass, options);
      if (end) return end;
      if (pass.again) continue;
      waker.watch(pass.reads);
      await waker.wait(pass.dueAt === undefined ? undefined : pass.dueAt - deps.clock.now(), options.stop);
    }
  } finally {
    waker.close();
    await events.settle(LAST_EVENTS_MS);
    abort.abort(new Error('stopped'));
  }
};

/** Failures that may pass are told and tried again; the rest ends the drive. */
const passOf = async (
  input: Parameters<typeof tick>[0],
  deps: EngineDeps,
  options: DriveOptions,
): Promise<Pass | Error> => {
  try {
    const pass = await tick(input, deps);
    if (!pass.canary)
      throw new CanaryError('API_NOT_FOUND', `canary "${options.name}" not found in namespace "${options.namespace}"`);
    options.onPass(pass);
    return pass;
  } catch (error) {
    if (
      hasCode(error, 'LEASE_LOST', 'API_FORBIDDEN', 'BUG') ||
      (hasCode(error, 'API_NOT_FOUND') && isOwn(error, options))
    )
      throw error;
    if (!hasCode(error, 'API_CONFLICT', 'API_EXISTS')) options.onFailure(error);
    return error instanceof Error ? error : new Error(messageOf(error));
  }
};

const isOwn = (error: CanaryError, { name }: DriveOptions): boolean => error.message.startsWith(`canary "${name}"`);

const endOf = (pass: Pass, options: DriveOptions): DriveEnd | undefined => {
  const canary = pass.canary as Canary;
  if (options.isDone?.(pass) === true) return { why: 'done', canary };
  if (!pass.again && isRestPhase(canary.status?.phase)) return { why: 'settled', canary };
  return options.stop.aborted ? { why: 'stopped', canary } : undefined;
};

const rivalProblem = async (deps: EngineDeps, { namespace, name }: DriveOptions): Promise<string | undefined> => {
  const rivals = new Rivals();
  const canaries = (await deps.cache.list(KINDS.canary)) as Canary[];
  for (const canary of canaries) {
    if (canary.metadata.namespace === namespace) rivals.set(canary.metadata.name, canary);
  }
  const own = canaries.find((canary) => canary.metadata.namespace === namespace && canary.metadata.name === name);
  return own && rivals.problemOf(name, own);
};

/** Sleeps until a time, a change of an object that was read, or a wish to stop. */
class Waker {
  readonly #deps: EngineDeps;
  readonly #unsubscribe: () => void;
  #reads: ReadonlySet<string> | undefined;
  #wake: AbortController = new AbortController();

  constructor(deps: EngineDeps) {
    this.#deps = deps;
    this.#unsubscribe = deps.cache.onChange((kind, object) => {
      const key = refKey(refOf(kind, object) satisfies Ref);
      if (this.#reads === undefined || this.#reads.has(key)) this.#wake.abort(new Error('changed'));
    });
  }

  /** Changes from here on count. */
  arm(): void {
    this.#wake = new AbortController();
  }

  watch(reads: readonly string[]): void {
    this.#reads = new Set(reads);
  }

  /** Undefined waits for a change alone. */
  async wait(ms: number | undefined, stop: AbortSignal): Promise<void> {
    const either = AbortSignal.any([this.#wake.signal, stop]);
    if (either.aborted || (ms !== undefined && ms <= 0)) return;
    await sleep(this.#deps.clock, Math.min(ms ?? LONGEST_SLEEP_MS, LONGEST_SLEEP_MS), either).catch(() => undefined);
  }

  close(): void {
    this.#unsubscribe();
  }
}

const LONGEST_SLEEP_MS = 3_600_000;
