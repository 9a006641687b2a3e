import { KINDS } from '../api/kinds.ts';
import type { KubeObject, StringMap } from '../api/kube.ts';
import { isSameJson } from '../api/same-json.ts';
import { filterKeys } from './pod-template.ts';
import type { CandidateContext, TargetCodec } from './target.ts';

interface ServicePort {
  name?: string;
  nodePort?: number;
  [field: string]: unknown;
}

interface ServiceSpec {
  type?: string;
  clusterIP?: string;
  clusterIPs?: string[];
  ports?: ServicePort[];
  externalName?: string;
  healthCheckNodePort?: number;
  [field: string]: unknown;
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

const specOf = (object: KubeObject): ServiceSpec => (object['spec'] ?? {}) as ServiceSpec;

const isHeadless = ({ clusterIP }: ServiceSpec): boolean => clusterIP === 'None';
const hasAddress = (spec: ServiceSpec): boolean => spec.type !== 'ExternalName' && !isHeadless(spec);

/** What of a Service can stand in another one: addresses and node ports are the server's to give, each to one alone. */
const portable = (spec: ServiceSpec): ServiceSpec => {
  const { clusterIP, clusterIPs, healthCheckNodePort: _, ports, ...rest } = spec;
  return {
    ...rest,
    ...(isHeadless(spec) && { clusterIP: clusterIP as string, ...(clusterIPs && { clusterIPs }) }),
    ...(ports && { ports: ports.map(({ nodePort: __, ...port }) => port) }),
  };
};

const copiedSpec = (target: KubeObject, context: CandidateContext, live?: KubeObject): ServiceSpec => {
  const { trafficDistribution } = context;
  const spec: ServiceSpec = { ...portable(specOf(target)), ...(trafficDistribution && { trafficDistribution }) };
  return live ? withServerFields(spec, specOf(live)) : spec;
};

/** The live copy keeps what the server gave it, as far as its new form has room for it. */
const withServerFields = (spec: ServiceSpec, live: ServiceSpec): ServiceSpec => {
  const keepsAddress = hasAddress(spec) && hasAddress(live);
  const hasNodePorts = spec.type === 'NodePort' || spec.type === 'LoadBalancer';
  const nodePortOf = ({ name }: ServicePort) => live.ports?.find((port) => port.name === name)?.nodePort;
  const withNodePort = (port: ServicePort): ServicePort => {
    const nodePort = nodePortOf(port);
    return nodePort === undefined ? port : { ...port, nodePort };
  };
  return {
    ...spec,
    ...(keepsAddress && live.clusterIP && { clusterIP: live.clusterIP }),
    ...(keepsAddress && live.clusterIPs && { clusterIPs: live.clusterIPs }),
    ...(hasNodePorts && spec.ports && { ports: spec.ports.map(withNodePort) }),
    ...(hasNodePorts && live.healthCheckNodePort && { healthCheckNodePort: live.healthCheckNodePort }),
  };
};

const copiedMetadata = ({ metadata }: KubeObject): { labels?: StringMap; annotations?: StringMap } => {
  const labels = filterKeys(metadata.labels);
  const annotations = filterKeys(metadata.annotations, (key) => key !== LAST_APPLIED);
  return {
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(Object.keys(annotations).length > 0 && { annotations }),
  };
};

const newCopy = (target: KubeObject, context: CandidateContext): KubeObject => ({
  apiVersion: KINDS.service.apiVersion,
  kind: KINDS.service.kind,
  metadata: {
    name: context.ref.name,
    namespace: context.ref.namespace,
    ...copiedMetadata(target),
    ownerReferences: [context.owner],
  },
  spec: copiedSpec(target, context),
});

/** The live copy as the target is now, still owned by whom it was; what others wrote on it stays. */
const follow = (target: KubeObject, live: KubeObject, context: CandidateContext): KubeObject => {
  const spec = copiedSpec(target, context, live);
  const copied = copiedMetadata(target);
  const metadata = {
    ...live.metadata,
    ...(copied.labels && { labels: { ...live.metadata.labels, ...copied.labels } }),
    ...(copied.annotations && { annotations: { ...live.metadata.annotations, ...copied.annotations } }),
  };
  const isSame = isSameJson([spec, metadata], [specOf(live), live.metadata]);
  return isSame ? live : { ...live, metadata, spec };
};

const runsSame = (target: KubeObject, primary: KubeObject, context: CandidateContext): boolean =>
  isSameJson(copiedSpec(target, context, primary), specOf(primary));

/**
 * Service: two copies, one for each revision; the target itself is never changed. The copy for the new revision follows
 * the target when a rollout begins, so that nothing leads to a revision that nobody has looked at.
 */
export const service: TargetCodec = {
  kind: KINDS.service,
  word: 'service',
  hasPods: false,
  isScalable: false,
  podSuffix: '-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)',
  observerSuffix: ':service',
  candidate: { nameOf: (target) => `${target}-canary`, create: newCopy, follow },
  selectorOf: () => ({ problem: 'a Service has no pods of its own' }),
  revisionSource: (target) => portable(specOf(target)),
  imageOf: (target) => specOf(target).externalName ?? '',
  readiness: () => ({ ready: true }),
  createPrimary: newCopy,
  promotePrimary: follow,
  runsSame,
  copyIdOf: () => undefined,
  isParked: () => false,
  park: () => undefined,
  wake: () => undefined,
  replicasOf: () => 1,
};
