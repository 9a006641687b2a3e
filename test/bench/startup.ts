/**
 * What it costs to start: CPU time of the plugin's commands, as ratios to a bare `node -e 0` and to `kubectl version
 * --client` that take turns with them, so that a busy machine harms all of them alike.
 * Goals: `--help` within 2x of bare node, `validate` and `get` (one list over TLS) within 5x.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KINDS } from '../../shared/api/kinds.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { installCrds } from '../../shared/sim/install.ts';
import { createSimServer } from '../../shared/sim/server.ts';
import { atMost, type Bench, type Report, type Row, type Site } from './bench.ts';
import { cpuOfCommand } from './cpu.ts';
import { median, range, shown, takeTurns, times } from './numbers.ts';
import { plugin } from './programs.ts';

const ROUNDS = 15;

const BARE = 'node -e 0';
const KUBECTL = 'kubectl version --client';

const CANARY = {
  apiVersion: 'flagger.app/v1beta1',
  kind: 'Canary',
  metadata: { name: 'podinfo', namespace: 'test' },
  spec: {
    provider: 'nginx',
    targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' },
    ingressRef: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'podinfo' },
    service: { port: 80 },
    analysis: { interval: '30s', threshold: 5, maxWeight: 50, stepWeight: 10 },
  },
};

interface Case {
  readonly command: readonly string[];
  /** At most this many times the CPU time of bare node; absent: only shown. */
  readonly goal?: number;
}

const casesOf = (site: Site, manifest: string, kubeconfigs: Kubeconfigs): Readonly<Record<string, Case>> => {
  const run = (...args: string[]): readonly string[] => [process.execPath, plugin(site), ...args];
  return {
    [BARE]: { command: [process.execPath, '-e', '0'] },
    [KUBECTL]: { command: ['kubectl', 'version', '--client'] },
    'kubectl-canary --help': { command: run('--help'), goal: 2 },
    'kubectl-canary version': { command: run('version', '--client') },
    'kubectl-canary validate -f': { command: run('validate', '-f', manifest), goal: 5 },
    'kubectl-canary get': { command: run('get', '-n', 'test'), goal: 5 },
    'kubectl-canary get, no TLS': { command: run('get', '-n', 'test', '--kubeconfig', kubeconfigs.plain), goal: 5 },
  };
};

interface Kubeconfigs {
  readonly secure: string;
  readonly plain: string;
}

/** A simulated API server with one Canary, over TLS and without; the kubeconfigs lie in the bench's folder. */
const serveCanary = async (site: Site) => {
  const server = createSimServer({ clock: systemClock });
  await installCrds(server);
  await server.kube.create(KINDS.canary, CANARY);
  const [secure, plain] = [await server.listen({ tls: true }), await server.listen()];
  const write = (name: string, text: string): string => {
    const file = join(site.folder, name);
    writeFileSync(file, text);
    return file;
  };
  return {
    kubeconfigs: {
      secure: write('secure.kubeconfig', secure.kubeconfig),
      plain: write('plain.kubeconfig', plain.kubeconfig),
    },
    close: () => Promise.all([secure.close(), plain.close()]),
  };
};

const run = async (site: Site): Promise<readonly Report[]> => {
  const manifest = join(site.folder, 'canary.json');
  writeFileSync(manifest, JSON.stringify(CANARY));
  const { kubeconfigs, close } = await serveCanary(site);
  try {
    const cases = casesOf(site, manifest, kubeconfigs);
    const env = { ...site.env, KUBECONFIG: kubeconfigs.secure };
    const measured = await takeTurns(Object.keys(cases), ROUNDS, (name) =>
      cpuOfCommand(cases[name]?.command ?? [], env),
    );
    const middle = (name: string): number => median(measured.get(name) ?? []);
    const rows = Object.entries(cases).map(([name, { goal }]): Row => {
      const cells = [
        name,
        shown(middle(name)),
        range(measured.get(name) ?? []),
        times(middle(name), middle(BARE)),
        times(middle(name), middle(KUBECTL)),
      ];
      return goal === undefined
        ? { cells }
        : { cells, verdict: atMost(middle(name) / middle(BARE), goal, 'x of node') };
    });
    return [{ title: 'START-UP', headings: ['', 'CPU ms', 'lowest–highest', 'to node', 'to kubectl'], rows }];
  } finally {
    await close();
  }
};

export const startup: Bench = {
  name: 'startup',
  about: 'CPU time of short commands against bare node and kubectl',
  run,
};
