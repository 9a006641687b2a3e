/** DaemonSets: one pod on every node that the template selects, replaced one after the other. */
import { createHash } from 'node:crypto';
import type { KubeObject } from '../../api/kube.ts';
import type { Fields } from '../json.ts';
import { equal, fieldsAt, numberAt, own, textAt } from '../json.ts';
import { resolveShare } from './deployment-status.ts';
import { countPods, podFrom } from './replicaset.ts';
import { type Controller, isOwnedBy, keyOf, ownerKeys, type Workshop } from './runner.ts';

const HASH_LABEL = 'controller-revision-hash';

/** Where no Node exists, one without labels is assumed. */
const ASSUMED: KubeObject = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' } };

const selects = (set: KubeObject, node: KubeObject): boolean =>
  Object.entries(fieldsAt(set, 'spec', 'template', 'spec', 'nodeSelector')).every(
    ([key, value]) => own(node.metadata.labels, key) === value,
  );

const hashOf = (set: KubeObject): string =>
  createHash('sha256')
    .update(JSON.stringify(fieldsAt(set, 'spec', 'template')))
    .digest('hex')
    .slice(0, 10);

const podFor = (set: KubeObject, node: KubeObject): KubeObject => {
  const pod = podFrom(set, fieldsAt(set, 'spec', 'template'), { [HASH_LABEL]: hashOf(set) });
  return { ...pod, spec: { ...fieldsAt(pod, 'spec'), nodeName: node.metadata.name } };
};

const isUpdated = (set: KubeObject, pod: KubeObject): boolean => pod.metadata.labels?.[HASH_LABEL] === hashOf(set);

/** The controller of DaemonSets. */
export const createDaemonSetController = (workshop: Workshop): Controller => {
  const { rest, caller, clock, server } = workshop;
  const [sets, pods, nodes] = [
    workshop.kind('apps/v1', 'daemonsets'),
    workshop.kind('v1', 'pods'),
    workshop.kind('v1', 'nodes'),
  ];

  const podsOf = (set: KubeObject): KubeObject[] =>
    server.store
      .list(pods.storage, set.metadata.namespace ?? '')
      .filter((pod) => isOwnedBy(pod, set) && pod.metadata.deletionTimestamp === undefined);

  const nodesFor = (set: KubeObject): KubeObject[] => {
    const known = server.store.list(nodes.storage, '');
    return (known.length === 0 ? [ASSUMED] : known).filter((node) => selects(set, node));
  };

  const remove = async (pod: KubeObject): Promise<void> => {
    await rest.remove({ kind: pods, namespace: pod.metadata.namespace ?? '', name: pod.metadata.name }, {}, caller);
  };

  /** Takes old pods away as far as the strategy lets pods be missing. */
  const replaceOld = async (set: KubeObject, wanted: number): Promise<void> => {
    const present = podsOf(set);
    const rolling = own(own(own(set, 'spec'), 'updateStrategy'), 'rollingUpdate');
    const budget = Math.max(1, resolveShare(own(rolling, 'maxUnavailable'), wanted, true));
    const isDown = (pod: KubeObject): boolean =>
      countPods([pod], numberAt(set, 'spec', 'minReadySeconds'), clock.now()).available === 0;
    const old = present.filter((pod) => !isUpdated(set, pod));
    let down = present.filter(isDown).length + Math.max(0, wanted - present.length);
    for (const pod of old.sort((a, b) => Number(isDown(b)) - Number(isDown(a)))) {
      if (!isDown(pod) && down >= budget) break;
      if (!isDown(pod)) down += 1;
      await remove(pod);
    }
  };

  const statusOf = (set: KubeObject, wanted: number): { status: Fields; againMs: number | undefined } => {
    const present = podsOf(set);
    const count = countPods(present, numberAt(set, 'spec', 'minReadySeconds'), clock.now());
    const updated = present.filter((pod) => isUpdated(set, pod)).length;
    const status: Fields = {
      currentNumberScheduled: present.length,
      numberMisscheduled: 0,
      desiredNumberScheduled: wanted,
      numberReady: count.ready,
      observedGeneration: set.metadata.generation,
      ...(updated === 0 ? {} : { updatedNumberScheduled: updated }),
      ...(count.available === 0 ? {} : { numberAvailable: count.available }),
      ...(wanted - count.available <= 0 ? {} : { numberUnavailable: wanted - count.available }),
    };
    return { status, againMs: count.nextMs };
  };

  return {
    name: 'daemonsets',
    keysOf(change) {
      if (change.resource === sets.storage) return [keyOf(change.object)];
      if (change.resource === nodes.storage) return server.store.list(sets.storage, '').map(keyOf);
      return change.resource === pods.storage ? ownerKeys(change.object, 'DaemonSet') : [];
    },
    async sync(namespace, name) {
      const set = server.store.get(sets.storage, namespace, name);
      if (set === undefined || set.metadata.deletionTimestamp !== undefined) return undefined;
      const wanted = nodesFor(set);
      for (const pod of podsOf(set))
        if (!wanted.some((node) => node.metadata.name === textAt(pod, 'spec', 'nodeName'))) await remove(pod);
      if (textAt(set, 'spec', 'updateStrategy', 'type') !== 'OnDelete') await replaceOld(set, wanted.length);
      for (const node of wanted) {
        if (podsOf(set).some((pod) => textAt(pod, 'spec', 'nodeName') === node.metadata.name)) continue;
        await rest.create({ kind: pods, namespace }, podFor(set, node), caller);
      }
      const { status, againMs } = statusOf(set, wanted.length);
      if (!equal(set['status'], status))
        await rest.replace({ kind: sets, namespace, name, subresource: 'status' }, { ...set, status }, caller);
      return againMs;
    },
  };
};
