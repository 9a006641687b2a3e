/** ReplicaSets: the wanted number of pods, and the status that counts them. */
import type { KubeObject } from '../../api/kube.ts';
import type { Fields } from '../json.ts';
import { clone, equal, fieldsAt, numberAt } from '../json.ts';
import { isPodReady, readySince } from './pods.ts';
import { type Controller, controllerOf, keyOf, ownerKeys, type Workshop } from './runner.ts';

export interface PodCount {
  total: number;
  ready: number;
  available: number;
  /** Milliseconds until one more becomes available, when one is only waiting for minReadySeconds. */
  nextMs: number | undefined;
}

/** Counts pods; available is who has been ready for `minReadySeconds`. */
export const countPods = (pods: readonly KubeObject[], minReadySeconds: number, nowMs: number): PodCount => {
  const count: PodCount = { total: pods.length, ready: 0, available: 0, nextMs: undefined };
  for (const pod of pods) {
    const since = readySince(pod);
    if (since === undefined) continue;
    count.ready += 1;
    const left = since + minReadySeconds * 1000 - nowMs;
    if (left <= 0) count.available += 1;
    else count.nextMs = Math.min(count.nextMs ?? left, left);
  }
  return count;
};

/** A pod from a template, owned by `owner`. */
export const podFrom = (owner: KubeObject, template: Fields, labels: Fields = {}): KubeObject => {
  const metadata = fieldsAt(template, 'metadata');
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${owner.metadata.name}-`,
      name: '',
      namespace: owner.metadata.namespace ?? '',
      labels: { ...fieldsAt(metadata, 'labels'), ...labels } as Record<string, string>,
      annotations: { ...fieldsAt(metadata, 'annotations') } as Record<string, string>,
      ownerReferences: [controllerOf(owner)],
    },
    spec: clone(fieldsAt(template, 'spec')),
  };
};

/** Pods that stay longest when some have to go: the ready ones, then the oldest. */
const byWorth = (a: KubeObject, b: KubeObject): number => {
  const ready = Number(isPodReady(b)) - Number(isPodReady(a));
  return ready === 0 ? Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion) : ready;
};

const statusOf = (set: KubeObject, count: PodCount): Fields => ({
  replicas: count.total,
  ...(count.total === 0 ? {} : { fullyLabeledReplicas: count.total }),
  ...(count.ready === 0 ? {} : { readyReplicas: count.ready }),
  ...(count.available === 0 ? {} : { availableReplicas: count.available }),
  observedGeneration: set.metadata.generation,
});

/** The controller of ReplicaSets. */
export const createReplicaSetController = (workshop: Workshop): Controller => {
  const { rest, caller, clock, server } = workshop;
  const [sets, pods] = [workshop.kind('apps/v1', 'replicasets'), workshop.kind('v1', 'pods')];

  const podsOf = (set: KubeObject): KubeObject[] =>
    server.store
      .ownedBy(pods.storage, set.metadata.uid ?? '')
      .filter((pod) => pod.metadata.deletionTimestamp === undefined);

  return {
    name: 'replicasets',
    keysOf(change) {
      if (change.resource === sets.storage) return [keyOf(change.object)];
      return change.resource === pods.storage ? ownerKeys(change.object, 'ReplicaSet') : [];
    },
    async sync(namespace, name) {
      const set = server.store.get(sets.storage, namespace, name);
      if (set === undefined || set.metadata.deletionTimestamp !== undefined) return undefined;
      const present = podsOf(set).sort(byWorth);
      const wanted = numberAt(set, 'spec', 'replicas');
      for (let missing = wanted - present.length; missing > 0; missing -= 1) {
        await rest.create({ kind: pods, namespace }, podFrom(set, fieldsAt(set, 'spec', 'template')), caller);
      }
      for (const pod of present.slice(wanted))
        await rest.remove({ kind: pods, namespace, name: pod.metadata.name }, {}, caller);
      const count = countPods(podsOf(set), numberAt(set, 'spec', 'minReadySeconds'), clock.now());
      const status = statusOf(set, count);
      if (!equal(set['status'], status))
        await rest.replace({ kind: sets, namespace, name, subresource: 'status' }, { ...set, status }, caller);
      return count.nextMs;
    },
  };
};
