/** Canaries with all that belongs to them, in namespaces of their own, and the pods that a rollout needs at least. */

import type { Canary } from '../../shared/api/canary.ts';
import { KINDS } from '../../shared/api/kinds.ts';
import { type Kind, type KubeObject, refTo } from '../../shared/api/kube.ts';
import type { Kube } from '../../shared/engine/ports.ts';
import { createNamespace } from '../golden/runner/cluster.ts';
import { loadScenario } from '../golden/runner/scenario.ts';

const INGRESS: Kind = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  plural: 'ingresses',
  namespaced: true,
};

const KNOWN: readonly Kind[] = [KINDS.deployment, KINDS.hpa, KINDS.canary, INGRESS];

const kindOf = ({ kind }: KubeObject): Kind => {
  const found = KNOWN.find((one) => one.kind === kind);
  if (found === undefined) throw new Error(`no kind ${kind}`);
  return found;
};

/** Runs `work` for every item, `width` at a time. */
export const inParallel = async <T>(
  items: readonly T[],
  work: (item: T) => Promise<unknown>,
  width = 16,
): Promise<void> => {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
};

export const namespacesFor = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

const moved = (object: KubeObject, namespace: string): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, namespace },
});

/** The Canary without its autoscaler, which need not be installed then. */
export const withoutAutoscaler = (canary: Canary): Canary => {
  const { autoscalerRef: _dropped, ...spec } = canary.spec;
  return { ...canary, spec };
};

/**
 * A recorded scenario's objects in each of these namespaces, which are created. `adapt` changes the Canary; an
 * autoscaler that it no longer names is left out.
 */
export const install = async (
  kube: Kube,
  scenario: 'bluegreen-hpa' | 'nginx-canary',
  namespaces: readonly string[],
  adapt: (canary: Canary) => Canary = (canary) => canary,
): Promise<void> => {
  const adapted = loadScenario(scenario).objects.map((object) =>
    object.kind === KINDS.canary.kind ? adapt(object as Canary) : object,
  );
  const scaled = adapted.some((object) => (object as Canary).spec.autoscalerRef !== undefined);
  const objects = adapted.filter((object) => scaled || object.kind !== KINDS.hpa.kind);
  await inParallel(namespaces, async (namespace) => {
    await createNamespace(kube, namespace);
    for (const object of objects)
      await kube.create(kindOf(object), moved(object, namespace), { fieldManager: 'kubectl-client-side-apply' });
  });
};

/** Every scenario's target and Canary are called so. */
export const NAME = 'podinfo';

/** Changes the target's pods: a new revision. */
export const newRevision = (kube: Kube, namespace: string, revision: string, name = NAME): Promise<KubeObject> =>
  kube.patch(
    refTo(KINDS.deployment, namespace, name),
    { spec: { template: { metadata: { annotations: { rev: revision } } } } },
    { type: 'merge', fieldManager: 'kubectl-client-side-apply' },
  );
