import type { KubeObject } from '../../shared/api/kube.ts';
import type { Kube, ObjectList, WatchEvent, WatchOptions } from '../../shared/engine/ports.ts';
import { CanaryError, type ErrorCode } from '../../shared/errors.ts';
import { onAbort } from '../../shared/platform/abort.ts';

/** One watch that the code under test has opened. */
export interface OpenWatch {
  readonly options: WatchOptions;
  readonly from: string;
  /** False once it has ended or was given up. */
  isOpen(): boolean;
  send(...events: WatchEvent[]): void;
  end(): void;
  fail(error: Error): void;
}

export interface ScriptedKube extends Kube {
  /** What the next lists answer, in turn; the last one again and again. */
  lists: (ObjectList | Error)[];
  /** What a get answers; absent: API_NOT_FOUND. */
  objects: Map<string, KubeObject>;
  readonly watches: OpenWatch[];
  /** The watch opened last. */
  last(): OpenWatch;
  counts: { list: number; get: number; watch: number };
}

export const failure = (code: ErrorCode, message: string = code): CanaryError => new CanaryError(code, message);

export const anObject = (
  name: string,
  version: number | string,
  more: Partial<KubeObject['metadata']> = {},
): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'test', uid: `uid-${name}`, resourceVersion: String(version), ...more },
});

export const listOf = (resourceVersion: number | string, ...items: KubeObject[]): ObjectList => ({
  items,
  resourceVersion: String(resourceVersion),
});

export const added = (object: KubeObject): WatchEvent => ({ type: 'ADDED', object });
export const modified = (object: KubeObject): WatchEvent => ({ type: 'MODIFIED', object });
export const deleted = (object: KubeObject): WatchEvent => ({ type: 'DELETED', object });
export const bookmark = (version: number): WatchEvent => ({ type: 'BOOKMARK', resourceVersion: String(version) });

const createWatch = (options: WatchOptions): OpenWatch & AsyncIterable<WatchEvent> => {
  const queue: WatchEvent[] = [];
  let wake = (): void => {};
  let ending: { error?: Error } | undefined;
  let open = true;
  const finish = (how: { error?: Error }): void => {
    ending ??= how;
    wake();
  };
  const forget = onAbort(options.signal, () => finish({ error: options.signal?.reason as Error }));
  const read = async function* (): AsyncGenerator<WatchEvent> {
    try {
      for (;;) {
        const event = queue.shift();
        if (event !== undefined) yield event;
        else if (ending?.error !== undefined) throw ending.error;
        else if (ending !== undefined) return;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      open = false;
      forget();
    }
  };
  return {
    options,
    from: options.resourceVersion,
    isOpen: () => open,
    send(...events) {
      queue.push(...events);
      wake();
    },
    end: () => finish({}),
    fail: (error) => finish({ error }),
    [Symbol.asyncIterator]: () => read(),
  };
};

/** A Kube whose answers a test writes: lists in turn, watches fed by hand. */
export const createScriptedKube = (...lists: (ObjectList | Error)[]): ScriptedKube => {
  const watches: (OpenWatch & AsyncIterable<WatchEvent>)[] = [];
  const counts = { list: 0, get: 0, watch: 0 };
  const objects = new Map<string, KubeObject>();
  const unexpected = (): never => {
    throw new Error('the script has no such call');
  };
  return {
    lists,
    objects,
    watches,
    counts,
    last() {
      const watch = watches.at(-1);
      if (watch === undefined) throw new Error('no watch was opened');
      return watch;
    },
    get(ref) {
      counts.get += 1;
      const object = objects.get(ref.name);
      return object === undefined ? Promise.reject(failure('API_NOT_FOUND')) : Promise.resolve(object);
    },
    list() {
      counts.list += 1;
      const answer = this.lists.length > 1 ? this.lists.shift() : this.lists[0];
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer ?? listOf(1));
    },
    watch(_kind, options) {
      counts.watch += 1;
      const watch = createWatch(options);
      watches.push(watch);
      return watch;
    },
    create: unexpected,
    replace: unexpected,
    patch: unexpected,
    remove: unexpected,
    raw: unexpected,
  };
};
