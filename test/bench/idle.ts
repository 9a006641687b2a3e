/**
 * What Canaries cost that do nothing. The controller's bundle drives 20 Canaries that are initialised, on a simulated API
 * server in another process; for 60 s of real time the server writes down what is asked. Bookmarks of watches are no
 * requests. The controller's own Lease is renewed every 5 s however many Canaries there are, and is shown apart.
 * Goal: no request.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { KINDS } from '../../shared/api/kinds.ts';
import { atMost, type Bench, type Report, type Site } from './bench.ts';
import { openSimulated } from './cluster.ts';
import { cpuOfProcess } from './cpu.ts';
import { shown } from './numbers.ts';
import { follow, inPhase } from './phases.ts';
import { startControllerProgram } from './programs.ts';
import { describeRequests } from './requests.ts';
import { install, NAME, namespacesFor } from './workload.ts';

const CANARIES = 20;
const SECONDS = 60;
/** The last writes of the initialisation are looked at once more; then there is nothing left to do. */
const SETTLE_MS = 5000;

const run = async (site: Site): Promise<Report[]> => {
  const cluster = await openSimulated(site);
  const namespaces = namespacesFor('idle', CANARIES);
  await install(cluster.kube, 'bluegreen-hpa', namespaces);
  const controller = await startControllerProgram(site, cluster.kubeconfig);
  const canaries = await follow(cluster.kube, KINDS.canary);
  try {
    await canaries.all({ what: 'initialised', name: NAME, namespaces, test: inPhase('Initialized'), seconds: 120 });
    await wait(SETTLE_MS);
    site.say(`counting for ${SECONDS} s`);
    const cpu = cpuOfProcess(controller.pid);
    const from = Date.now();
    await wait(SECONDS * 1000);
    const used = cpuOfProcess(controller.pid) - cpu;
    const all = cluster.requests().filter(({ at }) => at >= from);
    const asked = all.filter(({ resource }) => resource !== KINDS.lease.plural);
    const perCanary = asked.length / CANARIES / (SECONDS / 60);
    return [
      {
        title: `IDLE: ${CANARIES} initialised Canaries for ${SECONDS} s`,
        headings: ['', 'value'],
        rows: [
          { cells: ['API requests per Canary and minute', shown(perCanary)], verdict: atMost(perCanary, 0, '') },
          { cells: ["requests for the controller's Lease, per minute", shown(all.length - asked.length)] },
          { cells: ['CPU of the controller, % of one core', shown((used / (SECONDS * 1000)) * 100)] },
        ],
        notes: asked.length === 0 ? [] : [describeRequests(asked)],
      },
    ];
  } finally {
    canaries.stop();
    await controller.stop();
    await cluster.stop();
  }
};

export const idle: Bench = { name: 'idle', about: 'API requests of Canaries that do nothing', run };
