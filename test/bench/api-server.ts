/**
 * A simulated API server with its controllers for workloads, as a process of its own: what it costs is not counted as
 * ours. Arguments: the kubeconfig file to write, and a file for one JSON line per request.
 */
import { createWriteStream, writeFileSync } from 'node:fs';
import { customResourceDefinitions } from '../../shared/api/crd.ts';
import { KINDS } from '../../shared/api/kinds.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { startControllers } from '../../shared/sim/controllers/index.ts';
import { createSimServer } from '../../shared/sim/server.ts';

const [kubeconfig = '', auditFile = ''] = process.argv.slice(2);
const server = createSimServer({ clock: systemClock, historyLimit: 50_000 });
for (const crd of customResourceDefinitions()) await server.kube.create(KINDS.crd, crd);
startControllers(server, { clock: systemClock });

const audit = createWriteStream(auditFile, { flags: 'a' });
const listening = await server.listen({
  onRequest: (method, url, headers) =>
    audit.write(`${JSON.stringify({ at: Date.now(), method, url, userAgent: headers['user-agent'] })}\n`),
});
writeFileSync(kubeconfig, listening.kubeconfig);
console.log(JSON.stringify({ msg: 'listens' }));
