/** A real webhook process that registers itself with a running control plane. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { eventually } from './control-plane/eventually.ts';
import type { ClusterHandle } from './control-plane/handle.ts';

export interface WebhookPlace {
  readonly cluster: ClusterHandle;
  /** Where its Secret lies; never judged. */
  readonly home: string;
  /** Name of its configurations and of its Secret. */
  readonly name: string;
  /** The only namespaces that it judges: other tests share the cluster. */
  readonly judged: readonly string[];
  /** Whose rights it has. */
  readonly kubeconfig: string;
}

export interface WebhookProcess {
  readonly port: number;
  /** Log lines as data. */
  readonly log: readonly Readonly<Record<string, unknown>>[];
  /** `/readyz`, `/metrics` …: status and text. */
  look(path: string): Promise<{ status: number; text: string }>;
  /** Sends the signal and resolves with the exit code. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

/** At ports of this machine that are free; it registers itself. */
export const LOCAL_FLAGS: readonly string[] = [
  '--address',
  '127.0.0.1',
  '--port',
  '0',
  '--health-port',
  '0',
  '--register',
  '--url',
  'https://127.0.0.1:0',
];
/** A busy machine must not turn a look-up into "accepted unchecked". */
const PATIENT = ['--lookup-timeout', '2s', '--lookup-budget', '2s', '--drain-delay', '0s'];

/** Starts it and resolves when it is ready: certificates made, configurations written, objects watched. */
export const startWebhookProcess = async (
  place: WebhookPlace,
  more: readonly string[] = [],
): Promise<WebhookProcess> => {
  const { cluster, home, name, judged, kubeconfig } = place;
  const where = ['--kubeconfig', kubeconfig, '--namespace', home, '--config-name', name, '--secret-name', name];
  const args = [
    '--import',
    'tsx',
    'webhook/main.ts',
    ...where,
    '--only-namespaces',
    judged.join(','),
    ...LOCAL_FLAGS,
    ...PATIENT,
    ...more,
  ];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...cluster.environment },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const log: Record<string, unknown>[] = [];
  createInterface({ input: child.stderr }).on('line', (line) =>
    log.push(line.startsWith('{') ? JSON.parse(line) : { msg: line }),
  );
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));

  const serving = await eventually(
    () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${JSON.stringify(log.at(-1))}`);
      return log.find((line) => line['msg'] === 'webhook serves');
    },
    { what: 'the webhook to serve' },
  );
  const look = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${String(serving['healthPort'])}${path}`);
    return { status: response.status, text: await response.text() };
  };
  await eventually(async () => (await look('/readyz')).status === 200, { what: 'the webhook to be ready' });
  return {
    port: Number(serving['port']),
    log,
    look,
    end(signal = 'SIGTERM') {
      child.kill(signal);
      return ended;
    },
  };
};

/** What a webhook may do, and nothing more: a ServiceAccount `webhook` in its home. */
export const webhookRights = (home: string, name: string): object[] => {
  const subject = { kind: 'ServiceAccount', name: 'webhook', namespace: home };
  const secrets = [
    { apiGroups: [''], resources: ['secrets'], verbs: ['create'] },
    { apiGroups: [''], resources: ['secrets'], resourceNames: [name], verbs: ['get', 'update'] },
  ];
  const configurations = ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'];
  const cluster = [
    { apiGroups: ['admissionregistration.k8s.io'], resources: configurations, verbs: ['create'] },
    {
      apiGroups: ['admissionregistration.k8s.io'],
      resources: configurations,
      resourceNames: [name],
      verbs: ['get', 'update', 'patch'],
    },
    { apiGroups: ['flagger.app'], resources: ['canaries'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: ['keda.sh'], resources: ['scaledobjects'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: ['apps'], resources: ['daemonsets'], verbs: ['get'] },
    { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'], verbs: ['get', 'list', 'watch'] },
  ];
  const rbac = 'rbac.authorization.k8s.io';
  const role = { apiGroup: rbac, kind: 'Role', name: 'webhook' };
  const clusterRole = { apiGroup: rbac, kind: 'ClusterRole', name };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'webhook', namespace: home } },
    { apiVersion: `${rbac}/v1`, kind: 'Role', metadata: { name: 'webhook', namespace: home }, rules: secrets },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata: { name: 'webhook', namespace: home },
      roleRef: role,
      subjects: [subject],
    },
    { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name }, rules: cluster },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: clusterRole,
      subjects: [subject],
    },
  ];
};
