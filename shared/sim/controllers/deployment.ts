/** Deployments: one ReplicaSet per template, rolled by surge and unavailability. */
import { createHash } from 'node:crypto';
import type { KubeObject } from '../../api/kube.ts';
import type { Fields } from '../json.ts';
import { clone, equal, fieldsAt, numberAt, own, textAt } from '../json.ts';
import type { ServedKind } from '../kinds.ts';
import type { Change } from '../store.ts';
import { deploymentStatus, limitsOf, type Sets } from './deployment-status.ts';
import { type Controller, controllerOf, keyOf, ownerKeys, type Workshop } from './runner.ts';
import { writeStatus } from './scaling.ts';

const REVISION = 'deployment.kubernetes.io/revision';
const HASH_LABEL = 'pod-template-hash';
const LETTERS = '456789bcdf';

const hashOf = (template: unknown): string => {
  const digits = BigInt(
    `0x${createHash('sha256').update(JSON.stringify(template)).digest('hex').slice(0, 8)}`,
  ).toString();
  return [...digits].map((digit) => LETTERS[Number(digit)]).join('');
};

const templateOf = (set: KubeObject): Fields => {
  const template = clone(fieldsAt(set, 'spec', 'template'));
  const labels = { ...fieldsAt(template, 'metadata', 'labels') };
  delete labels[HASH_LABEL];
  return { ...template, metadata: { ...fieldsAt(template, 'metadata'), labels } };
};

const revisionOf = (object: KubeObject): number => Number(object.metadata.annotations?.[REVISION] ?? '0');

const newSet = (deployment: KubeObject, revision: number): KubeObject => {
  const template = clone(fieldsAt(deployment, 'spec', 'template'));
  const hash = hashOf(template);
  const labels = { ...fieldsAt(template, 'metadata', 'labels'), [HASH_LABEL]: hash } as Record<string, string>;
  const selector = clone(fieldsAt(deployment, 'spec', 'selector'));
  const minReady = numberAt(deployment, 'spec', 'minReadySeconds');
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace ?? '',
      labels,
      annotations: { [REVISION]: String(revision) },
      ownerReferences: [controllerOf(deployment)],
    },
    spec: {
      replicas: 0,
      ...(minReady === 0 ? {} : { minReadySeconds: minReady }),
      selector: { ...selector, matchLabels: { ...fieldsAt(selector, 'matchLabels'), [HASH_LABEL]: hash } },
      template: { ...template, metadata: { ...fieldsAt(template, 'metadata'), labels } },
    },
  };
};

interface Plan {
  current: number;
  old: Map<string, number>;
}

const replicasOf = (set: KubeObject): number => numberAt(set, 'spec', 'replicas');
const availableOf = (set: KubeObject): number => numberAt(set, 'status', 'availableReplicas');

/** How many pods each ReplicaSet should have next. */
const planOf = (deployment: KubeObject, current: KubeObject, old: readonly KubeObject[]): Plan => {
  const wanted = replicasOf(deployment);
  const { surge, unavailable } = limitsOf(deployment);
  const oldTotal = old.reduce((total, set) => total + replicasOf(set), 0);
  const plan: Plan = {
    current: replicasOf(current),
    old: new Map(old.map((set) => [set.metadata.name, replicasOf(set)])),
  };
  const recreating = textAt(deployment, 'spec', 'strategy', 'type') === 'Recreate';
  const oldPods = old.reduce((total, set) => total + numberAt(set, 'status', 'replicas'), 0);
  if (recreating) {
    for (const set of old) plan.old.set(set.metadata.name, 0);
    if (oldPods === 0) plan.current = wanted;
    return plan;
  }
  if (plan.current > wanted) plan.current = wanted;
  else plan.current = Math.min(wanted, plan.current + Math.max(0, wanted + surge - (plan.current + oldTotal)));
  // What is not available costs nothing to take away; what is may go as far as the minimum allows.
  const minimum = wanted - unavailable;
  const missing = Math.max(0, replicasOf(current) - availableOf(current));
  // Counted by what was asked for, since the status of a set that was just scaled down still lags.
  const room = replicasOf(current) + oldTotal - minimum - missing;
  let spare = Math.min(room, availableOf(current) + old.reduce((total, set) => total + availableOf(set), 0) - minimum);
  for (const set of old) {
    const sick = Math.max(0, replicasOf(set) - availableOf(set));
    const healthy = Math.max(0, Math.min(spare, replicasOf(set) - sick));
    plan.old.set(set.metadata.name, replicasOf(set) - sick - healthy);
    spare -= healthy;
  }
  return plan;
};

/** The Deployment with the revision of its present ReplicaSet. */
const numbered = (deployment: KubeObject, current: KubeObject | undefined): KubeObject => {
  const revision = current?.metadata.annotations?.[REVISION];
  if (revision === undefined) return deployment;
  const annotations = { ...deployment.metadata.annotations, [REVISION]: revision };
  return { ...deployment, metadata: { ...deployment.metadata, annotations } };
};

/** What a Deployment's controller does in one pass; each part reads the newest state. */
class DeploymentController implements Controller {
  readonly name = 'deployments';
  readonly #shop: Workshop;
  readonly #deployments: ServedKind;
  readonly #sets: ServedKind;

  constructor(workshop: Workshop) {
    this.#shop = workshop;
    this.#deployments = workshop.kind('apps/v1', 'deployments');
    this.#sets = workshop.kind('apps/v1', 'replicasets');
  }

  keysOf(change: Change): readonly string[] {
    if (change.resource === this.#deployments.storage) return [keyOf(change.object)];
    return change.resource === this.#sets.storage ? ownerKeys(change.object, 'Deployment') : [];
  }

  async sync(namespace: string, name: string): Promise<number | undefined> {
    const deployment = this.#get(namespace, name);
    if (deployment === undefined || deployment.metadata.deletionTimestamp !== undefined) return undefined;
    if (own(own(deployment, 'spec'), 'paused') === true) await this.#scalePaused(deployment);
    else await this.#roll(deployment);
    const latest = this.#get(namespace, name);
    if (latest === undefined || latest.metadata.generation !== deployment.metadata.generation) return 0;
    const nowMs = this.#shop.clock.now();
    const sets = this.#setsOf(latest);
    const { status, againMs } = deploymentStatus(latest, sets, nowMs);
    await writeStatus(this.#shop, this.#deployments, numbered(latest, sets.current), status);
    return againMs;
  }

  #get(namespace: string, name: string): KubeObject | undefined {
    return this.#shop.server.store.get(this.#deployments.storage, namespace, name);
  }

  #setsOf(deployment: KubeObject): Sets {
    const all = this.#shop.server.store.ownedBy(this.#sets.storage, deployment.metadata.uid ?? '');
    const template = fieldsAt(deployment, 'spec', 'template');
    const current = all.find((set) => equal(templateOf(set), template));
    return { current, old: all.filter((set) => set !== current) };
  }

  async #patch(kind: ServedKind, object: KubeObject, body: Fields): Promise<KubeObject> {
    const { namespace = '', name } = object.metadata;
    return (await this.#shop.rest.patch({ kind, namespace, name }, { type: 'merge', body }, this.#shop.caller)).object;
  }

  async #scaleTo(set: KubeObject, replicas: number): Promise<void> {
    if (replicasOf(set) !== replicas) await this.#patch(this.#sets, set, { spec: { replicas } });
  }

  async #scalePaused(deployment: KubeObject): Promise<void> {
    const { current } = this.#setsOf(deployment);
    if (current !== undefined) await this.#scaleTo(current, replicasOf(deployment));
  }

  /** The ReplicaSet of the present template, made when absent; the newest carries the highest revision. */
  async #currentSet(deployment: KubeObject, { current, old }: Sets): Promise<KubeObject> {
    const newest = Math.max(0, ...old.map(revisionOf));
    const revision = current !== undefined && revisionOf(current) > newest ? revisionOf(current) : newest + 1;
    const annotations = { [REVISION]: String(revision) };
    const at = { kind: this.#sets, namespace: deployment.metadata.namespace ?? '' };
    let set = current ?? (await this.#shop.rest.create(at, newSet(deployment, revision), this.#shop.caller));
    if (revisionOf(set) !== revision) set = await this.#patch(this.#sets, set, { metadata: { annotations } });
    return set;
  }

  async #roll(deployment: KubeObject): Promise<void> {
    const sets = this.#setsOf(deployment);
    const current = await this.#currentSet(deployment, sets);
    const plan = planOf(deployment, current, sets.old);
    await this.#scaleTo(current, plan.current);
    for (const set of sets.old) await this.#scaleTo(set, plan.old.get(set.metadata.name) ?? 0);
    await this.#forget(sets.old, numberAt(deployment, 'spec', 'revisionHistoryLimit'));
  }

  /** Removes idle ReplicaSets beyond the limit, the oldest first. */
  async #forget(old: readonly KubeObject[], limit: number): Promise<void> {
    const idle = old.filter((set) => replicasOf(set) === 0 && numberAt(set, 'status', 'replicas') === 0);
    for (const set of idle.sort((a, b) => revisionOf(b) - revisionOf(a)).slice(limit)) {
      const { namespace = '', name } = set.metadata;
      await this.#shop.rest.remove({ kind: this.#sets, namespace, name }, {}, this.#shop.caller);
    }
  }
}

/** The controller of Deployments. */
export const createDeploymentController = (workshop: Workshop): Controller => new DeploymentController(workshop);
