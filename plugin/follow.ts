/** Following Canaries as they change: a cut watch is taken up again, and nothing is told twice. */
import type { Canary } from '../shared/api/canary.ts';
import { KINDS } from '../shared/api/kinds.ts';
import { sleep } from '../shared/engine/ports.ts';
import { CanaryError, hasCode } from '../shared/errors.ts';
import { type CanaryList, listCanaries, type Selection } from './canaries.ts';
import type { Connection, Io } from './io.ts';

export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly canary: Canary;
}

const WATCH_SECONDS = 290;
const IDLE_MS = 120_000;
const RETRY_MS = [500, 1000, 2000, 4000] as const;
/** A server that stays away for longer than this ends the command. */
const PATIENCE_MS = 60_000;

const keyOf = (canary: Canary): string => `${canary.metadata.namespace ?? ''}/${canary.metadata.name}`;
const versionOf = (canary: Canary | undefined): string | undefined => canary?.metadata.resourceVersion;

/** Failures in a row, and when the first of them was. */
class Patience {
  readonly #io: Io;
  #failures = 0;
  #since = 0;

  constructor(io: Io) {
    this.#io = io;
  }

  restore(): void {
    this.#failures = 0;
  }

  /** Waits before another attempt; throws the failure when it is final, or when there were enough. */
  async spend(error: unknown): Promise<void> {
    const { clock, signal } = this.#io;
    signal.throwIfAborted();
    if (!(error instanceof CanaryError) || !error.retriable || hasCode(error, 'KIND_MISSING')) throw error;
    if (this.#failures === 0) this.#since = clock.monotonic();
    else if (clock.monotonic() - this.#since > PATIENCE_MS) throw error as Error;
    await sleep(clock, RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)] as number, signal);
    this.#failures += 1;
  }
}

class Follower {
  readonly #connection: Connection;
  readonly #selection: Selection;
  readonly #signal: AbortSignal;
  readonly #known: Map<string, Canary>;
  #resourceVersion: string;

  constructor(connection: Connection, selection: Selection, list: CanaryList, signal: AbortSignal) {
    this.#connection = connection;
    this.#selection = selection;
    this.#signal = signal;
    this.#known = new Map(list.items.map((canary) => [keyOf(canary), canary]));
    this.#resourceVersion = list.resourceVersion;
  }

  /** One watch, from where the last one ended. */
  async *watch(): AsyncGenerator<Change> {
    const { namespace, ...selectors } = this.#selection;
    const events = this.#connection.kube.watch(KINDS.canary, {
      ...(namespace === '' ? {} : { namespace }),
      ...selectors,
      resourceVersion: this.#resourceVersion,
      timeoutSeconds: WATCH_SECONDS,
      idleTimeoutMs: IDLE_MS,
      signal: this.#signal,
    });
    for await (const event of events) {
      if (event.type === 'BOOKMARK') {
        this.#resourceVersion = event.resourceVersion;
        continue;
      }
      const canary = event.object as Canary;
      this.#resourceVersion = versionOf(canary) ?? this.#resourceVersion;
      const isKnown = versionOf(this.#known.get(keyOf(canary))) === versionOf(canary);
      if (isKnown && event.type !== 'DELETED') continue;
      yield this.#note({ type: event.type, canary });
    }
  }

  /** What differs between what was told and a fresh list. */
  async relist(): Promise<Change[]> {
    const list = await listCanaries(this.#connection, this.#selection, this.#signal);
    const present = new Set(list.items.map(keyOf));
    const gone = [...this.#known.values()].filter((canary) => !present.has(keyOf(canary)));
    const changed = list.items.filter((canary) => versionOf(this.#known.get(keyOf(canary))) !== versionOf(canary));
    this.#resourceVersion = list.resourceVersion;
    return [
      ...gone.map((canary) => this.#note({ type: 'DELETED', canary })),
      ...changed.map((canary) => this.#note({ type: this.#known.has(keyOf(canary)) ? 'MODIFIED' : 'ADDED', canary })),
    ];
  }

  #note(change: Change): Change {
    if (change.type === 'DELETED') this.#known.delete(keyOf(change.canary));
    else this.#known.set(keyOf(change.canary), change.canary);
    return change;
  }
}

/**
 * Every change after `list`, until the signal comes. A watch that ends or is cut is resumed; one that is too old is
 * listed anew. Throws API_UNREACHABLE when the server stays away for a minute, and the signal's reason.
 */
export async function* followCanaries(
  connection: Connection,
  selection: Selection,
  list: CanaryList,
  io: Io,
): AsyncGenerator<Change> {
  const follower = new Follower(connection, selection, list, io.signal);
  const patience = new Patience(io);
  let isStale = false;
  while (!io.signal.aborted) {
    try {
      if (isStale) yield* await follower.relist();
      isStale = false;
      for await (const change of follower.watch()) {
        patience.restore();
        yield change;
      }
      patience.restore();
    } catch (error) {
      isStale ||= hasCode(error, 'API_EXPIRED');
      await patience.spend(error);
    }
  }
  throw io.signal.reason;
}
