/** What the tests of an API server share: a namespace of their own, paths, objects. */
import { randomBytes } from 'node:crypto';
import type { Answer, Client } from './client.ts';

export const MERGE = 'application/merge-patch+json';
export const JSON_PATCH = 'application/json-patch+json';
export const STRATEGIC = 'application/strategic-merge-patch+json';
export const APPLY = 'application/apply-patch+yaml';

export interface Bench {
  readonly client: Client;
  readonly namespace: string;
  /** Path of a resource in the namespace: `at('apps/v1', 'deployments', 'podinfo')`. */
  at(apiVersion: string, plural: string, name?: string): string;
}

const rootOf = (apiVersion: string): string =>
  apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;

/** Creates a namespace with a name that nobody has. */
export const openBench = async (client: Client): Promise<Bench> => {
  const namespace = `suite-${randomBytes(4).toString('hex')}`;
  const made = await client.ask('POST', '/api/v1/namespaces', { body: { metadata: { name: namespace } } });
  if (made.status !== 201) throw new Error(`no namespace: ${JSON.stringify(made.body)}`);
  return {
    client,
    namespace,
    at: (apiVersion, plural, name) =>
      `${rootOf(apiVersion)}/namespaces/${namespace}/${plural}${name === undefined ? '' : `/${name}`}`,
  };
};

export const deployment = (name: string, more: object = {}, container: object = {}): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        containers: [{ name: 'main', image: 'example.org/app:1', ports: [{ containerPort: 80 }], ...container }],
      },
    },
    ...more,
  },
});

/** Status, reason and message of a refusal, and nothing else, so that a failed comparison says it all. */
export const refusal = ({ status, body }: Answer): { status: number; reason: unknown; message: unknown } => ({
  status,
  reason: body?.reason,
  message: body?.message,
});

/** The refusal of one invalid field or several. */
export const invalid = (what: string, ...findings: readonly string[]): ReturnType<typeof refusal> => ({
  status: 422,
  reason: 'Invalid',
  message: `${what} is invalid: ${findings.length === 1 ? findings[0] : `[${findings.join(', ')}]`}`,
});

const ADDED_BY_SERVER = ['uid', 'resourceVersion', 'creationTimestamp', 'managedFields', 'generation', 'namespace'];

/** Spec and metadata without what differs from server to server. */
export const shapeOf = ({ body }: Answer): object => {
  const metadata = Object.fromEntries(
    Object.entries(body.metadata as object).filter(([key]) => !ADDED_BY_SERVER.includes(key)),
  );
  return { ...body, metadata };
};

/** What each manager owns, as `manager operation[ subresource]` to sorted paths such as `spec.containers[name=main].image`. */
export const ownersOf = ({ body }: Answer): Record<string, string[]> => {
  const owners: Record<string, string[]> = {};
  for (const entry of body.metadata.managedFields ?? []) {
    // Controllers of the cluster may write status at any time.
    if (entry.manager === 'kube-controller-manager') continue;
    const paths: string[] = [];
    walk(entry.fieldsV1, '', paths);
    const sub = entry.subresource === undefined ? '' : ` ${entry.subresource}`;
    owners[`${entry.manager} ${entry.operation}${sub}`] = paths.sort();
  }
  return owners;
};

const walk = (node: Record<string, object>, path: string, into: string[]): void => {
  const keys = Object.keys(node).filter((key) => key !== '.');
  // Maps count by their content only: whether the empty map itself is owned is of no consequence.
  if (keys.length === 0) into.push(path);
  for (const key of keys) walk(node[key] as Record<string, object>, extend(path, key), into);
};

const extend = (path: string, key: string): string => {
  if (key.startsWith('f:')) return path === '' ? key.slice(2) : `${path}.${key.slice(2)}`;
  if (key.startsWith('v:')) return `${path}[=${JSON.parse(key.slice(2))}]`;
  const id = Object.entries(JSON.parse(key.slice(2)) as object).map(([name, value]) => `${name}=${value}`);
  return `${path}[${id.join(',')}]`;
};
