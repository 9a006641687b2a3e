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

/** What differs between what was told and a fresh list. */
const differences = (known: Map<string, Canary>, list: CanaryList): Change[] => {
  const fresh = new Set(list.items.map(keyOf));
  const gone = [...known].filter(([key]) => !fresh.has(key)).map(([, canary]): Change => ({ type: 'DELETED', canary }));
  const changed = list.items
    .filter((item) => known.get(keyOf(item))?.metadata.resourceVersion !== item.metadata.resourceVersion)
    .map((canary): Change => ({ type: known.has(keyOf(canary)) ? 'MODIFIED' : 'ADDED', canary }));
  return [...gone, ...changed];
};

const remember = (known: Map<string, Canary>, { type, canary }: Change): void => {
  if (type === 'DELETED') known.delete(keyOf(canary));
  else known.set(keyOf(canary), canary);
};

type Position = { resourceVersion: string };

/** One watch, from `position` on, which moves along. */
async function* watchOnce(connection: Connection, selection: Selection, position: Position, known: Map<string, Canary>, signal: AbortSignal): AsyncGenerator<Change> {
  const { namespace, ...selectors } = selection;
  const events = connection.kube.watch(KINDS.canary, {
    ...(namespace === '' ? {} : { namespace }),
    ...selectors,
    resourceVersion: position.resourceVersion,
    timeoutSeconds: WATCH_SECONDS,
    idleTimeoutMs: IDLE_MS,
    signal,
  });
  for await (const event of events) {
    if (event.type === 'BOOKMARK') {
      position.resourceVersion = event.resourceVersion;
      continue;
    }
    const change: Change = { type: event.type, canary: event.object as Canary };
    position.resourceVersion = event.object.metadata.resourceVersion ?? position.resourceVersion;
    if (known.get(keyOf(change.canary))?.metadata.resourceVersion === change.canary.metadata.resourceVersion && event.type !== 'DELETED') continue;
    remember(known, change);
    yield change;
  }
}

/**
 * Every change after `list`, until the signal comes. A watch that ends or is cut is resumed; one that is too old is
 * listed anew. Throws API_UNREACHABLE when the server stays away for a minute.
 */
export async function* followCanaries(connection: Connection, selection: Selection, list: CanaryList, io: Io): AsyncGenerator<Change> {
  const known = new Map(list.items.map((canary) => [keyOf(canary), canary]));
  const position: Position = { resourceVersion: list.resourceVersion };
  let failures = 0;
  let firstFailure = 0;
  let stale = false;
  while (!io.signal.aborted) {
    try {
      if (stale) {
        const fresh = await listCanaries(connection, selection, io.signal);
        for (const change of differences(known, fresh)) {
          remember(known, change);
          yield change;
        }
        position.resourceVersion = fresh.resourceVersion;
        stale = false;
      }
      for await (const change of watchOnce(connection, selection, position, known, io.signal)) {
        failures = 0;
        yield change;
      }
      failures = 0;
    } catch (error) {
      if (io.signal.aborted) throw io.signal.reason;
      if (!(error instanceof CanaryError) || !error.retriable || hasCode(error, 'KIND_MISSING')) throw error;
      stale ||= hasCode(error, 'API_EXPIRED');
      if (failures === 0) firstFailure = io.clock.monotonic();
      else if (io.clock.monotonic() - firstFailure > PATIENCE_MS) throw error;
      await sleep(io.clock, RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] as number, io.signal);
      failures += 1;
    }
  }
  throw io.signal.reason;
}
