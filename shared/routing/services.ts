/** The three Services of a rollout: apex, primary, canary. */
import type { CanaryService } from '../api/canary.ts';
import { KINDS } from '../api/kinds.ts';
import { type KubeObject, type Ref, refTo, type StringMap } from '../api/kube.ts';
import type { Objects, Write } from '../api/model.ts';
import { DRIFT_ANNOTATIONS } from '../api/names.ts';
import { isSameJson } from '../api/same-json.ts';
import { isOwn, memoryOf, rememberedSpec, withoutOurMarks } from './ownership.ts';
import { type ContainerPorts, firstOfEach, type Port, portsOf, sortPorts } from './ports.ts';
import { liveOf, type RouteContext } from './router.ts';

export type Side = 'apex' | 'primary' | 'canary';

export interface ServiceContext extends RouteContext {
  readonly selectorLabel: string;
  /** Value of that label on the target's pods. */
  readonly selectorValue: string;
  readonly containers: readonly ContainerPorts[];
}

interface ServiceSpec {
  ports?: Port[];
  selector?: StringMap;
  trafficDistribution?: string;
  [field: string]: unknown;
}

const nameOf = (context: RouteContext, side: Side): string =>
  side === 'apex' ? context.apex : side === 'primary' ? context.primary : context.canaryName;

export const serviceRef = (context: RouteContext, side: Side): Ref =>
  refTo(KINDS.service, context.namespace, nameOf(context, side));

/** What to write so that the Service of `side` is as the Canary says; undefined: it is. */
export const serviceWrite = (context: ServiceContext, side: Side, objects: Objects): Write | undefined => {
  const ref = serviceRef(context, side);
  const live = liveOf(objects, ref);
  if (!live) return { do: 'create', ref, object: newService(context, side) };
  const object = corrected(context, side, live);
  return object === live ? undefined : { do: 'replace', ref, object };
};

const selectorFor = (context: ServiceContext, side: Side): StringMap => ({
  [context.selectorLabel]: side === 'canary' ? context.selectorValue : `${context.selectorValue}-primary`,
});

const metadataFor = (context: ServiceContext, side: Side): { labels: StringMap; annotations: StringMap } => {
  const given = serviceOf(context)[side];
  return {
    labels: { ...given?.labels, [context.selectorLabel]: nameOf(context, side) },
    annotations: { ...given?.annotations, ...DRIFT_ANNOTATIONS },
  };
};

const serviceOf = (context: RouteContext): Partial<CanaryService> => context.canary.spec.service ?? {};

const newService = (context: ServiceContext, side: Side): KubeObject => {
  const service = serviceOf(context);
  return {
    apiVersion: KINDS.service.apiVersion,
    kind: KINDS.service.kind,
    metadata: {
      name: nameOf(context, side),
      namespace: context.namespace,
      ...metadataFor(context, side),
      ownerReferences: [context.owner],
    },
    spec: {
      type: 'ClusterIP',
      ...(service.headless === true && { clusterIP: 'None' }),
      selector: selectorFor(context, side),
      ports: portsOf(service, context.containers),
      ...(service.trafficDistribution && { trafficDistribution: service.trafficDistribution }),
    },
  };
};

/** The live Service with our fields put right; the same object when they are. */
const corrected = (context: ServiceContext, side: Side, live: KubeObject): KubeObject => {
  const spec = (live['spec'] ?? {}) as ServiceSpec;
  const distribution = serviceOf(context).trafficDistribution;
  const isOurs = isOwn(live, context);
  const ours = keepingNodePorts(portsOf(serviceOf(context), context.containers), spec.ports ?? []);
  const wanted: ServiceSpec = {
    ...spec,
    selector: selectorFor(context, side),
    ports: isOurs ? ours : firstOfEach([...ours, ...(spec.ports ?? [])]),
    ...(distribution && { trafficDistribution: distribution }),
  };
  const metadata = isOurs ? ownMetadata(context, side, live) : live.metadata;
  const isSame =
    isSameJson(wanted.selector, spec.selector) &&
    wanted.trafficDistribution === spec.trafficDistribution &&
    isSameJson(sortPorts(wanted.ports ?? []), sortPorts(spec.ports ?? [])) &&
    isSameJson(
      [metadata.labels ?? {}, metadata.annotations ?? {}],
      [live.metadata.labels ?? {}, live.metadata.annotations ?? {}],
    );
  if (isSame) return live;
  // A Service of the user's keeps its metadata and its further ports; Flux alone is told to leave the selector to us.
  const memory = isOurs ? {} : memoryOf(live, { selector: spec.selector, ports: spec.ports });
  const annotations = { ...metadata.annotations, ...DRIFT_ANNOTATIONS, ...memory };
  return { ...live, metadata: { ...metadata, annotations }, spec: wanted };
};

/**
 * What to write so that a user's apex Service leads where it led before; where nobody remembers that, to the target.
 * Undefined: it is so, or it goes with its Canary.
 */
export const serviceRestored = (context: ServiceContext, objects: Objects): Write | undefined => {
  const ref = serviceRef(context, 'apex');
  const live = liveOf(objects, ref);
  if (!live || isOfCanary(live)) return undefined;
  const spec = (live['spec'] ?? {}) as ServiceSpec;
  const before: ServiceSpec | undefined = rememberedSpec(live);
  // One that we never turned to the primary is as its user wants it.
  if (!before && !isSameJson(spec.selector, selectorFor(context, 'apex'))) return undefined;
  const selector = before?.selector ?? selectorFor(context, 'canary');
  const ports = before?.ports === undefined ? {} : { ports: keepingNodePorts(before.ports, spec.ports ?? []) };
  const object = { ...withoutOurMarks(live), spec: { ...spec, selector, ...ports } };
  return isSameJson(object, live) ? undefined : { do: 'replace', ref, object };
};

/** Whichever Canary it was made for takes it along. */
const isOfCanary = (live: KubeObject): boolean =>
  (live.metadata.ownerReferences ?? []).some((owner) => owner.controller === true && owner.kind === KINDS.canary.kind);

const ownMetadata = (context: ServiceContext, side: Side, live: KubeObject): KubeObject['metadata'] => {
  const wanted = metadataFor(context, side);
  const unmanaged = serviceOf(context).unmanagedMetadata;
  return {
    ...live.metadata,
    labels: { ...wanted.labels, ...kept(live.metadata.labels, unmanaged?.labels) },
    annotations: { ...wanted.annotations, ...kept(live.metadata.annotations, unmanaged?.annotations) },
  };
};

/** The entries found whose keys the user told us to leave alone. */
const kept = (found: StringMap | undefined, keys: readonly string[] | undefined): StringMap =>
  Object.fromEntries(Object.entries(found ?? {}).filter(([key]) => keys?.includes(key)));

/** The API server chose node ports: a port of the same number keeps its own, else one of the same name; none goes to two. */
const keepingNodePorts = (ports: readonly Port[], live: readonly Port[]): Port[] => {
  const numbered = new Map(ports.map((port) => [port, live.find((one) => isSamePort(one, port))]));
  const taken = new Set(numbered.values());
  return ports.map((port) => {
    const named = live.find((one) => one.name === port.name && !taken.has(one));
    const nodePort = (numbered.get(port) ?? named)?.nodePort;
    return nodePort === undefined ? port : { ...port, nodePort };
  });
};

const isSamePort = (one: Port, other: Port): boolean =>
  one.port === other.port && (one.protocol ?? 'TCP') === (other.protocol ?? 'TCP');
