/** What a controller asked of an API server, read from the server's own record. */
import { existsSync, readFileSync } from 'node:fs';

export interface SeenRequest {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`. */
  readonly verb: string;
  readonly resource: string;
  /** Empty: the whole cluster. */
  readonly namespace: string;
}

/** The bench's own client calls itself by this version; its requests do not count. */
export const BENCH_VERSION = 'bench';

const isControllers = (userAgent: unknown): boolean =>
  typeof userAgent === 'string' &&
  userAgent.startsWith('kubectl-canary/') &&
  !userAgent.startsWith(`kubectl-canary/${BENCH_VERSION} `);

const VERBS: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

interface SimLine {
  readonly at: number;
  readonly method: string;
  readonly url: string;
  readonly userAgent?: string;
}

const fromSim = ({ at, method, url, userAgent }: SimLine): SeenRequest | undefined => {
  if (!isControllers(userAgent)) return undefined;
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  const words = pathname.split('/').slice(pathname.startsWith('/apis/') ? 4 : 3);
  const [namespace = '', resource = '', name] =
    words[0] === 'namespaces' && words.length > 2 ? words.slice(1) : ['', ...words];
  const read = searchParams.has('watch') ? 'watch' : name === undefined ? 'list' : 'get';
  return { at, verb: VERBS[method] ?? read, resource, namespace };
};

interface AuditLine {
  readonly requestReceivedTimestamp: string;
  readonly stage: string;
  readonly verb: string;
  readonly userAgent?: string;
  readonly objectRef?: { readonly resource?: string; readonly namespace?: string };
}

/** A watch is told at its start and at its end: one request. */
const fromAudit = (line: AuditLine): SeenRequest | undefined => {
  if (!isControllers(line.userAgent)) return undefined;
  if (line.verb === 'watch' && line.stage === 'ResponseComplete') return undefined;
  const { resource = '', namespace = '' } = line.objectRef ?? {};
  return { at: Date.parse(line.requestReceivedTimestamp), verb: line.verb, resource, namespace };
};

const linesOf = (file: string): unknown[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as unknown)
    : [];

/** Every request of the controller so far, from a simulated server's record. */
export const readSimRecord = (file: string): SeenRequest[] =>
  linesOf(file).flatMap((line) => fromSim(line as SimLine) ?? []);

/** Every request of the controller so far, from a real API server's audit log. */
export const readAuditLog = (file: string): SeenRequest[] =>
  linesOf(file).flatMap((line) => fromAudit(line as AuditLine) ?? []);

/** `12 create events, 3 update canaries`, the most frequent first. */
export const describeRequests = (requests: readonly SeenRequest[]): string => {
  const counts = new Map<string, number>();
  for (const { verb, resource } of requests)
    counts.set(`${verb} ${resource}`, (counts.get(`${verb} ${resource}`) ?? 0) + 1);
  return [...counts]
    .toSorted((a, b) => b[1] - a[1])
    .map(([what, count]) => `${count} ${what}`)
    .join(', ');
};
