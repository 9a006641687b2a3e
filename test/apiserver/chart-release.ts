/** The chart by real helm: rendered as data, and what its programs did under the rights that it gives. */
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../../shared/api/kube.ts';
import { requestsOf } from './audit-log.ts';
import type { ClusterHandle, CommandResult } from './control-plane/handle.ts';

export const CHART = fileURLToPath(new URL('../../charts/kubectl-canary', import.meta.url));

/** A Deployment, as far as the tests look into it. */
export interface Workload extends KubeObject {
  readonly spec: {
    readonly replicas: number;
    readonly template: { readonly spec: { readonly containers: Container[] } };
  };
}

export interface Container {
  readonly command?: string[];
  readonly args: string[];
  readonly env: { name: string; value?: string }[];
  readonly [field: string]: unknown;
}

/** A rule of a role. */
export interface Rule {
  readonly apiGroups: string[];
  readonly resources: string[];
  readonly resourceNames?: string[];
  readonly verbs: string[];
}

/** Runs `helm template` with these values over the defaults. */
export const renderChart = (
  cluster: ClusterHandle,
  values: object = {},
  more: readonly string[] = [],
): Promise<CommandResult> =>
  cluster.helm(['template', 'kubectl-canary', CHART, '--namespace', 'canary-system', '--values', '-', ...more], {
    input: JSON.stringify(values),
  });

const rendered = new Map<string, Promise<KubeObject[]>>();

/**
 * The objects that the chart makes of these values, rendered once; throws with helm's words when it makes none.
 * They are shared and must not be changed.
 */
export const chartObjects = (cluster: ClusterHandle, values: object = {}): Promise<readonly KubeObject[]> => {
  const key = JSON.stringify(values);
  const objects = rendered.get(key) ?? render(cluster, values);
  rendered.set(key, objects);
  return objects;
};

const render = async (cluster: ClusterHandle, values: object): Promise<KubeObject[]> => {
  const { code, stdout, stderr } = await renderChart(cluster, values);
  if (code !== 0) throw new Error(stderr);
  return parseAllDocuments(stdout).map((document) => {
    if (document.errors.length > 0) throw document.errors[0] as Error;
    return document.toJS() as KubeObject;
  });
};

/** `Kind/name`, and the namespace where it is not the release's. */
export const describeObject = ({ kind, metadata }: KubeObject): string =>
  `${kind}/${metadata.name}${[undefined, 'canary-system'].includes(metadata.namespace) ? '' : ` in ${metadata.namespace}`}`;

/** The one object of that name; throws when there is none. */
export const pick = <T extends KubeObject>(objects: readonly KubeObject[], described: string): T => {
  const found = objects.find((object) => describeObject(object) === described);
  if (found === undefined) throw new Error(`no ${described} among ${objects.map(describeObject).join(', ')}`);
  return found as T;
};

export const containerOf = (workload: Workload): Container => {
  const [container] = workload.spec.template.spec.containers;
  if (container === undefined) throw new Error(`${describeObject(workload)} has no container`);
  return container;
};

/** `verb resource.group`, once for each combination. */
export const grantsOf = (rules: readonly Rule[]): string[] => {
  const all = rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => grant(verb, resource, group)))),
  );
  return [...new Set(all)].toSorted();
};

const grant = (verb: string, resource: string, group: string): string =>
  `${verb} ${resource}${group === '' ? '' : `.${group}`}`;

export interface Conduct {
  /** Every right that was used, as `grantsOf` words them. */
  readonly used: string[];
  /** Requests that were forbidden. */
  readonly forbidden: string[];
}

/** What a ServiceAccount did so far, by the API server's own record. */
export const conductOf = (cluster: ClusterHandle, namespace: string, account: string): Conduct => {
  const events = requestsOf(cluster, [`system:serviceaccount:${namespace}:${account}`]);
  const used = events.flatMap(({ verb, objectRef }) =>
    objectRef === undefined
      ? []
      : [grant(verb, [objectRef.resource, objectRef.subresource].filter(Boolean).join('/'), objectRef.apiGroup ?? '')],
  );
  const forbidden = events.filter(({ responseStatus }) => responseStatus?.code === 403);
  return {
    used: [...new Set(used)].toSorted(),
    forbidden: forbidden.map(({ verb, requestURI }) => `${verb} ${requestURI}`),
  };
};

/** `verb resource.group[/subresource][:name] [@namespace]` */
const attributesOf = (ask: string): object => {
  const [, verb, resource, group = '', subresource = '', name = '', namespace = ''] =
    /^(\w+) ([a-z]+)(?:\.([a-z0-9.]+))?(?:\/(\w+))?(?::(\S+))?(?: @(\S+))?$/.exec(ask) ?? [];
  if (verb === undefined) throw new Error(`cannot ask for "${ask}"`);
  return { verb, resource, group, subresource, name, namespace };
};

/** Which of these a program with that kubeconfig may do, as the API server says. */
export const allowedOf = async (
  cluster: ClusterHandle,
  kubeconfig: string,
  asks: readonly string[],
): Promise<string[]> => {
  const reviews = asks.map((ask) => ({
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: attributesOf(ask) },
  }));
  const { code, stdout, stderr } = await cluster.kubectl(
    ['create', '--validate=false', '-f', '-', '-o', 'jsonpath={.status.allowed}{"\\n"}'],
    {
      input: reviews.map((review) => JSON.stringify(review)).join('\n---\n'),
      kubeconfig,
    },
  );
  const answers = stdout.trim().split('\n');
  if (code !== 0 || answers.length !== asks.length) throw new Error(stderr);
  return asks.filter((_, at) => answers[at] === 'true');
};
