import type { Kind, KubeObject } from '../api/kube.ts';
import { type Clock, type Kube, type Log, type Random, sleep } from '../engine/ports.ts';
import { CanaryError, hasCode, messageOf } from '../errors.ts';
import { backoffMs } from './backoff.ts';
import { createGate, type Gate } from './gate.ts';
import { resourceOf } from './paths.ts';
import type { Notice, Store } from './store.ts';
import { lean, metadataOf, versionOf } from './versions.ts';

export interface ReflectorOptions {
  readonly kube: Kube;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly kind: Kind;
  /** Empty: the whole cluster. */
  readonly namespace: string;
  readonly metadataOnly: boolean;
  readonly labelSelector?: string;
  readonly store: Store;
  readonly onNotices: (notices: readonly Notice[]) => void;
  /** Told each time that a watch is opened again, with the reason. */
  readonly onRestart?: (reason: RestartReason) => void;
  /** A watch without any byte for this long is taken for dead. */
  readonly idleTimeoutMs?: number;
}

export type RestartReason = 'ended' | 'expired' | 'failed' | 'missing';

export interface Reflector {
  /** Resolves once the store has been filled; rejects with what keeps it from being filled. */
  ready(signal?: AbortSignal): Promise<void>;
  /** True when the store holds what the server has, be it nothing because the kind is not served. */
  isFilled(): boolean;
  stop(): void;
}

/** Servers send a bookmark about once a minute. */
const IDLE_TIMEOUT_MS = 150_000;
const SHORTEST_WATCH_S = 300;
const WATCH_SPREAD_S = 300;
/** A relist after 410 is spread, since every watch of every client may have expired at once. */
const RELIST_SPREAD_MS = 1000;
/** A watch that ended sooner, and told nothing, counts as a failure. */
const TOO_SHORT_MS = 1000;
/** After so many failures in a row the version itself is doubted. */
const DOUBT_AFTER = 5;
const MISSING_BACKOFF = { baseMs: 5000, capMs: 60_000 };

interface Run extends ReflectorOptions {
  readonly signal: AbortSignal;
  readonly gate: Gate;
  readonly resource: string;
}

const lookAt = ({ namespace, metadataOnly, labelSelector, signal }: Run) => ({
  metadataOnly,
  signal,
  ...(labelSelector === undefined ? {} : { labelSelector }),
  ...(namespace === '' ? {} : { namespace }),
});

const shape = ({ kind, metadataOnly }: Run, object: KubeObject): KubeObject =>
  metadataOnly ? { ...metadataOf(lean(object)), apiVersion: kind.apiVersion, kind: kind.kind } : lean(object);

const wait = ({ clock, signal }: Run, ms: number): Promise<void> => sleep(clock, ms, signal).catch(() => {});

const note = (run: Run, what: string, error: unknown, retryMs: number): void => {
  const { log, resource, namespace } = run;
  log.warn(what, { resource, namespace, error: messageOf(error), retryMs: Math.round(retryMs) });
};

/** Lists once and takes the answer as the truth. Answers its version. */
const fill = async (run: Run): Promise<string> => {
  const { kube, kind, store, clock, gate } = run;
  const { items, resourceVersion } = await kube.list(kind, lookAt(run));
  const list = { items: items.map((object) => shape(run, object)), resourceVersion };
  const notices = store.replace(list, clock.monotonic());
  gate.open();
  run.onNotices(notices);
  return resourceVersion;
};

/** Reads one watch to its end, telling each version that it reached. */
const watchOnce = async (run: Run, from: string, onVersion: (version: string) => void): Promise<void> => {
  const { kube, kind, store, clock, random, signal, idleTimeoutMs = IDLE_TIMEOUT_MS } = run;
  const timeoutSeconds = SHORTEST_WATCH_S + Math.floor(random.next() * WATCH_SPREAD_S);
  const watch = kube.watch(kind, { ...lookAt(run), resourceVersion: from, timeoutSeconds, idleTimeoutMs });
  for await (const event of watch) {
    if (signal.aborted) return;
    onVersion(event.type === 'BOOKMARK' ? event.resourceVersion : versionOf(event.object));
    if (event.type === 'BOOKMARK') continue;
    run.onNotices(store.apply({ type: event.type, object: shape(run, event.object) }, clock.monotonic()));
  }
};

/** Failures that say nothing against the version: the next watch may go on from it. */
const saysNothing = (error: unknown): boolean =>
  hasCode(error, 'API_UNREACHABLE', 'API_UNAVAILABLE', 'API_UNAUTHORIZED', 'API_FORBIDDEN');

/** How one watch ended, and whether it brought anything. */
interface Ended {
  readonly version: string;
  readonly progressed: boolean;
  readonly error?: unknown;
}

const watchFrom = async (run: Run, from: string): Promise<Ended> => {
  let version = from;
  let progressed = false;
  const started = run.clock.monotonic();
  try {
    await watchOnce(run, from, (seen) => {
      progressed = true;
      version = seen === '' ? version : seen;
    });
    return { version, progressed: progressed || run.clock.monotonic() - started >= TOO_SHORT_MS };
  } catch (error) {
    return { version, progressed, error };
  }
};

const reasonOf = ({ error }: Ended): RestartReason =>
  error === undefined ? 'ended' : hasCode(error, 'API_EXPIRED') ? 'expired' : 'failed';

/** Watches from `start` on, watch after watch, until a new list is needed. */
const follow = async (run: Run, start: string): Promise<void> => {
  let version = start;
  let failures = 0;
  while (!run.signal.aborted) {
    const ended = await watchFrom(run, version);
    if (run.signal.aborted) return;
    const reason = reasonOf(ended);
    run.onRestart?.(reason);
    if (reason === 'expired') return wait(run, run.random.next() * RELIST_SPREAD_MS);
    version = ended.version;
    failures = ended.progressed ? 0 : failures + 1;
    if (reason === 'ended' && ended.progressed) continue;
    const retryMs = backoffMs(Math.max(1, failures), run.random);
    if (reason === 'failed') note(run, 'watch was cut', ended.error, retryMs);
    await wait(run, retryMs);
    if (failures >= DOUBT_AFTER || (reason === 'failed' && !saysNothing(ended.error))) return;
  }
};

/** Tells those who wait, and lets some time pass. What is in the store stays, unless the kind itself is gone. */
const failed = async (run: Run, error: unknown, failures: number): Promise<void> => {
  const { gate, store, log, resource, random } = run;
  const missing = hasCode(error, 'KIND_MISSING');
  const retryMs = backoffMs(failures, random, missing ? MISSING_BACKOFF : {});
  if (missing || !gate.isOpen()) gate.fail(error instanceof Error ? error : new CanaryError('BUG', String(error)));
  if (missing) {
    run.onRestart?.('missing');
    run.onNotices(store.clear());
    log.debug('resource is not served', { resource, retryMs: Math.round(retryMs) });
  } else note(run, 'list failed', error, retryMs);
  await wait(run, retryMs);
};

const loop = async (run: Run): Promise<void> => {
  let failures = 0;
  while (!run.signal.aborted) {
    try {
      const version = await fill(run);
      failures = 0;
      await follow(run, version);
    } catch (error) {
      if (run.signal.aborted) return;
      failures += 1;
      await failed(run, error, failures);
    }
  }
};

/** Keeps `store` equal to what the API server has: one list, then one watch after another, until it is stopped. */
export const startReflector = (options: ReflectorOptions): Reflector => {
  const stopping = new AbortController();
  const gate = createGate();
  void loop({ ...options, signal: stopping.signal, gate, resource: resourceOf(options.kind) });
  return {
    ready: (signal) => gate.pass(signal),
    isFilled: () => gate.isOpen() || hasCode(gate.failure(), 'KIND_MISSING'),
    stop() {
      const closed = new CanaryError('INTERRUPTED', 'the cache was closed');
      stopping.abort(closed);
      gate.fail(closed);
    },
  };
};
