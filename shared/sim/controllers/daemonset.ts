/** DaemonSets: one pod on every node that the template selects, replaced one after the other. */
import { createHash } from 'node:crypto';
import type { KubeObject } from '../../api/kube.ts';
import type { Fields } from '../json.ts';
import { fieldsAt, numberAt, own, textAt } from '../json.ts';
import type { ServedKind } from '../kinds.ts';
import type { Change } from '../store.ts';
import { resolveShare } from './deployment-status.ts';
import { countPods, type PodCount, podFrom } from './replicaset.ts';
import { type Controller, keyOf, ownerKeys, type Workshop } from './runner.ts';
import { writeStatus } from './scaling.ts';

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

const statusFrom = (set: KubeObject, pods: readonly KubeObject[], count: PodCount, wanted: number): Fields => {
  const updated = pods.filter((pod) => isUpdated(set, pod)).length;
  return {
    currentNumberScheduled: pods.length,
    numberMisscheduled: 0,
    desiredNumberScheduled: wanted,
    numberReady: count.ready,
    observedGeneration: set.metadata.generation,
    ...(updated === 0 ? {} : { updatedNumberScheduled: updated }),
    ...(count.available === 0 ? {} : { numberAvailable: count.available }),
    ...(wanted - count.available <= 0 ? {} : { numberUnavailable: wanted - count.available }),
  };
};

class DaemonSetController implements Controller {
  readonly name = 'daemonsets';
  readonly #shop: Workshop;
  readonly #sets: ServedKind;
  readonly #pods: ServedKind;
  readonly #nodes: ServedKind;

  constructor(workshop: Workshop) {
    this.#shop = workshop;
    this.#sets = workshop.kind('apps/v1', 'daemonsets');
    this.#pods = workshop.kind('v1', 'pods');
    this.#nodes = workshop.kind('v1', 'nodes');
  }

  keysOf(change: Change): readonly string[] {
    if (change.resource === this.#sets.storage) return [keyOf(change.object)];
    if (change.resource === this.#nodes.storage) return this.#shop.server.store.list(this.#sets.storage, '').map(keyOf);
    return change.resource === this.#pods.storage ? ownerKeys(change.object, 'DaemonSet') : [];
  }

  async sync(namespace: string, name: string): Promise<number | undefined> {
    const set = this.#shop.server.store.get(this.#sets.storage, namespace, name);
    if (set === undefined || set.metadata.deletionTimestamp !== undefined) return undefined;
    const nodes = this.#nodesFor(set);
    await this.#leave(set, nodes);
    if (textAt(set, 'spec', 'updateStrategy', 'type') !== 'OnDelete') await this.#replaceOld(set, nodes.length);
    await this.#occupy(set, nodes);
    const present = this.#podsOf(set);
    const count = countPods(present, numberAt(set, 'spec', 'minReadySeconds'), this.#shop.clock.now());
    await writeStatus(this.#shop, this.#sets, set, statusFrom(set, present, count, nodes.length));
    return count.nextMs;
  }

  #podsOf(set: KubeObject): KubeObject[] {
    return this.#shop.server.store
      .ownedBy(this.#pods.storage, set.metadata.uid ?? '')
      .filter((pod) => pod.metadata.deletionTimestamp === undefined);
  }

  #nodesFor(set: KubeObject): KubeObject[] {
    const known = this.#shop.server.store.list(this.#nodes.storage, '');
    return (known.length === 0 ? [ASSUMED] : known).filter((node) => selects(set, node));
  }

  async #remove(pod: KubeObject): Promise<void> {
    const { namespace = '', name } = pod.metadata;
    await this.#shop.rest.remove({ kind: this.#pods, namespace, name }, {}, this.#shop.caller);
  }

  /** Takes pods from nodes that are not selected any more. */
  async #leave(set: KubeObject, nodes: readonly KubeObject[]): Promise<void> {
    for (const pod of this.#podsOf(set)) {
      if (!nodes.some((node) => node.metadata.name === textAt(pod, 'spec', 'nodeName'))) await this.#remove(pod);
    }
  }

  /** Takes old pods away as far as the strategy lets pods be missing. */
  async #replaceOld(set: KubeObject, wanted: number): Promise<void> {
    const present = this.#podsOf(set);
    const rolling = own(own(own(set, 'spec'), 'updateStrategy'), 'rollingUpdate');
    const budget = Math.max(1, resolveShare(own(rolling, 'maxUnavailable'), wanted, true));
    const now = this.#shop.clock.now();
    const isDown = (pod: KubeObject): boolean =>
      countPods([pod], numberAt(set, 'spec', 'minReadySeconds'), now).available === 0;
    const old = present.filter((pod) => !isUpdated(set, pod));
    let down = present.filter(isDown).length + Math.max(0, wanted - present.length);
    for (const pod of old.sort((a, b) => Number(isDown(b)) - Number(isDown(a)))) {
      if (!isDown(pod) && down >= budget) break;
      if (!isDown(pod)) down += 1;
      await this.#remove(pod);
    }
  }

  /** Puts a pod on each selected node that has none. */
  async #occupy(set: KubeObject, nodes: readonly KubeObject[]): Promise<void> {
    for (const node of nodes) {
      if (this.#podsOf(set).some((pod) => textAt(pod, 'spec', 'nodeName') === node.metadata.name)) continue;
      const at = { kind: this.#pods, namespace: set.metadata.namespace ?? '' };
      await this.#shop.rest.create(at, podFor(set, node), this.#shop.caller);
    }
  }
}

/** The controller of DaemonSets. */
export const createDaemonSetController = (workshop: Workshop): Controller => new DaemonSetController(workshop);
