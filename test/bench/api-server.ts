/**
 * A simulated API server with its controllers for workloads, as a process of its own: what it costs is not counted as
 * ours. Arguments: the kubeconfig file to write, a file for one JSON line per request, and `ready at once` where no pods
 * are wanted: Deployments are told ready as soon as they are written.
 */
import { createWriteStream, writeFileSync } from 'node:fs';
import { KINDS } from '../../shared/api/kinds.ts';
import type { Kube } from '../../shared/engine/ports.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { startControllers } from '../../shared/sim/controllers/index.ts';
import { installCrds } from '../../shared/sim/install.ts';
import { createSimServer } from '../../shared/sim/server.ts';

/** A Deployment's status as its controller would leave it at the end. */
const readyStatus = (replicas: number, observedGeneration: number) => ({
  observedGeneration,
  replicas,
  updatedReplicas: replicas,
  readyReplicas: replicas,
  availableReplicas: replicas,
  conditions: [{ type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable' }],
});

const sayReady = async (kube: Kube): Promise<void> => {
  for await (const event of kube.watch(KINDS.deployment, { resourceVersion: '0', timeoutSeconds: 86_400 })) {
    if (event.type === 'BOOKMARK' || event.type === 'DELETED') continue;
    const { metadata, spec, status } = event.object as typeof event.object & {
      spec: { replicas?: number };
      status?: { observedGeneration?: number };
    };
    const generation = metadata.generation ?? 1;
    if (status?.observedGeneration === generation) continue;
    const ref = { kind: KINDS.deployment, namespace: metadata.namespace ?? '', name: metadata.name };
    await kube.patch(ref, { status: readyStatus(spec.replicas ?? 1, generation) }, { subresource: 'status' });
  }
};

const [kubeconfig = '', auditFile = '', pods = ''] = process.argv.slice(2);
const server = createSimServer({ clock: systemClock, historyLimit: 50_000 });
await installCrds(server);
if (pods === 'ready at once') void sayReady(server.kube);
else startControllers(server, { clock: systemClock });

const audit = createWriteStream(auditFile, { flags: 'a' });
const listening = await server.listen({
  onRequest: (method, url, headers) =>
    audit.write(`${JSON.stringify({ at: Date.now(), method, url, userAgent: headers['user-agent'] })}\n`),
});
writeFileSync(kubeconfig, listening.kubeconfig);
console.log(JSON.stringify({ msg: 'listens' }));
