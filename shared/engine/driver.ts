/** Passes for many Canaries: wakes them by events and by due times, retries what failed, forgets what is gone. */
import { setMaxListeners } from 'node:events';
import type { Canary } from '../api/canary.ts';
import { KINDS } from '../api/kinds.ts';
import { type Kind, type KubeObject, type Ref, refKey, refOf, refTo } from '../api/kube.ts';
import { hasCode, messageOf } from '../errors.ts';
import type { CallQueue } from './call-queue.ts';
import type { EngineDeps } from './deps.ts';
import { Interests } from './interests.ts';
import { Memory } from './memory.ts';
import { Queue } from './queue.ts';
import { eventQueue, LAST_EVENTS_MS } from './recorder.ts';
import { Rivals } from './rivals.ts';
import { Series } from './series.ts';
import { type Pass, tick } from './tick.ts';

export interface DriverOptions {
  /** Who else drives a Canary; asked before each pass. */
  readonly stepAside?: (canary: Canary, signal: AbortSignal) => Promise<StepAside | undefined>;
  /** Is it ours to drive now? Absent: all are. A Canary that becomes ours must be woken. */
  readonly isMine?: (canary: Canary) => boolean;
  /** Called after each pass that went through. */
  readonly onPass?: (key: string, pass: Pass) => void;
  /** Called when a pass failed; it will be taken again. */
  readonly onFailure?: (key: string, error: unknown) => void;
}

/** Another driver is at work: look again when these objects change, or then (milliseconds since 1970). */
export interface StepAside {
  readonly reads: readonly string[];
  readonly retryAt: number | undefined;
}

const LEAST_RETRY_MS = 50;
const MOST_RETRY_MS = 60_000;

const canaryKey = (ref: Ref): string => `${ref.namespace}/${ref.name}`;
const refOfKey = (key: string): Ref => {
  const slash = key.indexOf('/');
  return refTo(KINDS.canary, key.slice(0, slash), key.slice(slash + 1));
};

export class Driver {
  readonly #deps: EngineDeps;
  /** As passes use them: while a hook or query is asked, another Canary has the place. */
  readonly #passDeps: EngineDeps;
  readonly #options: DriverOptions;
  readonly #queue: Queue;
  readonly #interests = new Interests();
  readonly #rivals = new Rivals();
  readonly #memories = new Map<string, Memory>();
  readonly #series: Series;
  readonly #events: CallQueue;
  /** Ends what only asks; nothing has been written by then. */
  readonly #stopping = new AbortController();
  readonly #abort = new AbortController();
  #unsubscribe: () => void = () => undefined;

  constructor(deps: EngineDeps, options: DriverOptions = {}) {
    this.#deps = deps;
    this.#options = options;
    // Every call under way listens to the one signal that ends them all.
    setMaxListeners(0, this.#abort.signal, this.#stopping.signal);
    this.#series = new Series(deps.metrics);
    this.#events = eventQueue(deps.clock, this.#abort.signal);
    this.#queue = new Queue({
      clock: deps.clock,
      concurrency: deps.settings.concurrency,
      work: (key) => this.#work(key),
    });
    const { http } = deps;
    const send: typeof http.send = (request, signal) => this.#queue.aside(() => http.send(request, signal));
    this.#passDeps = { ...deps, http: { send } };
  }

  /** Lists every Canary in scope and follows them from there. */
  async start(): Promise<void> {
    this.#unsubscribe = this.#deps.cache.onChange((kind, object, change) => this.#changed(kind, object, change));
    try {
      const canaries = await this.#deps.cache.list(KINDS.canary, this.#abort.signal);
      for (const canary of canaries) this.#see(canary as Canary);
    } catch (error) {
      // Whoever could not start must not drive either: another one may be started in its place.
      await this.stop();
      throw error;
    }
  }

  /** Ends after the actions at work; the status write of a pass is never cut, its questions are. */
  async stop(): Promise<void> {
    this.#unsubscribe();
    this.#stopping.abort(new Error('stopped'));
    await this.#queue.close();
    await this.#events.settle(LAST_EVENTS_MS);
    this.#abort.abort(new Error('stopped'));
  }

  /** Looks at the Canary now. */
  wake(namespace: string, name: string): void {
    this.#queue.add(`${namespace}/${name}`);
  }

  /** Looks at every known Canary now: leases or settings changed. */
  wakeAll(): void {
    for (const key of this.#memories.keys()) this.#queue.add(key);
  }

  /** Resolves once no Canary of these is at work. */
  settled(isOne: (canary: Pick<Canary, 'metadata'>) => boolean): Promise<void> {
    return this.#queue.settled((key) => {
      const { namespace, name } = refOfKey(key);
      return isOne({ metadata: { namespace, name } });
    });
  }

  /** How many Canaries are known. */
  get size(): number {
    return this.#memories.size;
  }

  #changed(kind: Kind, object: KubeObject, change: 'set' | 'deleted'): void {
    if (kind === KINDS.canary || kind.plural === KINDS.canary.plural) {
      if (change === 'deleted') this.#forget(canaryKey(refOf(KINDS.canary, object)));
      else this.#see(object as Canary);
      return;
    }
    for (const key of this.#interests.of(refKey(refOf(kind, object)))) this.#queue.add(key);
  }

  #see(canary: Canary): void {
    const key = canaryKey(refOf(KINDS.canary, canary));
    if (!this.#memories.has(key)) this.#memories.set(key, new Memory(this.#deps, this.#events, this.#abort.signal));
    for (const rival of this.#rivals.set(key, canary)) this.#queue.add(rival);
    if (this.#isMine(canary)) this.#series.see(key, canary);
    this.#queue.add(key);
  }

  #isMine(canary: Canary): boolean {
    return this.#options.isMine?.(canary) !== false;
  }

  /** Another driver has it now, and tells of it. */
  #leave(key: string): void {
    this.#interests.forget(key);
    this.#series.forget(key);
  }

  #forget(key: string): void {
    this.#queue.remove(key);
    this.#interests.forget(key);
    this.#memories.delete(key);
    for (const rival of this.#rivals.forget(key)) this.#queue.add(rival);
    this.#series.forget(key);
  }

  async #work(key: string): Promise<void> {
    const memory = this.#memories.get(key);
    if (!memory) return;
    const patience = memory.notBefore - this.#deps.clock.monotonic();
    if (patience > 0) return this.#queue.add(key, this.#deps.clock.now() + patience);
    try {
      const ref = refOfKey(key);
      const canary = (await this.#deps.cache.get(ref, this.#abort.signal)) as Canary | undefined;
      if (!canary) return;
      if (!this.#isMine(canary)) return this.#leave(key);
      this.#series.see(key, canary);
      const aside = await this.#options.stepAside?.(canary, this.#abort.signal);
      if (aside?.retryAt !== undefined) {
        this.#interests.set(key, aside.reads);
        this.#queue.add(key, aside.retryAt);
        return;
      }
      const problem = this.#rivals.problemOf(key, canary);
      const onRead = (object: string): void => this.#interests.add(key, object);
      const pass = await tick(
        { ref, problem, memory, onRead, signal: this.#abort.signal, asking: this.#stopping.signal },
        this.#passDeps,
      );
      this.#passed(key, memory, { ...pass, reads: [...pass.reads, ...(aside?.reads ?? [])] });
    } catch (error) {
      this.#failed(key, memory, error);
    }
  }

  #passed(key: string, memory: Memory, pass: Pass): void {
    memory.failures = 0;
    if (!this.#memories.has(key)) return;
    this.#interests.set(key, pass.reads);
    if (pass.again) this.#queue.add(key);
    if (pass.dueAt !== undefined) this.#queue.add(key, pass.dueAt);
    this.#series.measure(pass);
    this.#deps.metrics.add('kubectl_canary_ticks_total', { result: 'done' });
    this.#options.onPass?.(key, pass);
  }

  /** A conflict means that somebody was faster: look again soon. Everything else backs off, with jitter. */
  #failed(key: string, memory: Memory, error: unknown): void {
    if (this.#stopping.signal.aborted) return;
    memory.failures += 1;
    const isStale = hasCode(error, 'API_CONFLICT', 'API_EXISTS', 'API_NOT_FOUND', 'LEASE_LOST');
    const fields = { canary: key, failures: memory.failures };
    this.#deps.metrics.add('kubectl_canary_ticks_total', { result: isStale ? 'stale' : 'failed' });
    if (isStale) this.#deps.log.debug(`pass dropped: ${messageOf(error)}`, fields);
    else this.#deps.log.error(`pass failed: ${messageOf(error)}`, fields);
    const backoff = Math.min(LEAST_RETRY_MS * 2 ** Math.min(memory.failures - 1, 20), MOST_RETRY_MS);
    const jittered = backoff * (0.5 + this.#deps.random.next() / 2);
    const asked = (error as { retryAfterMs?: number }).retryAfterMs ?? 0;
    // Changes that come meanwhile must not hurry what a busy server put off.
    if (asked > 0) memory.notBefore = this.#deps.clock.monotonic() + asked;
    this.#queue.add(key, this.#deps.clock.now() + Math.max(jittered, asked));
    this.#options.onFailure?.(key, error);
  }
}
