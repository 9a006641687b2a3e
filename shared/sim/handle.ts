/** Requests as data: paths and methods to verbs, objects to the form that the client asked for. */
import type { KubeObject } from '../api/kube.ts';
import { viewOf } from './accept.ts';
import type { Caller, Context } from './context.ts';
import { answerMeta, type MetaAnswer } from './handle-meta.ts';
import { listAt, textAt } from './json.ts';
import type { UserInfo } from './kinds.ts';
import type { PatchRequest } from './patch.ts';
import type { Rest } from './rest.ts';
import { type Route, routeOf } from './route.ts';
import {
  badRequest,
  deleted,
  internalError,
  invalid,
  methodNotAllowed,
  notFound,
  type StatusCause,
  StatusError,
  unsupportedMediaType,
} from './status.ts';
import { partialOf, TABLE_VERSION, tableOf } from './table.ts';

export interface ApiRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Parsed. */
  readonly body?: unknown;
  readonly user: UserInfo;
}

export interface ApiResponse {
  readonly status: number;
  /** JSON, or text when `contentType` says so. */
  readonly body: unknown;
  readonly contentType?: string;
  readonly warnings?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

const PATCHES: Readonly<Record<string, PatchRequest['type']>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
  'application/apply-patch+json': 'apply',
};

const invalidOption = (kind: string, cause: StatusCause): Error =>
  invalid({ group: 'meta.k8s.io', plural: kind, kind }, '', [cause]);

const OPTIONS: Readonly<Record<string, string>> = {
  POST: 'CreateOptions',
  PUT: 'UpdateOptions',
  PATCH: 'PatchOptions',
};

const isDryRun = ({ query, method }: ApiRequest): boolean => {
  const wanted = query.get('dryRun');
  if (wanted === null || wanted === 'All') return wanted === 'All';
  const message = `Unsupported value: ["${wanted}"]: supported values: "All"`;
  throw invalidOption(OPTIONS[method] ?? 'DeleteOptions', {
    reason: 'FieldValueNotSupported',
    message,
    field: 'dryRun',
  });
};

/** The options that a client named, as admission webhooks see them. */
const givenOptions = (query: URLSearchParams): Caller['given'] => {
  const names = ['fieldManager', 'fieldValidation'].filter((name) => query.get(name) !== null);
  return Object.fromEntries(names.map((name) => [name, query.get(name) ?? '']));
};

/** The writer behind a request: fieldManager, else the program named in User-Agent. */
const callerOf = (request: ApiRequest): Caller => {
  const { query, headers, user } = request;
  const validation = query.get('fieldValidation');
  const program = (headers['user-agent'] ?? 'unknown').split('/')[0] ?? 'unknown';
  return {
    user,
    manager: query.get('fieldManager') ?? program,
    dryRun: isDryRun(request),
    fieldValidation: validation === 'Strict' || validation === 'Ignore' ? validation : 'Warn',
    given: givenOptions(query) ?? {},
    warnings: [],
  };
};

interface Call {
  readonly context: Context;
  readonly rest: Rest;
  readonly request: ApiRequest;
  readonly route: Route;
  readonly caller: Caller;
}

const shown = ({ context, request, route }: Call, object: KubeObject): unknown => {
  const view = viewOf(request.headers['accept']);
  if (view === 'object' || object.kind === 'Scale') return object;
  if (view === 'partial') return partialOf(object);
  const include = request.query.get('includeObject') ?? 'Metadata';
  return tableOf(route.kind, [object], {
    nowMs: context.clock.now(),
    include,
    resourceVersion: object.metadata.resourceVersion ?? '',
  });
};

export const selectionOf = (route: Route, query: URLSearchParams) => ({
  namespace: route.namespace,
  labelSelector: query.get('labelSelector') ?? '',
  fieldSelector: [query.get('fieldSelector') ?? '', route.name === '' ? '' : `metadata.name=${route.name}`]
    .filter((part) => part !== '')
    .join(','),
});

interface Page {
  items: KubeObject[];
  more: { continue?: string; remainingItemCount?: number };
}

/** One page of a list; the token is how many were already given. */
const pageOf = (items: KubeObject[], query: URLSearchParams): Page => {
  const limit = Number(query.get('limit') ?? '0');
  const from = Number(Buffer.from(query.get('continue') ?? '', 'base64url').toString('utf8') || '0');
  if (!Number.isInteger(from)) throw badRequest('continue key is not valid');
  const page = limit > 0 ? items.slice(from, from + limit) : items.slice(from);
  const left = items.length - from - page.length;
  if (left <= 0) return { items: page, more: {} };
  return {
    items: page,
    more: { continue: Buffer.from(String(from + page.length)).toString('base64url'), remainingItemCount: left },
  };
};

/** Lists of built-in kinds do not repeat apiVersion and kind in each item. */
const listItem = (native: boolean, object: KubeObject): unknown => {
  if (!native) return object;
  const { apiVersion: _version, kind: _kind, ...rest } = object;
  return rest;
};

const listAnswer = ({ context, rest, request, route }: Call): unknown => {
  const { query } = request;
  const { items, resourceVersion } = rest.list(route.kind, selectionOf(route, query));
  const page = pageOf(items, query);
  const view = viewOf(request.headers['accept']);
  if (view === 'table') {
    const include = query.get('includeObject') ?? 'Metadata';
    return tableOf(route.kind, page.items, { nowMs: context.clock.now(), include, resourceVersion, more: page.more });
  }
  const metadata = { resourceVersion, ...page.more };
  if (view === 'partial')
    return { kind: 'PartialObjectMetadataList', apiVersion: TABLE_VERSION, metadata, items: page.items.map(partialOf) };
  const { kind } = route;
  return {
    kind: `${kind.kind}List`,
    apiVersion: kind.apiVersion,
    metadata,
    items: page.items.map((item) => listItem(kind.native, item)),
  };
};

const deleteOptions = ({
  query,
  body,
}: ApiRequest): { propagation?: string; uid?: string; resourceVersion?: string } => {
  const propagation = textAt(body, 'propagationPolicy') || (query.get('propagationPolicy') ?? '');
  const [uid, version] = [textAt(body, 'preconditions', 'uid'), textAt(body, 'preconditions', 'resourceVersion')];
  return {
    ...(propagation === '' ? {} : { propagation }),
    ...(uid === '' ? {} : { uid }),
    ...(version === '' ? {} : { resourceVersion: version }),
  };
};

const deleteCall = async (call: Call): Promise<ApiResponse> => {
  const { rest, request, route } = call;
  const dry = listAt(request.body, 'dryRun').includes('All');
  const caller = dry ? { ...call.caller, dryRun: true } : call.caller;
  if (route.name === '') {
    const items = await rest.removeAll(route.kind, selectionOf(route, request.query), deleteOptions(request), caller);
    return {
      status: 200,
      body: {
        kind: `${route.kind.kind}List`,
        apiVersion: route.kind.apiVersion,
        metadata: { resourceVersion: String(call.context.store.revision()) },
        items,
      },
    };
  }
  const { object, gone } = await rest.remove(route, deleteOptions(request), caller);
  return {
    status: 200,
    body:
      gone && route.kind.deleteAnswersObject !== true
        ? deleted(route.kind.resource, route.name, object.metadata.uid ?? '')
        : object,
  };
};

const patchCall = async (call: Call): Promise<ApiResponse> => {
  const { rest, request, route, caller } = call;
  const type = PATCHES[(request.headers['content-type'] ?? '').split(';')[0]?.trim() ?? ''];
  const accepted = '415: Unsupported Media Type';
  if (type === undefined) throw unsupportedMediaType(accepted);
  if (type === 'apply' && request.query.get('fieldManager') === null) {
    throw invalidOption('PatchOptions', {
      reason: 'FieldValueRequired',
      message: 'Required value: is required for apply patch',
      field: 'fieldManager',
    });
  }
  const force = request.query.get('force') === 'true';
  const { object, created } = await rest.patch(route, { type, body: request.body, force }, caller);
  return { status: created ? 201 : 200, body: shown(call, object) };
};

const resourceCall = async (call: Call): Promise<ApiResponse> => {
  const { rest, request, route, caller } = call;
  switch (request.method) {
    case 'GET':
      if (route.kind.answer !== undefined) throw methodNotAllowed();
      return { status: 200, body: route.name === '' ? listAnswer(call) : shown(call, rest.get(route)) };
    case 'POST':
      if (route.name !== '') throw methodNotAllowed();
      return { status: 201, body: shown(call, await rest.create(route, request.body, caller)) };
    case 'PUT':
      if (route.name === '') throw methodNotAllowed();
      return { status: 200, body: shown(call, await rest.replace(route, request.body, caller)) };
    case 'PATCH':
      if (route.name === '') throw methodNotAllowed();
      return patchCall(call);
    case 'DELETE':
      return deleteCall(call);
    default:
      throw methodNotAllowed();
  }
};

const pageNotFound: ApiResponse = {
  status: 404,
  body: '404 page not found\n',
  contentType: 'text/plain; charset=utf-8',
};

/** The answer to one request, watches excepted; failures become Status objects. */
export const handleRequest = async (context: Context, rest: Rest, request: ApiRequest): Promise<ApiResponse> => {
  let caller: Caller | undefined;
  try {
    const meta: MetaAnswer | undefined = answerMeta(
      context.registry,
      request.method,
      request.path,
      request.headers['accept'],
    );
    if (meta !== undefined) return { status: 200, ...meta };
    const route = routeOf(context.registry, request.path);
    if (route === undefined) return pageNotFound;
    caller = callerOf(request);
    if (route.kind.namespaced && route.namespace === '' && request.method !== 'GET')
      throw notFound(route.kind.resource, route.name);
    const answer = await resourceCall({ context, rest, request, route, caller });
    return { ...answer, warnings: caller.warnings };
  } catch (error) {
    if (!(error instanceof StatusError))
      return { status: 500, body: internalError(error instanceof Error ? error.message : String(error)).body };
    return {
      status: error.body.code ?? 500,
      body: error.body,
      warnings: [...(caller?.warnings ?? []), ...error.warnings],
    };
  }
};
