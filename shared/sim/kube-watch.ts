/** Watches of the in-memory Kube port: pushed changes as a stream that a consumer pulls. */
import type { KubeObject } from '../api/kube.ts';
import type { Clock, WatchEvent, WatchOptions } from '../engine/ports.ts';
import { clone } from './json.ts';
import type { ServedKind } from './kinds.ts';
import type { Rest } from './rest.ts';
import type { Store } from './store.ts';
import { partialOf } from './table.ts';

/** What a watch needs of the server. */
export interface WatchSource {
  readonly clock: Clock;
  readonly store: Store;
  readonly rest: Rest;
  onCut(listener: () => void): () => void;
}

/** Events wait here until they are asked for. */
class Mailbox {
  readonly #events: WatchEvent[] = [];
  #wake: (() => void) | undefined;
  #isClosed = false;

  readonly put = (event: WatchEvent): void => {
    this.#events.push(event);
    this.#wake?.();
  };

  readonly close = (): void => {
    this.#isClosed = true;
    this.#wake?.();
  };

  /** The next event; undefined when closed and empty. */
  async take(): Promise<WatchEvent | undefined> {
    while (this.#events.length === 0 && !this.#isClosed) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#events.shift();
  }
}

/**
 * The stream of one watch. It ends with the signal, when its time on the server's clock is over, or when the server
 * cuts it; a bookmark tells the version up to which it went. Throws a StatusError for a version that is too old.
 */
export async function* streamOf(
  source: WatchSource,
  kind: ServedKind,
  options: WatchOptions,
): AsyncGenerator<WatchEvent> {
  const mailbox = new Mailbox();
  const shape = (object: KubeObject): KubeObject => clone(options.metadataOnly === true ? partialOf(object) : object);
  const bookmark = (): void => mailbox.put({ type: 'BOOKMARK', resourceVersion: String(source.store.revision()) });
  const isInitial = options.resourceVersion === '' || options.resourceVersion === '0';
  const stop = source.rest.watch(kind, {
    ...options,
    sink: ({ type, object }) => mailbox.put({ type, object: shape(object) }),
    ...(isInitial ? { onSynced: bookmark } : {}),
  });
  const limit = source.clock.after(options.timeoutSeconds * 1000, () => {
    bookmark();
    mailbox.close();
  });
  const uncut = source.onCut(mailbox.close);
  options.signal?.addEventListener('abort', mailbox.close, { once: true });
  if (options.signal?.aborted === true) mailbox.close();
  try {
    for (let event = await mailbox.take(); event !== undefined; event = await mailbox.take()) yield event;
  } finally {
    stop();
    uncut();
    limit.cancel();
    options.signal?.removeEventListener('abort', mailbox.close);
  }
}
