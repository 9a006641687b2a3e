import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock, Log } from '../../shared/engine/ports.ts';
import { messageOf } from '../../shared/errors.ts';
import { isDeeperThan, readBody } from './body.ts';
import type { Outcome, WebhookMetrics } from './metrics.ts';
import { isDenied, writeReview } from './response.ts';
import { type AdmissionRequest, type Answer, readReview } from './review.ts';

/** Judges one request; never does anything but read. */
export type Handler = (request: AdmissionRequest) => Answer | Promise<Answer>;

export interface RouteOptions {
  /** Path (`/validate`) to what answers there. */
  readonly handlers: Readonly<Record<string, Handler>>;
  readonly metrics: WebhookMetrics;
  readonly log: Log;
  readonly clock: Clock;
  /** True when this answer must be the last one on its connection. */
  readonly isLast: (request: IncomingMessage) => boolean;
}

/** Two objects of 3 MiB, as large as an API server takes them, and what surrounds them. */
export const BODY_LIMIT = 7 * 1024 * 1024;
const DEPTH_LIMIT = 100;
export const IN_FLIGHT_LIMIT = 64;
const DEFAULT_BUDGET_MS = 2_000;

const empty = (response: ServerResponse, status: number, headers: Record<string, string> = {}): void => {
  response.writeHead(status, { 'content-length': '0', ...headers });
  response.end();
};

/** `/validate?timeout=3s` -> its path and how long the caller waits, at most our own two seconds. */
const splitUrl = (url: string): { path: string; budgetMs: number } => {
  const mark = url.indexOf('?');
  if (mark < 0) return { path: url, budgetMs: DEFAULT_BUDGET_MS };
  const seconds = /[?&]timeout=(\d{1,3})s(?:&|$)/.exec(url.slice(mark))?.[1];
  const budgetMs = seconds === undefined ? DEFAULT_BUDGET_MS : Math.min(DEFAULT_BUDGET_MS, Number(seconds) * 900);
  return { path: url.slice(0, mark), budgetMs };
};

const parse = (bytes: Buffer, budgetMs: number): AdmissionRequest | undefined => {
  if (isDeeperThan(bytes, DEPTH_LIMIT)) return undefined;
  try {
    return readReview(JSON.parse(bytes.toString('utf8')), budgetMs);
  } catch {
    return undefined;
  }
};

/** A fault of ours never stops anybody's write: the object passes, and the answer says that it was not checked. */
const unchecked = (): Answer => ({
  findings: [
    {
      id: 'GEN-002',
      severity: 'warn',
      path: '',
      message: 'could not check this object (internal error); the object was accepted unchecked.',
      reason: 'FieldValueInvalid',
    },
  ],
});

const outcomeOf = (answer: Answer): Outcome => {
  if (isDenied(answer)) return 'denied';
  if ((answer.patch?.length ?? 0) > 0) return 'mutated';
  return answer.findings.length > 0 || (answer.notes?.length ?? 0) > 0 ? 'warned' : 'allowed';
};

/** One of the paths, as one request asked for it. */
interface Hook {
  readonly hook: string;
  readonly handler: Handler;
  readonly budgetMs: number;
}

class Route {
  readonly #options: RouteOptions;
  #inFlight = 0;

  constructor(options: RouteOptions) {
    this.#options = options;
  }

  readonly take = (request: IncomingMessage, response: ServerResponse): boolean => {
    const { handlers, metrics } = this.#options;
    const { path, budgetMs } = splitUrl(request.url ?? '/');
    const handler = Object.hasOwn(handlers, path) ? handlers[path] : undefined;
    if (handler === undefined) return false;
    const refusal = refusalOf(request, this.#inFlight);
    if (refusal === undefined) {
      void this.#answer({ hook: path.slice(1), handler, budgetMs }, request, response);
      return true;
    }
    if (refusal.status === 503) metrics.shed();
    request.resume();
    empty(response, refusal.status, refusal.headers);
    return true;
  };

  async #answer(hook: Hook, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { metrics, log } = this.#options;
    this.#inFlight++;
    metrics.inFlight(1);
    try {
      await this.#review(hook, request, response);
    } catch (error) {
      log.error('a review could not be answered', { reason: messageOf(error) });
      if (response.headersSent) response.destroy();
      else empty(response, 500);
    } finally {
      this.#inFlight--;
      metrics.inFlight(-1);
    }
  }

  async #review(hook: Hook, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const started = this.#options.clock.monotonic();
    const body = await readBody(request, BODY_LIMIT);
    if (!body.ok) {
      if (body.why === 'too large') empty(response, 413, { connection: 'close' });
      return;
    }
    const parsed = parse(body.bytes, hook.budgetMs);
    if (parsed === undefined) return empty(response, 400);
    const text = await this.#judge(hook, parsed, started);
    if (this.#options.isLast(request)) response.setHeader('connection', 'close');
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
    response.end(text);
  }

  async #judge({ hook, handler }: Hook, request: AdmissionRequest, started: number): Promise<string> {
    const { metrics, log, clock } = this.#options;
    let answer: Answer;
    let failed = false;
    try {
      const given = handler(request);
      answer = given instanceof Promise ? await given : given;
    } catch (error) {
      failed = true;
      answer = unchecked();
      metrics.failed();
      log.error('a review could not be judged', {
        hook,
        kind: request.kind,
        uid: request.uid,
        reason: messageOf(error),
      });
    }
    const text = writeReview(request, answer);
    metrics.found(answer.findings);
    const seconds = (clock.monotonic() - started) / 1000;
    metrics.answered(hook, request, { outcome: failed ? 'error' : outcomeOf(answer), seconds });
    logAnswer(log, hook, request, answer);
    return text;
  }
}

/**
 * The admission route, by itself: no middleware stands between the socket and the rules. Answers true when the
 * request was for one of its paths. What it refuses on HTTP level has an empty body, because the API server would
 * show that body to a user.
 */
export const createRoute = (options: RouteOptions): ((request: IncomingMessage, response: ServerResponse) => boolean) =>
  new Route(options).take;

const refusalOf = (
  request: IncomingMessage,
  inFlight: number,
): { status: number; headers: Record<string, string> } | undefined => {
  if (request.method !== 'POST') return { status: 405, headers: { allow: 'POST' } };
  if (!/^application\/json(?:$|[ ;])/i.test(request.headers['content-type'] ?? '')) return { status: 415, headers: {} };
  // An API server asks again after a second, until its own deadline: a polite way to shed load.
  if (inFlight >= IN_FLIGHT_LIMIT) return { status: 503, headers: { 'retry-after': '1' } };
  return undefined;
};

const deniedBy = (answer: Answer): string[] => [
  ...new Set(answer.findings.filter((finding) => finding.severity === 'deny').map((finding) => finding.id)),
];

/** Ids and names only: never an object, a query or an address. */
const logAnswer = (log: Log, hook: string, request: AdmissionRequest, answer: Answer): void => {
  const denied = isDenied(answer);
  if (!denied && (answer.patch?.length ?? 0) === 0) return;
  log.info(denied ? 'denied' : 'mutated', {
    hook,
    kind: request.kind,
    namespace: request.namespace,
    name: request.name,
    operation: request.operation,
    uid: request.uid,
    user: request.user,
    dryRun: request.dryRun,
    ids: denied ? deniedBy(answer).join(',') : Object.keys(answer.audit ?? {}).join(','),
  });
};
