/** The user's Ingress that a Canary names, and the one that we keep beside it. */
import { type Kind, type KubeObject, type Ref, refTo } from '../api/kube.ts';
import type { RouteContext } from './router.ts';

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
export const noBackend = (context: RouteContext): { problem: string } => ({
  problem: `backend ${context.apex} not found in ingress ${ingressNameOf(context)}`,
});

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
