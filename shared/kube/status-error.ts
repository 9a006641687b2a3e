import { CanaryError, type ErrorCode } from '../errors.ts';
import { compact } from './compact.ts';

/** What a request was about, for messages. */
export interface Subject {
  /** `get`, `list`, `watch`, `create`, `update`, `patch` or `delete`. */
  readonly verb: string;
  /** `Canary test/podinfo`, or `canaries in namespace test`. */
  readonly what: string;
  /** `canaries.flagger.app`; empty for a path that is no resource. */
  readonly resource: string;
  readonly namespace: string;
}

interface Details {
  name?: string;
  kind?: string;
  retryAfterSeconds?: number;
}

export interface StatusLike {
  message?: string;
  reason?: string;
  code?: number;
  details?: Details;
}

export interface Refusal {
  readonly status: number;
  readonly body: string;
  readonly retryAfterMs?: number | undefined;
}

const DENIED = /admission webhook|ValidatingAdmissionPolicy/;

/** The Status of a body that holds one, undefined for anything else. */
export const parseStatus = (body: string): StatusLike | undefined => {
  try {
    const value = JSON.parse(body) as (StatusLike & { kind?: string }) | null;
    return typeof value === 'object' && value !== null && value.kind === 'Status' ? value : undefined;
  } catch {
    return undefined;
  }
};

/** A missing object is named in the answer; a resource that is not served at all is not. */
const codeOfNotFound = (status: StatusLike | undefined, subject: Subject): ErrorCode => {
  const named = status?.details?.name !== undefined && status.details.name !== '';
  return named || subject.resource === '' ? 'API_NOT_FOUND' : 'KIND_MISSING';
};

const codeOf = (http: number, status: StatusLike | undefined, subject: Subject): ErrorCode => {
  if (http === 401) return 'API_UNAUTHORIZED';
  if (http === 403) return 'API_FORBIDDEN';
  if (http === 404) return codeOfNotFound(status, subject);
  if (http === 409) return status?.reason === 'AlreadyExists' ? 'API_EXISTS' : 'API_CONFLICT';
  if (http === 410) return 'API_EXPIRED';
  if (http === 408 || http === 429 || http >= 500) return 'API_UNAVAILABLE';
  return 'API_INVALID';
};

const placeOf = ({ namespace }: Subject): string => (namespace === '' ? '' : ` in namespace "${namespace}"`);

/** Said about a missing namespace when something was to be made in it. */
const MISSING_NAMESPACE = /^namespaces ".*" not found$/;

type Say = (subject: Subject, said: string, http: number) => string;

const MESSAGES: Readonly<Partial<Record<ErrorCode, Say>>> = {
  API_UNAUTHORIZED: () => 'the API server does not accept these credentials',
  API_FORBIDDEN(subject, said) {
    if (DENIED.test(said)) return `the API server refused ${subject.what}`;
    const what = subject.resource === '' ? subject.what : `${subject.resource}${placeOf(subject)}`;
    return `you may not ${subject.verb} ${what}`;
  },
  API_NOT_FOUND: ({ what, namespace }, said) =>
    MISSING_NAMESPACE.test(said) && namespace !== '' ? `namespace "${namespace}" not found` : `${what} not found`,
  KIND_MISSING: ({ resource }) => `the resource type ${resource} is not installed in this cluster`,
  API_CONFLICT: ({ what }, said) =>
    said.startsWith('Apply failed')
      ? `${what} has fields that somebody else owns`
      : `${what} was changed by somebody else meanwhile`,
  API_EXISTS: ({ what }) => `${what} exists already`,
  API_EXPIRED: ({ what }) => `the version of ${what} asked for is too old`,
  API_UNAVAILABLE: ({ verb, what }, _said, http) => `the API server cannot ${verb} ${what} now (status ${http})`,
};

const messageFor = (code: ErrorCode, subject: Subject, said: string, http: number): string =>
  MESSAGES[code]?.(subject, said, http) ?? `the API server refused to ${subject.verb} ${subject.what}`;

const remedyFor = (code: ErrorCode, subject: Subject, said: string): string | undefined => {
  if (code !== 'API_FORBIDDEN' || DENIED.test(said) || subject.resource === '') return undefined;
  const namespace = subject.namespace === '' ? '' : ` -n ${subject.namespace}`;
  return `kubectl auth can-i ${subject.verb} ${subject.resource}${namespace}`;
};

const oneLine = (text: string): string =>
  text
    .trim()
    .replace(/\s*\n\s*/g, ' ')
    .slice(0, 2000);

/** The error behind an answer that is not a success: its Status when it has one, its text otherwise. */
export const errorFrom = ({ status: http, body, retryAfterMs }: Refusal, subject: Subject): CanaryError =>
  errorOfStatus(parseStatus(body), { status: http, body, retryAfterMs }, subject);

/** The same for a Status that came inside a watch. */
export const errorOfStatus = (status: StatusLike | undefined, refusal: Refusal, subject: Subject): CanaryError => {
  const said = oneLine(status?.message ?? refusal.body);
  const code = codeOf(refusal.status, status, subject);
  const seconds = status?.details?.retryAfterSeconds;
  const retryAfterMs = refusal.retryAfterMs ?? (seconds === undefined ? undefined : seconds * 1000);
  const remedy = remedyFor(code, subject, said);
  return new CanaryError(code, messageFor(code, subject, said, refusal.status), {
    status: refusal.status,
    ...compact({ because: said === '' ? undefined : said, remedy, retryAfterMs }),
  });
};
