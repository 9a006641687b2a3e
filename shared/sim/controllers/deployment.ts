/** Deployments: one ReplicaSet per template, rolled by surge and unavailability. */
import { createHash } from 'node:crypto';
import type { KubeObject } from '../../api/kube.ts';
import { timestamp } from '../context.ts';
import type { Fields } from '../json.ts';
import { clone, equal, fieldsAt, numberAt, own, textAt } from '../json.ts';
import { deploymentStatus, limitsOf, type Sets } from './deployment-status.ts';
import { type Controller, controllerOf, isOwnedBy, keyOf, ownerKeys, type Workshop } from './runner.ts';

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

/** The controller of Deployments. */
export const createDeploymentController = (workshop: Workshop): Controller => {
  const { rest, caller, clock, server } = workshop;
  const [deployments, sets] = [workshop.kind('apps/v1', 'deployments'), workshop.kind('apps/v1', 'replicasets')];

  const setsOf = (deployment: KubeObject): Sets => {
    const all = server.store
      .list(sets.storage, deployment.metadata.namespace ?? '')
      .filter((set) => isOwnedBy(set, deployment));
    const template = fieldsAt(deployment, 'spec', 'template');
    const current = all.find((set) => equal(templateOf(set), template));
    return { current, old: all.filter((set) => set !== current) };
  };

  const scaleTo = async (set: KubeObject, replicas: number): Promise<void> => {
    if (replicasOf(set) === replicas) return;
    await rest.patch(
      { kind: sets, namespace: set.metadata.namespace ?? '', name: set.metadata.name },
      'merge',
      { spec: { replicas } },
      caller,
    );
  };

  const roll = async (deployment: KubeObject): Promise<void> => {
    const namespace = deployment.metadata.namespace ?? '';
    const { current, old } = setsOf(deployment);
    const newest = Math.max(0, ...old.map(revisionOf));
    const revision = current !== undefined && revisionOf(current) > newest ? revisionOf(current) : newest + 1;
    const annotations = { metadata: { annotations: { [REVISION]: String(revision) } } };
    let set = current;
    if (set === undefined) set = await rest.create({ kind: sets, namespace }, newSet(deployment, revision), caller);
    else if (revisionOf(set) !== revision)
      set = (await rest.patch({ kind: sets, namespace, name: set.metadata.name }, 'merge', annotations, caller)).object;
    if (revisionOf(deployment) !== revision)
      await rest.patch({ kind: deployments, namespace, name: deployment.metadata.name }, 'merge', annotations, caller);
    const plan = planOf(deployment, set, old);
    await scaleTo(set, plan.current);
    for (const one of old) await scaleTo(one, plan.old.get(one.metadata.name) ?? 0);
    const limit = numberAt(deployment, 'spec', 'revisionHistoryLimit');
    const idle = old
      .filter((one) => replicasOf(one) === 0 && numberAt(one, 'status', 'replicas') === 0)
      .sort((a, b) => revisionOf(b) - revisionOf(a));
    for (const one of idle.slice(limit))
      await rest.remove({ kind: sets, namespace, name: one.metadata.name }, {}, caller);
  };

  return {
    name: 'deployments',
    keysOf(change) {
      if (change.resource === deployments.storage) return [keyOf(change.object)];
      return change.resource === sets.storage ? ownerKeys(change.object, 'Deployment') : [];
    },
    async sync(namespace, name) {
      const deployment = server.store.get(deployments.storage, namespace, name);
      if (deployment === undefined || deployment.metadata.deletionTimestamp !== undefined) return undefined;
      if (own(own(deployment, 'spec'), 'paused') === true) {
        const { current } = setsOf(deployment);
        if (current !== undefined) await scaleTo(current, replicasOf(deployment));
      } else await roll(deployment);
      const latest = server.store.get(deployments.storage, namespace, name);
      if (latest === undefined || latest.metadata.generation !== deployment.metadata.generation) return 0;
      const { status, againMs } = deploymentStatus(latest, setsOf(latest), clock.now(), timestamp(clock.now()));
      if (!equal(latest['status'], status))
        await rest.replace(
          { kind: deployments, namespace, name, subresource: 'status' },
          { ...latest, status },
          caller,
        );
      return againMs;
    },
  };
};
