/** Requests as data: paths to verbs. */
import type { Context } from './context.ts';
import type { UserInfo } from './kinds.ts';
import type { Rest } from './rest.ts';
import { failure } from './status.ts';

export interface ApiRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly user: UserInfo;
}

export interface ApiResponse {
  readonly status: number;
  readonly body: unknown;
  readonly warnings?: readonly string[];
}

/** The answer to one request; failures become Status objects. */
export const handleRequest = async (_context: Context, _rest: Rest, request: ApiRequest): Promise<ApiResponse> => ({
  status: 404,
  body: failure(404, 'NotFound', `the server could not find ${request.path}`).body,
});
