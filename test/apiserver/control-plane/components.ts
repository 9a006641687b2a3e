/** The command lines of the programs, for one control plane on the loopback address. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Programs } from './cache.ts';
import type { Command } from './child.ts';
import type { Pki } from './pki.ts';

export interface Site {
  readonly folder: string;
  readonly programs: Programs;
  readonly pki: Pki;
  readonly kubeconfig: string;
  readonly ports: { readonly etcd: number; readonly etcdPeer: number; readonly api: number };
}

const flags = (values: Readonly<Record<string, string | number>>): string[] =>
  Object.entries(values).map(([name, value]) => `--${name}=${value}`);

export const etcdCommand = (site: Site): Command => {
  const client = `http://127.0.0.1:${site.ports.etcd}`;
  const peer = `http://127.0.0.1:${site.ports.etcdPeer}`;
  const args = flags({
    'data-dir': join(site.folder, 'etcd'),
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': `default=${peer}`,
    'log-level': 'warn',
  });
  return { name: 'etcd', file: site.programs.paths.etcd, args: [...args, '--unsafe-no-fsync'] };
};

/** Every request's metadata, one JSON line each: counts what a client asks for. */
const auditFlags = (folder: string): string[] => {
  const policy = join(folder, 'audit-policy.json');
  const rules = [{ level: 'Metadata', omitStages: ['RequestReceived'] }];
  writeFileSync(policy, JSON.stringify({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules }));
  return flags({
    'audit-policy-file': policy,
    'audit-log-path': auditLogFile(folder),
    'audit-log-mode': 'blocking',
    // Megabytes after which another file is begun, where no test would look.
    'audit-log-maxsize': 10_000,
  });
};

export const auditLogFile = (folder: string): string => join(folder, 'audit.jsonl');

/** The front-proxy flags let the API server pass requests on to an aggregated API such as KEDA's metrics. */
export const apiServerCommand = (site: Site, audit: boolean): Command => {
  const { pki, ports, folder } = site;
  const args = flags({
    'etcd-servers': `http://127.0.0.1:${ports.etcd}`,
    'secure-port': ports.api,
    'bind-address': '127.0.0.1',
    'advertise-address': '10.1.1.1',
    'client-ca-file': pki.caFile,
    'tls-cert-file': pki.apiServer.certificate,
    'tls-private-key-file': pki.apiServer.key,
    'service-account-key-file': pki.serviceAccountKey,
    'service-account-signing-key-file': pki.serviceAccountKey,
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-cluster-ip-range': '10.0.0.0/16',
    'authorization-mode': 'RBAC',
    'allow-privileged': 'true',
    'disable-admission-plugins': 'ServiceAccount',
    'endpoint-reconciler-type': 'none',
    'requestheader-client-ca-file': pki.caFile,
    'requestheader-allowed-names': 'front-proxy',
    'requestheader-username-headers': 'X-Remote-User',
    'requestheader-group-headers': 'X-Remote-Group',
    'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
    'proxy-client-cert-file': pki.frontProxy.certificate,
    'proxy-client-key-file': pki.frontProxy.key,
  });
  const file = site.programs.paths['kube-apiserver'];
  return { name: 'kube-apiserver', file, args: audit ? [...args, ...auditFlags(folder)] : args };
};

/** Its default of 20 requests a second would be what a test with many objects measures. */
export const controllerManagerCommand = (site: Site, controllers = '*'): Command => ({
  name: 'kube-controller-manager',
  file: site.programs.paths['kube-controller-manager'],
  args: flags({
    kubeconfig: site.kubeconfig,
    'service-account-private-key-file': site.pki.serviceAccountKey,
    'root-ca-file': site.pki.caFile,
    'leader-elect': 'false',
    'secure-port': 0,
    controllers,
    'horizontal-pod-autoscaler-sync-period': '2s',
    'horizontal-pod-autoscaler-downscale-stabilization': '5s',
    // A busy test machine may be late with the node's heartbeat; that is no reason to evict pods.
    'node-monitor-grace-period': '10m',
    'kube-api-qps': 2000,
    'kube-api-burst': 2000,
    'concurrent-deployment-syncs': 20,
    'concurrent-replicaset-syncs': 20,
  }),
});

export const schedulerCommand = (site: Site): Command => ({
  name: 'kube-scheduler',
  file: site.programs.paths['kube-scheduler'],
  args: flags({
    kubeconfig: site.kubeconfig,
    'leader-elect': 'false',
    'secure-port': 0,
    'kube-api-qps': 1000,
    'kube-api-burst': 1000,
  }),
});

const STAGES = new URL('./stages.yaml', import.meta.url).pathname;

export const kwokCommand = (site: Site): Command => ({
  name: 'kwok',
  file: site.programs.paths.kwok,
  args: flags({
    kubeconfig: site.kubeconfig,
    config: STAGES,
    'manage-all-nodes': 'true',
    cidr: '10.244.0.0/16',
    'node-ip': '10.1.1.2',
  }),
});

const CAPACITY = { cpu: '512', memory: '512Gi', pods: '5000' };

/** The one node that every pod runs on; whoever plays the kubelet makes it ready. */
export const NODE = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'node-1', labels: { 'kubernetes.io/hostname': 'node-1', 'kubernetes.io/os': 'linux' } },
  status: { allocatable: CAPACITY, capacity: CAPACITY },
};
