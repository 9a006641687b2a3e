import { redact } from './redact.ts';

/** What went wrong with one attempt, in one line, and whether another attempt makes sense. */
export interface AttemptError {
  readonly text: string;
  readonly retriable: boolean;
}

const TLS_CODE =
  /^(ERR_TLS_|ERR_SSL_|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH)/;

const MEANINGS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  UND_ERR_SOCKET: 'connection closed before the answer was complete',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'name lookup failed',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
  ETIMEDOUT: 'connection timed out',
  UND_ERR_CONNECT_TIMEOUT: 'connection timed out',
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_SIGNATURE_FAILURE: 'the certificate is signed by an unknown authority',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate is signed by an unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate is signed by an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT: 'the certificate is signed by an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the certificate is signed by an unknown authority',
};

interface Failure {
  code?: unknown;
  message?: unknown;
  cause?: unknown;
  errors?: unknown;
  host?: unknown;
  hostname?: unknown;
  address?: unknown;
  port?: number | string;
}

/** The error that names the reason: a client wraps it, and a lookup with several addresses lists one for each. */
const innermost = (error: Failure): Failure => {
  const first = Array.isArray(error.errors) ? (error.errors[0] as Failure | undefined) : undefined;
  const inner = first ?? (error.cause instanceof Error ? error.cause : undefined);
  return inner === undefined ? error : innermost(inner);
};

const placeOf = ({ address, port, hostname }: Failure): string => {
  if (typeof address === 'string') return port === undefined ? ` (${address})` : ` (${address}:${port})`;
  return typeof hostname === 'string' ? ` (${hostname})` : '';
};

/** The system's code of a failed exchange, such as `ECONNREFUSED`; empty when it has none. */
export const failureCodeOf = (error: unknown): string => {
  const { code } = innermost(error as Failure);
  return typeof code === 'string' ? code : '';
};

/** True when the other side's certificate was the reason. */
export const isTlsFailure = (error: unknown): boolean => TLS_CODE.test(failureCodeOf(error));

/** Reads whatever a network call threw. */
export const readFailure = (error: unknown): AttemptError => {
  const failure = innermost(error as Failure);
  const code = failureCodeOf(error);
  const meaning = MEANINGS[code];
  const own = typeof failure.message === 'string' && failure.message !== '' ? failure.message : String(error);
  const text = meaning === undefined ? own.replace(/\s+/g, ' ') : `${meaning}${placeOf(failure)}`;
  return { text: redact(text), retriable: !TLS_CODE.test(code) };
};
