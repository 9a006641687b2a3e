import { describe, expect, it } from 'vitest';
import { SERVING } from '../../plugin/cli/commands/serving.ts';
import { flagsOf } from '../../plugin/cli/spec.ts';
import type { KubeObject } from '../../shared/api/kube.ts';
import { type ConfigurationOptions, webhookConfigurations } from '../../webhook/admission/configuration.ts';
import { readSettings } from '../../webhook/settings.ts';
import {
  CHART,
  chartObjects,
  containerOf,
  describeObject,
  grantsOf,
  pick,
  type Rule,
  renderChart,
  type Workload,
} from './chart-release.ts';
import { sharedCluster } from './shared-cluster.ts';

const cluster = sharedCluster();

const rulesOf = (objects: readonly KubeObject[], described: string): Rule[] =>
  pick(objects, described)['rules'] as Rule[];
const refusal = async (values: object): Promise<string> => {
  const { code, stderr } = await renderChart(cluster, values);
  expect(code).not.toBe(0);
  return stderr;
};

/** Everything that can be switched on, and every text that ends up somewhere. */
const EVERYTHING = {
  image: { repository: 'example.org/kubectl-canary', tag: '9.9.9', pullPolicy: 'Always', pullSecret: 'registry' },
  meshProvider: 'nginx',
  namespace: 'shop',
  logLevel: 'debug',
  selectorLabels: 'app,k8s-app',
  includeLabelPrefix: '*',
  ingressAnnotationsPrefix: 'example.org',
  ingressClass: 'internal',
  noCrossNamespaceRefs: true,
  threadiness: 4,
  clusterName: 'north 1',
  leaderElection: { replicaCount: 2 },
  eventWebhook: 'https://events.example.org/in?key=k1',
  slack: { url: 'https://chat.example.org/hook/k2', token: 'k3', channel: '#releases', proxyUrl: 'http://proxy:3128' },
  msteams: { url: 'https://teams.example.org/k4', proxyUrl: 'http://proxy:3128' },
  env: [{ name: 'HTTPS_PROXY', value: 'http://proxy:3128' }],
  podLabels: { team: 'web' },
  deploymentLabels: { team: 'web' },
  podPriorityClassName: 'high',
  nodeSelector: { disk: 'fast' },
  tolerations: [{ key: 'dedicated', operator: 'Exists' }],
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }],
      },
    },
  },
  additionalVolumes: [{ name: 'more', emptyDir: {} }],
  additionalVolumeMounts: [{ name: 'more', mountPath: '/more' }],
  podDisruptionBudget: { enabled: true, minAvailable: '50%' },
  serviceAccount: { name: 'driver', annotations: { owner: 'web' } },
  webhook: {
    failurePolicy: 'Fail',
    timeoutSeconds: 7,
    namespaces: ['shop', 'blog'],
    drivers: [],
    service: { port: 8443, annotations: { owner: 'web' } },
    env: [{ name: 'A', value: 'b' }],
    podLabels: { team: 'web' },
    deploymentLabels: { team: 'web' },
    podPriorityClassName: 'system-cluster-critical',
    nodeSelector: { disk: 'fast' },
    tolerations: [{ operator: 'Exists' }],
    affinity: { podAntiAffinity: {} },
    podDisruptionBudget: { minAvailable: '50%' },
    serviceAccount: { name: 'judge', annotations: { owner: 'web' } },
  },
};

describe('the chart as helm renders it', () => {
  it('passes lint without a word of warning', async () => {
    const { code, stdout } = await cluster.helm(['lint', '--strict', CHART]);
    expect(stdout).not.toMatch(/WARNING|ERROR/);
    expect(code).toBe(0);
  });

  it('is these objects, unless told otherwise', async () => {
    expect((await chartObjects(cluster)).map(describeObject).toSorted()).toEqual([
      'ClusterRole/kubectl-canary-controller',
      'ClusterRole/kubectl-canary-controller-crds',
      'ClusterRole/kubectl-canary-webhook',
      'ClusterRoleBinding/kubectl-canary-controller',
      'ClusterRoleBinding/kubectl-canary-controller-crds',
      'ClusterRoleBinding/kubectl-canary-webhook',
      'Deployment/kubectl-canary-controller',
      'Deployment/kubectl-canary-webhook',
      'MutatingWebhookConfiguration/kubectl-canary',
      'PodDisruptionBudget/kubectl-canary-webhook',
      'Role/kubectl-canary-controller-lease',
      'Role/kubectl-canary-webhook',
      'RoleBinding/kubectl-canary-controller-lease',
      'RoleBinding/kubectl-canary-webhook',
      'Secret/kubectl-canary-webhook-certs',
      'Service/kubectl-canary-webhook',
      'ServiceAccount/kubectl-canary-controller',
      'ServiceAccount/kubectl-canary-webhook',
      'ValidatingWebhookConfiguration/kubectl-canary',
    ]);
  });

  it('is understood by the API server in every field, whatever is switched on', async () => {
    const shop = await cluster.namespace('chart-render');
    const objects = await chartObjects(cluster, { ...EVERYTHING, namespace: shop });
    const placed = objects.map((object) => ({
      ...object,
      metadata: { ...object.metadata, ...(object.metadata.namespace === undefined ? {} : { namespace: shop }) },
    }));
    const input = placed.map((object) => JSON.stringify(object)).join('\n---\n');
    const answer = await cluster.kubectl(
      ['apply', '--server-side', '--dry-run=server', '--validate=strict', '-f', '-'],
      { input },
    );
    expect(answer.stderr).toBe('');
    expect(answer.code).toBe(0);
    expect(placed.length).toBeGreaterThan(20);
    await cluster.kubectl(['delete', 'namespace', shop, '--wait=false']);
  });

  it('names everything after the release', async () => {
    const { stdout } = await cluster.helm(['template', 'blue', CHART, '--namespace', 'elsewhere']);
    expect(stdout).toContain('name: blue-kubectl-canary-webhook-certs');
    expect(stdout).toContain('--config-name=blue-kubectl-canary');
    expect(stdout).not.toContain('canary-system');
  });

  it('tells what it will do', async () => {
    const args = ['install', 'kubectl-canary', CHART, '--namespace', 'canary-system', '--dry-run=client'];
    const notes = async (...more: string[]) => (await cluster.helm([...args, ...more])).stdout.split('NOTES:')[1] ?? '';
    expect(await notes()).toContain('each Canary must name its own');
    expect(await notes('--set', 'meshProvider=nginx,namespace=shop')).toMatch(
      /works in namespace shop\.[^]*may be written: nginx \(rbac[^]*judges shop\./,
    );
  });
});

describe('values', () => {
  it.each([
    ['an unknown one', { replicas: 3 }, /additional properties 'replicas' not allowed/],
    ['an unknown one further down', { webhook: { certs: { kind: 'self' } } }, /\/webhook\/certs'.*'kind' not allowed/],
    ['a provider that no router serves', { meshProvider: 'isto' }, /\/meshProvider'/],
    ['a right for such a provider', { rbac: { providers: ['ngnix'] } }, /\/rbac\/providers\/0'/],
    ['an address without a scheme', { metricsServer: 'prometheus:9090' }, /\/metricsServer'/],
    ['a driver without its namespace', { webhook: { drivers: ['flagger'] } }, /\/webhook\/drivers\/0'/],
    [
      'a failing webhook that stands alone',
      { webhook: { failurePolicy: 'Fail', replicaCount: 1 } },
      /failurePolicy Fail takes webhook\.replicaCount of at least 2/,
    ],
  ])('refuse %s', async (_, values, words) => {
    expect(await refusal(values)).toMatch(words);
  });
});

describe('the webhook configurations', () => {
  const BASE: ConfigurationOptions = {
    name: 'kubectl-canary',
    target: { service: { name: 'kubectl-canary-webhook', namespace: 'canary-system' } },
    ownNamespace: 'canary-system',
  };

  it.each<[string, object, Partial<ConfigurationOptions>]>([
    ['by default', {}, {}],
    ['for a controller of one namespace', { namespace: 'shop' }, { onlyNamespaces: ['shop'] }],
    [
      'for named namespaces',
      { namespace: 'shop', webhook: { namespaces: ['a', 'b'] } },
      { onlyNamespaces: ['a', 'b'] },
    ],
    [
      'with another policy, patience and port',
      { webhook: { failurePolicy: 'Fail', timeoutSeconds: 9, service: { port: 8443 } } },
      {
        failurePolicy: 'Fail',
        timeoutSeconds: 9,
        target: { service: { name: 'kubectl-canary-webhook', namespace: 'canary-system', port: 8443 } },
      },
    ],
  ])('are what the program itself would register, %s', async (_, values, options) => {
    const objects = await chartObjects(cluster, values);
    const { validating, mutating } = webhookConfigurations({ ...BASE, ...options });
    expect(pick(objects, 'ValidatingWebhookConfiguration/kubectl-canary')['webhooks']).toEqual(validating['webhooks']);
    expect(pick(objects, 'MutatingWebhookConfiguration/kubectl-canary')['webhooks']).toEqual(mutating['webhooks']);
    expect(JSON.stringify(objects)).not.toContain('caBundle');
  });

  it('leave certificates to cert-manager where that is wanted, and the webhook without a right to them', async () => {
    const objects = await chartObjects(cluster, { webhook: { certs: { mode: 'cert-manager' } } });
    const injected = { 'cert-manager.io/inject-ca-from': 'canary-system/kubectl-canary-webhook' };
    expect(pick(objects, 'MutatingWebhookConfiguration/kubectl-canary').metadata.annotations).toEqual(injected);
    expect(pick(objects, 'ValidatingWebhookConfiguration/kubectl-canary').metadata.annotations).toEqual(injected);
    const { dnsNames, secretName, issuerRef } = pick(objects, 'Certificate/kubectl-canary-webhook')['spec'] as Record<
      string,
      unknown
    >;
    expect(dnsNames).toContain('kubectl-canary-webhook.canary-system.svc');
    expect(issuerRef).toEqual({ kind: 'Issuer', name: 'kubectl-canary-webhook' });
    expect(objects.map(describeObject)).toContain('Issuer/kubectl-canary-webhook');
    const webhook = pick<Workload>(objects, 'Deployment/kubectl-canary-webhook');
    expect(readSettings(containerOf(webhook).args, {})?.certFolder).toBe('/certs');
    expect(containerOf(webhook)['volumeMounts']).toEqual([{ name: 'certs', mountPath: '/certs', readOnly: true }]);
    expect(JSON.stringify(webhook.spec.template.spec)).toContain(`{"secretName":"${String(secretName)}"}`);
    expect(objects.map(describeObject)).not.toContain('Secret/kubectl-canary-webhook-certs');
    expect(grantsOf(rulesOf(objects, 'ClusterRole/kubectl-canary-webhook')).join()).not.toMatch(
      /secrets|admissionregistration/,
    );
  });

  it('take an issuer of your own', async () => {
    const issuerRef = { group: 'cert-manager.io', kind: 'ClusterIssuer', name: 'house' };
    const objects = await chartObjects(cluster, { webhook: { certs: { mode: 'cert-manager', issuerRef } } });
    expect(pick(objects, 'Certificate/kubectl-canary-webhook')['spec']).toMatchObject({ issuerRef });
    expect(objects.map(({ kind }) => kind)).not.toContain('Issuer');
  });
});

describe('the programs', () => {
  const argsOf = async (program: string, values: object): Promise<string[]> =>
    containerOf(pick(await chartObjects(cluster, values), `Deployment/kubectl-canary-${program}`)).args;

  it.each([
    ['by default', {}],
    ['with everything', EVERYTHING],
  ])('the controller is started with flags that it knows, %s', async (_, values) => {
    const [command, ...args] = await argsOf('controller', values);
    const spec = SERVING.find(({ name }) => name === command);
    const known = Object.keys(flagsOf(spec ?? { groups: [] }));
    expect(known).toEqual(expect.arrayContaining(args.map((arg) => /^--([a-z-]+)=/.exec(arg)?.[1])));
    expect(args).toContain('--leader-election-namespace=canary-system');
  });

  it('the webhook is started with flags that say what the values say', async () => {
    expect(readSettings(await argsOf('webhook', {}), { POD_NAMESPACE: 'canary-system' })).toMatchObject({
      namespace: 'canary-system',
      serviceName: 'kubectl-canary-webhook',
      secretName: 'kubectl-canary-webhook-certs',
      configName: 'kubectl-canary',
      port: 10250,
      healthPort: 8081,
      controllers: ['canary-system/kubectl-canary-controller', 'flagger-system/flagger', 'istio-system/flagger'],
      register: false,
    });
    expect(readSettings(await argsOf('webhook', EVERYTHING), {})).toMatchObject({
      controllers: ['canary-system/driver'],
      meshProvider: 'nginx',
      selectorLabels: ['app', 'k8s-app'],
      noCrossNamespaceRefs: true,
      logLevel: 'debug',
    });
  });

  it('get addresses that let anyone write into a chat from a Secret, never as arguments', async () => {
    const objects = await chartObjects(cluster, EVERYTHING);
    const secret = pick(objects, 'Secret/kubectl-canary-controller-notifications')['stringData'];
    expect(secret).toMatchObject({
      EVENT_WEBHOOK_URL: EVERYTHING.eventWebhook,
      SLACK_URL: EVERYTHING.slack.url,
      SLACK_TOKEN: 'k3',
      MSTEAMS_URL: EVERYTHING.msteams.url,
    });
    expect(JSON.stringify(pick(objects, 'Deployment/kubectl-canary-controller'))).not.toMatch(/\/k[24]|key=k1|k3/);
  });

  it.each(['controller', 'webhook'])('the %s may do no more on its node than the restricted level', async (program) => {
    const container = containerOf(pick<Workload>(await chartObjects(cluster), `Deployment/kubectl-canary-${program}`));
    expect(container['securityContext']).toMatchObject({
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(container).toMatchObject({
      livenessProbe: {},
      readinessProbe: {},
      startupProbe: {},
      resources: { limits: { memory: expect.any(String) as string } },
    });
  });
});
