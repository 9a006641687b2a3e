/**
 * Every failure that a person can meet, in one table: what it is called, which exit code the plugin
 * ends with, and whether trying again can help. Codes are never reused.
 */
export const EXIT = {
  done: 0,
  /** The answer is no: the rollout failed, differences or findings were found. */
  no: 1,
  /** Wrong usage, or an unreadable or invalid input file. */
  usage: 2,
  /** API server, credentials helper or metrics server not reachable or not accepted. */
  unreachable: 3,
  /** Object, CRD, context or revision not found. */
  notFound: 4,
  /** Forbidden by RBAC or denied by admission. */
  forbidden: 5,
  /** The phase forbids it, a conflict, or another driver holds the lease. */
  refused: 6,
  /** Stopped at a gate or pause: a person is needed. */
  needsPerson: 7,
  bug: 70,
  timeout: 124,
  interrupted: 130,
  terminated: 143,
} as const;

interface ErrorKind {
  readonly exit: number;
  /** True when the same call may succeed later without anybody changing anything. */
  readonly retriable: boolean;
}

export const ERRORS = {
  USAGE: { exit: EXIT.usage, retriable: false },
  INPUT_UNREADABLE: { exit: EXIT.usage, retriable: false },
  INPUT_INVALID: { exit: EXIT.usage, retriable: false },
  FINDINGS: { exit: EXIT.no, retriable: false },
  ROLLOUT_FAILED: { exit: EXIT.no, retriable: false },
  KUBECONFIG: { exit: EXIT.unreachable, retriable: false },
  /** The named context is in no kubeconfig. */
  CONTEXT_MISSING: { exit: EXIT.notFound, retriable: false },
  CREDENTIALS: { exit: EXIT.unreachable, retriable: false },
  API_UNREACHABLE: { exit: EXIT.unreachable, retriable: true },
  API_UNAUTHORIZED: { exit: EXIT.unreachable, retriable: false },
  API_UNAVAILABLE: { exit: EXIT.unreachable, retriable: true },
  API_INVALID: { exit: EXIT.forbidden, retriable: false },
  API_FORBIDDEN: { exit: EXIT.forbidden, retriable: false },
  API_CONFLICT: { exit: EXIT.refused, retriable: true },
  API_EXISTS: { exit: EXIT.refused, retriable: true },
  API_NOT_FOUND: { exit: EXIT.notFound, retriable: false },
  /** The kind is not served by this cluster: its CRD is not installed. */
  KIND_MISSING: { exit: EXIT.notFound, retriable: true },
  API_EXPIRED: { exit: EXIT.unreachable, retriable: true },
  METRICS_UNREACHABLE: { exit: EXIT.unreachable, retriable: true },
  /** A command is written, but no controller and no terminal is alive to obey it. */
  DRIVER_MISSING: { exit: EXIT.unreachable, retriable: true },
  REFUSED: { exit: EXIT.refused, retriable: false },
  LEASE_HELD: { exit: EXIT.refused, retriable: true },
  LEASE_LOST: { exit: EXIT.refused, retriable: true },
  NEEDS_PERSON: { exit: EXIT.needsPerson, retriable: false },
  TIMEOUT: { exit: EXIT.timeout, retriable: true },
  INTERRUPTED: { exit: EXIT.interrupted, retriable: true },
  PROVIDER_UNKNOWN: { exit: EXIT.usage, retriable: false },
  SPEC_INVALID: { exit: EXIT.usage, retriable: false },
  BUG: { exit: EXIT.bug, retriable: false },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERRORS;

export interface ErrorDetails {
  /** The server's own words, shown after `because:`. */
  readonly because?: string;
  /** A command that can be pasted, shown after `try:`. */
  readonly remedy?: string;
  /** Wait this long before trying again, as the server asked (429 and 503). */
  readonly retryAfterMs?: number;
  /** HTTP status, where the failure came from an API server. */
  readonly status?: number;
  readonly cause?: unknown;
}

/** The one error type that crosses a module boundary. Its message is one line without secrets. */
export class CanaryError extends Error {
  readonly code: ErrorCode;
  readonly because: string | undefined;
  readonly remedy: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly status: number | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'CanaryError';
    this.code = code;
    this.because = details.because;
    this.remedy = details.remedy;
    this.retryAfterMs = details.retryAfterMs;
    this.status = details.status;
  }

  get exitCode(): number {
    return ERRORS[this.code].exit;
  }

  get retriable(): boolean {
    return ERRORS[this.code].retriable;
  }
}

/** True when `error` is ours and carries one of `codes`. */
export const hasCode = (error: unknown, ...codes: ErrorCode[]): error is CanaryError =>
  error instanceof CanaryError && codes.includes(error.code);

/** One line for a person, whatever was thrown. */
export const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, ' ');
