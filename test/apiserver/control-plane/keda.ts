/** The real KEDA on a control plane: its CRDs, operator and metrics adapter. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Child, Command } from './child.ts';
import type { Site } from './components.ts';
import type { ClusterHandle } from './handle.ts';
import { freePorts } from './ports.ts';

const NAMESPACE = 'keda';
const API_SERVICE = 'v1beta1.external.metrics.k8s.io';

interface KedaPorts {
  readonly operatorMetrics: number;
  readonly operatorProbe: number;
  /** The operator serves the values to the adapter here. */
  readonly metricsService: number;
  readonly adapter: number;
  readonly adapterMetrics: number;
}

const environment = (site: Site): Record<string, string> => ({
  KUBECONFIG: site.kubeconfig,
  WATCH_NAMESPACE: '',
  POD_NAMESPACE: NAMESPACE,
  POD_NAME: 'keda-0',
  KEDA_CLUSTER_OBJECT_NAMESPACE: NAMESPACE,
  KEDA_HTTP_DEFAULT_TIMEOUT: '3000',
});

/** KEDA wants the names that Kubernetes gives the files of a TLS secret. */
const writeCertificates = (site: Site): string => {
  const folder = join(site.folder, 'keda-certs');
  mkdirSync(folder, { recursive: true });
  copyFileSync(site.pki.caFile, join(folder, 'ca.crt'));
  copyFileSync(site.pki.localhost.certificate, join(folder, 'tls.crt'));
  copyFileSync(site.pki.localhost.key, join(folder, 'tls.key'));
  return folder;
};

const operatorCommand = (site: Site, ports: KedaPorts, certificates: string): Command => ({
  name: 'keda-operator',
  file: site.programs.paths['keda-operator'],
  env: environment(site),
  args: [
    '--leader-elect=false',
    `--cert-dir=${certificates}`,
    `--metrics-bind-address=127.0.0.1:${ports.operatorMetrics}`,
    `--health-probe-bind-address=127.0.0.1:${ports.operatorProbe}`,
    `--metrics-service-bind-address=127.0.0.1:${ports.metricsService}`,
    '--enable-webhook-patching=false',
    '--enable-apiservice-patching=false',
    '--kube-api-qps=200',
    '--kube-api-burst=300',
    '--zap-log-level=error',
  ],
});

const adapterCommand = (site: Site, ports: KedaPorts, certificates: string): Command => ({
  name: 'keda-adapter',
  file: site.programs.paths['keda-adapter'],
  env: environment(site),
  args: [
    ...['kubeconfig', 'lister-kubeconfig', 'authentication-kubeconfig', 'authorization-kubeconfig'].map(
      (flag) => `--${flag}=${site.kubeconfig}`,
    ),
    `--secure-port=${ports.adapter}`,
    '--bind-address=127.0.0.1',
    `--port=${ports.adapterMetrics}`,
    `--tls-cert-file=${site.pki.localhost.certificate}`,
    `--tls-private-key-file=${site.pki.localhost.key}`,
    `--cert-dir=${certificates}`,
    `--metrics-service-address=localhost:${ports.metricsService}`,
    '--zap-log-level=error',
  ],
});

/** How the API server finds the adapter: a Service that is an alias of localhost. */
const aggregation = (port: number): object[] => [
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'keda-metrics', namespace: NAMESPACE },
    spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ port }] },
  },
  {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: API_SERVICE },
    spec: {
      group: 'external.metrics.k8s.io',
      version: 'v1beta1',
      groupPriorityMinimum: 100,
      versionPriority: 100,
      insecureSkipTLSVerify: true,
      service: { namespace: NAMESPACE, name: 'keda-metrics', port },
    },
  },
];

/** Installs the CRDs and starts both programs. Resolves when the API server serves KEDA's metrics. */
export const startKeda = async (
  site: Site,
  cluster: ClusterHandle,
  start: (command: Command) => Child,
  waitFor: (what: string, look: () => Promise<boolean>) => Promise<void>,
): Promise<void> => {
  const [operatorMetrics, operatorProbe, metricsService, adapter, adapterMetrics] = (await freePorts(5)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const ports = { operatorMetrics, operatorProbe, metricsService, adapter, adapterMetrics };
  const certificates = writeCertificates(site);
  const crds = await cluster.kubectl(['apply', '--server-side', '-f', site.programs.kedaCrds]);
  if (crds.code !== 0) throw new Error(`KEDA's CRDs: ${crds.stderr.trim()}`);
  await cluster.kubectl(['wait', '--for=condition=Established', '-f', site.programs.kedaCrds, '--timeout=60s']);
  await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  start(operatorCommand(site, ports, certificates));
  start(adapterCommand(site, ports, certificates));
  await cluster.apply(...aggregation(adapter));
  const path = '{.status.conditions[?(@.type=="Available")].status}';
  await waitFor('KEDA to serve its metrics', async () => {
    const seen = await cluster.kubectl(['get', 'apiservice', API_SERVICE, '-o', `jsonpath=${path}`]);
    return seen.stdout === 'True';
  });
};
