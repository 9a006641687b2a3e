/** The user's Ingress that a Canary names, and the one that we keep beside it. */
import type { CanaryService } from '../api/canary.ts';
import { type Kind, type KubeObject, type Ref, refTo } from '../api/kube.ts';
import { turnedPort } from './ports.ts';
import type { RouteContext } from './router.ts';
import { type Fields, fieldsOf, itemsOf } from './shape.ts';

export const INGRESS: Kind = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  plural: 'ingresses',
  namespaced: true,
};

export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Empty where the Canary names none. */
export const ingressNameOf = (context: RouteContext): string => context.canary.spec.ingressRef?.name ?? '';

export const sourceRef = (context: RouteContext): Ref => refTo(INGRESS, context.namespace, ingressNameOf(context));
export const canaryRef = (context: RouteContext): Ref =>
  refTo(INGRESS, context.namespace, `${ingressNameOf(context)}-canary`);

export const ingressRefs = (context: RouteContext): readonly Ref[] =>
  ingressNameOf(context) === '' ? [] : [sourceRef(context), canaryRef(context)];

/** Why nothing can be routed without more of the user's; the texts are the reference's. */
export const NO_NAME = { problem: 'ingress selector is empty' };
export const noSource = (context: RouteContext): { problem: string } => {
  const name = ingressNameOf(context);
  return {
    problem: `ingress ${name}.${context.namespace} get query error: ingresses.networking.k8s.io "${name}" not found`,
  };
};
/** `source`: spec of the user's Ingress, no path of which leads to a port of ours. */
export const noBackend = (context: RouteContext, source: Fields): { problem: string } => {
  const name = ingressNameOf(context);
  const isOtherPort = itemsOf(source['rules']).some((rule) =>
    itemsOf(fieldsOf(rule['http'])['paths']).some((path) => serviceIn(path)['name'] === context.apex),
  );
  return {
    problem: isOtherPort
      ? `ingress ${name} leads to ports of ${context.apex} that spec.service names nowhere; add them to spec.service.ports`
      : `backend ${context.apex} not found in ingress ${name}`,
  };
};

/** The Service behind a path. */
export const serviceIn = (path: Fields): Fields => fieldsOf(fieldsOf(path['backend'])['service']);

/** Does a path lead to the apex, by a port that both of our Services have? All others are the user's own business. */
export const leadsToApex = ({ canary, apex }: RouteContext, path: Fields): boolean => {
  const { name, port } = serviceIn(path);
  if (name !== apex) return false;
  const service: Partial<CanaryService> = canary.spec.service ?? {};
  // Copies of a user's Service have all its ports; those of containers are not known here.
  if (service.portDiscovery === true || canary.spec.targetRef?.kind === 'Service') return true;
  return Object.keys(fieldsOf(port)).length === 0 || turnedPort(service, fieldsOf(port)) !== undefined;
};

/** A new Ingress beside the user's, with its labels, that goes with the Canary. */
export const ingressBeside = (
  context: RouteContext,
  source: KubeObject,
  { ref, annotations, spec }: { ref: Ref; annotations: Readonly<Record<string, string>>; spec: unknown },
): KubeObject => ({
  apiVersion: INGRESS.apiVersion,
  kind: INGRESS.kind,
  metadata: {
    name: ref.name,
    namespace: context.namespace,
    ...(source.metadata.labels && { labels: source.metadata.labels }),
    annotations,
    ownerReferences: [context.owner],
  },
  spec,
});
