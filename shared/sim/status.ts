/** The Status objects with which the API server refuses, worded as the real one words them. */
import type { Fields } from './json.ts';

export interface StatusCause {
  reason?: string;
  message: string;
  field?: string;
}

export interface StatusBody {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: Fields;
  status: 'Failure' | 'Success';
  message?: string;
  reason?: string;
  details?: {
    name?: string;
    group?: string;
    kind?: string;
    uid?: string;
    causes?: StatusCause[];
    retryAfterSeconds?: number;
  };
  code?: number;
}

/** A refusal inside the simulated server; `http.ts` sends its body, `kube.ts` turns it into a CanaryError. */
export class StatusError extends Error {
  readonly body: StatusBody;
  /** Sent as Warning headers beside the refusal. */
  readonly warnings: readonly string[];

  constructor(body: StatusBody, warnings: readonly string[] = []) {
    super(body.message ?? body.reason ?? 'failure');
    this.name = 'StatusError';
    this.body = body;
    this.warnings = warnings;
  }
}

/** Group and plural of a resource, for messages such as `canaries.flagger.app "x" not found`. */
export interface Resource {
  group: string;
  plural: string;
  kind: string;
}

const qualified = (resource: Resource): string =>
  resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;

const detailsOf = (resource: Resource, name: string): NonNullable<StatusBody['details']> => ({
  ...(name === '' ? {} : { name }),
  ...(resource.group === '' ? {} : { group: resource.group }),
  kind: resource.plural,
});

/** Any failure: HTTP code, reason and message, with details where there are some. */
export const failure = (code: number, reason: string, message: string, details?: StatusBody['details']): StatusError =>
  new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    ...(reason === '' ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    code,
  });

export const notFound = (resource: Resource, name: string): StatusError =>
  failure(404, 'NotFound', `${qualified(resource)} "${name}" not found`, detailsOf(resource, name));

export const alreadyExists = (resource: Resource, name: string): StatusError =>
  failure(409, 'AlreadyExists', `${qualified(resource)} "${name}" already exists`, detailsOf(resource, name));

const stale = 'the object has been modified; please apply your changes to the latest version and try again';

export const conflict = (resource: Resource, name: string, why: string = stale): StatusError =>
  failure(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`,
    detailsOf(resource, name),
  );

/** 422 with one cause per offending field; the message lists them all as the real server does. */
export const invalid = (resource: Resource, name: string, causes: readonly StatusCause[]): StatusError => {
  const lines = causes.map((cause) => (cause.field === undefined ? cause.message : `${cause.field}: ${cause.message}`));
  const list = lines.length === 1 ? (lines[0] ?? '') : `[${lines.join(', ')}]`;
  const what = resource.group === '' ? resource.kind : `${resource.kind}.${resource.group}`;
  return failure(422, 'Invalid', `${what} "${name}" is invalid: ${list}`, {
    ...(name === '' ? {} : { name }),
    ...(resource.group === '' ? {} : { group: resource.group }),
    kind: resource.kind,
    causes: [...causes],
  });
};

export const badRequest = (message: string): StatusError => failure(400, 'BadRequest', message);

export const forbidden = (resource: Resource, name: string, why: string): StatusError =>
  failure(403, 'Forbidden', `${qualified(resource)} "${name}" is forbidden: ${why}`, detailsOf(resource, name));

export const unsupportedMediaType = (message: string): StatusError => failure(415, 'UnsupportedMediaType', message);

export const methodNotAllowed = (): StatusError =>
  failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});

export const expired = (wanted: number, oldest: number): StatusError =>
  failure(410, 'Expired', `too old resource version: ${wanted} (${oldest})`);

export const internalError = (message: string): StatusError =>
  failure(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });

/** The answer to a DELETE that took the object away. */
export const deleted = (resource: Resource, name: string, uid: string): StatusBody => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Success',
  details: { ...detailsOf(resource, name), ...(uid === '' ? {} : { uid }) },
});
