import { KINDS } from '../../shared/api/kinds.ts';
import type { Kind, KubeObject } from '../../shared/api/kube.ts';

const INGRESS: Kind = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', plural: 'ingresses', namespaced: true };
const KNOWN: readonly Kind[] = [KINDS.deployment, KINDS.scaledObject, KINDS.canary, INGRESS];

/** The REST resource of an object of the demo. */
export const resourcesByKind = ({ kind }: KubeObject): Kind => KNOWN.find((one) => one.kind === kind) as Kind;
