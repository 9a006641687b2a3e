import type { IncomingMessage } from 'node:http';
import type { Kind, KubeObject } from '../api/kube.ts';
import type { Clock, WatchEvent } from '../engine/ports.ts';
import { CanaryError } from '../errors.ts';
import { onAbort } from '../platform/abort.ts';
import { unreachable } from './exchange.ts';
import { errorOfStatus, type StatusLike, type Subject } from './status-error.ts';

export interface StreamOptions {
  readonly clock: Clock;
  readonly kind: Kind;
  readonly subject: Subject;
  readonly server: string;
  readonly signal: AbortSignal | undefined;
  /** Cut when no byte came for this long; 0 means never. */
  readonly idleTimeoutMs: number;
  /** Cut after this long whatever comes: the server should have ended it before. */
  readonly totalTimeoutMs: number;
  /** What to make of each object. */
  readonly shape: (object: KubeObject) => KubeObject;
}

const NEWLINE = 0x0a;

/** Complete lines of a body. A rest without a newline at the end is a line too: it may be a whole event. */
async function* linesOf(response: AsyncIterable<Buffer>, onBytes: () => void): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  for await (const chunk of response) {
    onBytes();
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      yield Buffer.concat([...parts, chunk.subarray(from, end)]).toString('utf8');
      parts = [];
      from = end + 1;
    }
    if (from < chunk.length) parts.push(chunk.subarray(from));
  }
  if (parts.length > 0) yield Buffer.concat(parts).toString('utf8');
}

interface RawEvent {
  type?: unknown;
  object?: unknown;
}

const malformed = (options: StreamOptions): CanaryError =>
  new CanaryError('API_UNREACHABLE', `the watch of ${options.subject.what} carried something that is no event`);

const isObject = (value: unknown): value is KubeObject => {
  const metadata = typeof value === 'object' && value !== null ? (value as KubeObject).metadata : undefined;
  return typeof metadata === 'object' && metadata !== null;
};

const parse = (line: string, options: StreamOptions): RawEvent => {
  try {
    const event = JSON.parse(line) as RawEvent | null;
    if (typeof event === 'object' && event !== null) return event;
  } catch {
    // told below, as for any other line that is no event
  }
  throw malformed(options);
};

const eventOf = (line: string, options: StreamOptions): WatchEvent => {
  const { type, object } = parse(line, options);
  if (type === 'ERROR') {
    const status = (object ?? {}) as StatusLike;
    throw errorOfStatus(status, { status: status.code ?? 500, body: '' }, options.subject);
  }
  if (!isObject(object)) throw malformed(options);
  if (type === 'BOOKMARK') return { type, resourceVersion: object.metadata.resourceVersion ?? '' };
  if (type !== 'ADDED' && type !== 'MODIFIED' && type !== 'DELETED') throw malformed(options);
  return { type, object: options.shape(object) };
};

/** Destroys the response when its time is over; `why` is the error then. */
const watchdog = (response: IncomingMessage, options: StreamOptions) => {
  const { clock, idleTimeoutMs, totalTimeoutMs, subject, signal } = options;
  let lastByte = clock.monotonic();
  let why: Error | undefined;
  const cut = (error: Error): void => {
    why ??= error;
    response.destroy(error);
  };
  const silent = (): CanaryError =>
    new CanaryError('API_UNREACHABLE', `the watch of ${subject.what} was silent for ${idleTimeoutMs / 1000} s`);
  const overdue = (): CanaryError =>
    new CanaryError('API_UNREACHABLE', `the watch of ${subject.what} did not end when it should have`);
  const check = (): void => {
    const left = idleTimeoutMs - (clock.monotonic() - lastByte);
    if (left <= 0) cut(silent());
    else idle = clock.after(left, check);
  };
  let idle = idleTimeoutMs > 0 ? clock.after(idleTimeoutMs, check) : undefined;
  const total = totalTimeoutMs > 0 ? clock.after(totalTimeoutMs, () => cut(overdue())) : undefined;
  const abort = (): void =>
    cut(signal?.reason instanceof Error ? signal.reason : new CanaryError('INTERRUPTED', 'interrupted'));
  const forget = onAbort(signal, abort);
  if (signal?.aborted === true) abort();
  return {
    fed: () => {
      lastByte = clock.monotonic();
    },
    why: () => why,
    rest: () => {
      idle?.cancel();
      total?.cancel();
      forget();
    },
  };
};

/**
 * The events of a watch's body. Ends when the server ends it; throws API_EXPIRED for a version that is too old,
 * API_UNREACHABLE when it was cut, silent or unreadable, and the signal's reason.
 */
export async function* readWatch(
  response: IncomingMessage,
  options: StreamOptions,
): AsyncGenerator<WatchEvent, void, void> {
  const guard = watchdog(response, options);
  try {
    for await (const line of linesOf(response as AsyncIterable<Buffer>, guard.fed)) {
      if (line.trim() !== '') yield eventOf(line, options);
    }
  } catch (error) {
    throw guard.why() ?? unreachable(error, options.server);
  } finally {
    guard.rest();
    response.destroy();
  }
}
