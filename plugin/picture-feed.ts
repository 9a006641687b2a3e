/** Keeps the objects around one Canary fresh for a live view, without asking more often than it shows. */
import type { Canary } from '../shared/api/canary.ts';
import type { Connection, Io } from './io.ts';
import { readPicture } from './picture.ts';
import type { Picture } from './view/picture.ts';

const EVERY_MS = 2000;

const NOTHING = { object: undefined, pods: [] } as const;

/** The Canary with nothing around it. */
const bare = (canary: Canary): Picture => ({
  canary,
  target: NOTHING,
  primary: NOTHING,
  scaler: undefined,
  primaryScaler: undefined,
  services: { apex: undefined, primary: undefined, canary: undefined },
  events: [],
});

export interface FeedOptions {
  readonly io: Io;
  readonly connection: Connection;
  readonly signal: AbortSignal;
  /** Called after each reading. */
  readonly onFresh: () => void;
}

export class PictureFeed {
  readonly #options: FeedOptions;
  #picture: Picture | undefined;
  #readAt = Number.NEGATIVE_INFINITY;
  #isReading = false;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /** True once there is something around this Canary. */
  has(canary: Canary): boolean {
    return this.#picture?.canary.metadata.uid === canary.metadata.uid;
  }

  /** The Canary as it is given, with what was last seen around it. */
  of(canary: Canary): Picture {
    return this.has(canary) ? { ...(this.#picture as Picture), canary } : bare(canary);
  }

  /** Reads again when the last reading is old; `changed`: in any case. */
  refresh(canary: Canary, changed: boolean): void {
    const { io, connection, signal, onFresh } = this.#options;
    if (this.#isReading || signal.aborted) return;
    if (!changed && io.clock.monotonic() - this.#readAt < EVERY_MS) return;
    this.#isReading = true;
    this.#readAt = io.clock.monotonic();
    void readPicture(canary, connection, { pods: true, events: true, signal })
      .then((picture) => {
        this.#picture = picture;
        onFresh();
      })
      .catch(() => undefined)
      .finally(() => {
        this.#isReading = false;
      });
  }
}
