/** One call of a webhook: the review that it gets, the transport, and whether its answer is an answer. */
import { request as httpsRequest } from 'node:https';
import type { Hook } from './admission-match.ts';
import type { Review } from './context.ts';
import type { Fields } from './json.ts';
import { clone, isFields, listAt, own, textAt } from './json.ts';
import type { ServedKind } from './kinds.ts';

export interface Exchange {
  readonly url: string;
  readonly body: string;
  /** PEM of the authorities to trust; empty: the system's. */
  readonly ca: string;
  /** Name in the certificate, where it differs from the host in the URL. */
  readonly serverName: string;
  readonly timeoutMs: number;
}

/** Sends one review; rejects when there is no answer. Node's https unless a test brings its own. */
export type Transport = (exchange: Exchange) => Promise<{ status: number; body: string }>;

const DISTRUST = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]);

/** A failure of the transport in the words of the real API server. */
const explain = (error: NodeJS.ErrnoException & { address?: string; port?: number }): string => {
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'context deadline exceeded';
  if (error.code === 'ECONNREFUSED')
    return `dial tcp ${error.address ?? ''}:${error.port ?? ''}: connect: connection refused`;
  if (DISTRUST.has(error.code ?? ''))
    return 'tls: failed to verify certificate: x509: certificate signed by unknown authority';
  if (error.code === 'CERT_HAS_EXPIRED')
    return 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid';
  if (error.code === 'ECONNRESET') return 'EOF';
  return error.message;
};

const MAX_ANSWER = 3 * 1024 * 1024;

export const sendOverHttps: Transport = (exchange) =>
  new Promise((resolve, reject) => {
    const options = {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'content-length': Buffer.byteLength(exchange.body),
      },
      ...(exchange.ca === '' ? {} : { ca: exchange.ca }),
      ...(exchange.serverName === '' ? {} : { servername: exchange.serverName }),
      signal: AbortSignal.timeout(exchange.timeoutMs),
    };
    const call = httpsRequest(exchange.url, options, (response) => {
      const parts: Buffer[] = [];
      let size = 0;
      response.on('data', (part: Buffer) => {
        size += part.length;
        if (size > MAX_ANSWER) response.destroy(new Error('webhook response is too large'));
        parts.push(part);
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString('utf8') }),
      );
      response.on('error', reject);
    });
    call.on('error', (error) => reject(new Error(explain(error))));
    call.end(exchange.body);
  });

const gvk = (kind: ServedKind): Fields => ({ group: kind.group, version: kind.version, kind: kind.kind });
const gvr = (kind: ServedKind): Fields => ({ group: kind.group, version: kind.version, resource: kind.plural });

const optionsOf = (review: Review): Fields => {
  const { caller, operation } = review;
  const names = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' } as const;
  return {
    kind: names[operation],
    apiVersion: 'meta.k8s.io/v1',
    ...(caller.dryRun ? { dryRun: ['All'] } : {}),
    ...(operation === 'DELETE' ? {} : caller.given),
  };
};

/** The `request` of an AdmissionReview, with the objects in the version that the hook matched. */
export const requestOf = (review: Review, matched: ServedKind, uid: string): Fields => {
  const inMatched = (object: unknown): unknown =>
    isFields(object) ? { ...clone(object), apiVersion: matched.apiVersion } : null;
  const sub =
    review.subresource === '' ? {} : { subResource: review.subresource, requestSubResource: review.subresource };
  return {
    uid,
    kind: gvk(matched),
    resource: gvr(matched),
    requestKind: gvk(review.kind),
    requestResource: gvr(review.kind),
    ...sub,
    ...(review.name === '' ? {} : { name: review.name }),
    ...(review.namespace === '' ? {} : { namespace: review.namespace }),
    operation: review.operation,
    userInfo: clone(review.caller.user),
    object: inMatched(review.object),
    oldObject: inMatched(review.old),
    dryRun: review.caller.dryRun,
    options: optionsOf(review),
  };
};

export interface Answer {
  readonly allowed: boolean;
  readonly status: Fields | undefined;
  /** Decoded JSON patch operations. */
  readonly patch: unknown;
  readonly warnings: readonly string[];
}

const INVALID = 'received invalid webhook response: ';

const parseReview = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new Error(
      `failed to call webhook: couldn't get version/kind; json parse error: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
};

/** The `response` of an AdmissionReview; throws when it is none or answers something else. */
const responseOf = (text: string, uid: string): Fields => {
  const review = parseReview(text);
  const response = own(review, 'response');
  if (!isFields(response)) throw new Error(`${INVALID}webhook response was absent`);
  const [apiVersion, kind] = [textAt(review, 'apiVersion'), textAt(review, 'kind')];
  if (apiVersion !== 'admission.k8s.io/v1' || kind !== 'AdmissionReview') {
    const got = `${apiVersion === '' ? '/' : apiVersion}, Kind=${kind}`;
    throw new Error(`expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got ${got}`);
  }
  if (response['uid'] === uid) return response;
  throw new Error(`${INVALID}expected response.uid="${uid}", got ${JSON.stringify(response['uid'] ?? '')}`);
};

const patchIn = (response: Fields, isMutating: boolean): unknown => {
  const [patch, type] = [textAt(response, 'patch'), textAt(response, 'patchType')];
  if (patch === '' && type === '') return undefined;
  if (!isMutating) throw new Error(`${INVALID}validating webhook may not return response.patch`);
  if (patch === '') throw new Error(`${INVALID}webhook returned response.patchType but not response.patch`);
  if (type === '') throw new Error(`${INVALID}webhook returned response.patch but not response.patchType`);
  if (type !== 'JSONPatch') throw new Error(`${INVALID}webhook returned invalid response.patchType of "${type}"`);
  return JSON.parse(Buffer.from(patch, 'base64').toString('utf8')) as unknown;
};

/** Checks an answer as the API server does; throws for one that is none. */
export const readAnswer = (text: string, uid: string, isMutating: boolean): Answer => {
  const response = responseOf(text, uid);
  const status = own(response, 'status');
  return {
    allowed: response['allowed'] === true,
    status: isFields(status) ? status : undefined,
    patch: patchIn(response, isMutating),
    warnings: listAt(response, 'warnings').map(String),
  };
};

/** Where a hook listens: its URL, or its Service, which only exists where a resolver is given. */
export const addressOf = (
  hook: Hook,
  resolve: ServiceResolver | undefined,
): { url: string; shown: string; serverName: string } => {
  const client = own(hook.definition, 'clientConfig');
  const query = `?timeout=${hook.timeoutSeconds}s`;
  const url = textAt(client, 'url');
  if (url !== '') return { url: `${url}${query}`, shown: `${url}${query}`, serverName: '' };
  const [namespace, name] = [textAt(client, 'service', 'namespace'), textAt(client, 'service', 'name')];
  const port = Number(own(own(client, 'service'), 'port') ?? 443);
  const path = textAt(client, 'service', 'path') || '/';
  const shown = `https://${name}.${namespace}.svc:${port}${path}${query}`;
  const base = resolve?.({ namespace, name, port });
  if (base === undefined) throw new Error(`service "${name}" not found`);
  return { url: `${base}${path}${query}`, shown, serverName: `${name}.${namespace}.svc` };
};

/** Turns a Service that a configuration names into `https://host:port`; undefined: there is none. */
export type ServiceResolver = (service: { namespace: string; name: string; port: number }) => string | undefined;
