/** What the pods of a rollout need without any rollout: the base of what is compared with it. */
import { KINDS } from '../../shared/api/kinds.ts';
import { type KubeObject, refTo } from '../../shared/api/kube.ts';
import { createNamespace } from '../golden/runner/cluster.ts';
import { loadScenario } from '../golden/runner/scenario.ts';
import type { BenchCluster } from './cluster.ts';
import { follow, isRolledOut } from './phases.ts';
import { inParallel, NAME, namespacesFor, newRevision } from './workload.ts';

const PRIMARY = `${NAME}-primary`;
const PATIENCE_S = 600;

const PORTS = [
  { name: 'http', port: 80, targetPort: 9898 },
  { name: 'http-metrics', port: 9797, targetPort: 9797 },
  { name: 'grpc', port: 9999, targetPort: 9999 },
];

/** A Service for the pods with this label, with the ports that the recorded Canary's Services have. */
const serviceTo = (namespace: string, name: string, app: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace },
  spec: { selector: { app }, ports: PORTS },
});

/**
 * The recorded target as two Deployments: one at zero, as a parked target is, and one that runs, as its primary does;
 * and the three Services before them, whose endpoints the control plane writes anew with every pod.
 */
const plainObjects = (namespace: string): KubeObject[] => {
  const target = loadScenario('bluegreen-hpa').objects.find(({ kind }) => kind === KINDS.deployment.kind);
  if (target === undefined) throw new Error('the scenario has no Deployment');
  const text = JSON.stringify({ ...target, metadata: { name: NAME, namespace, labels: { app: NAME } } });
  const parked = JSON.parse(text) as KubeObject;
  const primary = JSON.parse(text.replaceAll(`"${NAME}"`, `"${PRIMARY}"`)) as KubeObject;
  return [
    { ...parked, spec: { ...(parked['spec'] as object), replicas: 0 } },
    primary,
    serviceTo(namespace, NAME, PRIMARY),
    serviceTo(namespace, PRIMARY, PRIMARY),
    serviceTo(namespace, `${NAME}-canary`, NAME),
  ];
};

/** What both waves of pods need of a cluster. */
export interface Waves {
  /** Milliseconds of the first and of the second wave. */
  readonly ms: readonly [number, number];
  /** Milliseconds of CPU of the servers for both. */
  readonly cpuMs: number;
}

/**
 * What it takes until `count` targets with a new template, scaled from zero to two, are ready, and until as many
 * primaries run a new template: the two waves of pods that every rollout has. Creates namespaces that start with `prefix`.
 */
export const measureWaves = async ({ kube, cpuMs }: BenchCluster, prefix: string, count: number): Promise<Waves> => {
  const namespaces = namespacesFor(prefix, count);
  await inParallel(namespaces, async (namespace) => {
    await createNamespace(kube, namespace);
    for (const object of plainObjects(namespace))
      await kube.create(object.kind === KINDS.service.kind ? KINDS.service : KINDS.deployment, object);
  });
  const deployments = await follow(kube, KINDS.deployment);
  const rolledOut = (name: string, ready: (object: KubeObject) => boolean) =>
    deployments.all({ what: `pods of ${name}`, name, namespaces, test: ready, seconds: PATIENCE_S });
  try {
    await rolledOut(PRIMARY, isRolledOut);
    await rolledOut(NAME, isRolledOut);
    const [first, cpu] = [performance.now(), cpuMs()];
    const change = { spec: { replicas: 2, template: { metadata: { annotations: { rev: '2' } } } } };
    await inParallel(namespaces, (namespace) =>
      kube.patch(refTo(KINDS.deployment, namespace, NAME), change, { type: 'merge' }),
    );
    await rolledOut(NAME, (object) => isRolledOut(object) && (object['spec'] as { replicas: number }).replicas === 2);
    const second = performance.now();
    await inParallel(namespaces, (namespace) => newRevision(kube, namespace, '2', PRIMARY));
    await rolledOut(PRIMARY, (object) => isRolledOut(object) && JSON.stringify(object['spec']).includes('"rev":"2"'));
    return { ms: [second - first, performance.now() - second], cpuMs: cpuMs() - cpu };
  } finally {
    deployments.stop();
  }
};
