import type { Canary } from '../../shared/api/canary.ts';
import { KINDS } from '../../shared/api/kinds.ts';
import { groupOf, type Kind, kindKey } from '../../shared/api/kube.ts';
import { ROUTERS } from '../../shared/routing/index.ts';
import type { RouteContext, Router } from '../../shared/routing/router.ts';
import { WATCHED_KINDS } from '../../webhook/admission/lookups.ts';

/** A rule of an RBAC role. */
export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** Names everything that a router could ask for, so that it names all its kinds. */
const CANARY: Canary = {
  apiVersion: KINDS.canary.apiVersion,
  kind: KINDS.canary.kind,
  metadata: { name: 'sample', namespace: 'sample' },
  spec: {
    targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'sample' },
    ingressRef: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'sample' },
    routeRef: { apiVersion: 'apisix.apache.org/v2', kind: 'ApisixRoute', name: 'sample' },
    service: { port: 80 },
    analysis: { interval: '1m', threshold: 1 },
  },
};

const CONTEXT: RouteContext = {
  canary: CANARY,
  namespace: 'sample',
  apex: 'sample',
  primary: 'sample-primary',
  canaryName: 'sample-canary',
  selectorLabel: 'app',
  owner: { apiVersion: KINDS.canary.apiVersion, kind: KINDS.canary.kind, name: 'sample', uid: 'sample' },
  settings: { ingressAnnotationsPrefix: 'nginx.ingress.kubernetes.io', ingressClass: '' },
};

/** What the engine does with a router's objects; their owner references remove them. */
const VERBS = ['get', 'list', 'watch', 'create', 'update'];
const READING = ['get', 'list', 'watch'];

/** Granted for every provider. */
const COMMON: ReadonlySet<string> = new Set([kindKey(KINDS.service)]);

const ruleFor = (kind: Kind, verbs: readonly string[]): Rule => ({
  apiGroups: [groupOf(kind.apiVersion)],
  resources: [kind.plural],
  verbs,
});

const rulesOf = (router: Router): Rule[] => {
  const kinds = new Map(router.refs(CONTEXT).map(({ kind }) => [kindKey(kind), kind]));
  const removed = new Set((router.removes ?? []).map(kindKey));
  const written = [...kinds]
    .filter(([key]) => !COMMON.has(key))
    .map(([key, kind]) => ruleFor(kind, removed.has(key) ? [...VERBS, 'delete'] : VERBS));
  return [...written, ...(router.reads ?? []).map((kind) => ruleFor(kind, READING))];
};

/** For each traffic provider the rights that it takes beyond those of every rollout. */
export const providerRules = (routers: readonly Router[] = ROUTERS): Record<string, Rule[]> => {
  const entries = routers.map((router) => [router.provider, rulesOf(router)] as const);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
};

/** Looked up by name alone when a verdict hangs on one. */
const ASKED_KINDS: readonly Kind[] = [KINDS.daemonSet];

/** What the webhook reads besides the request. */
export const webhookRules = (): Rule[] => [
  ...WATCHED_KINDS.map((kind) => ruleFor(kind, READING)),
  ...ASKED_KINDS.map((kind) => ruleFor(kind, ['get'])),
];
