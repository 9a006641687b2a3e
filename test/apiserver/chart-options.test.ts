import { describe, expect, it } from 'vitest';
import { KINDS } from '../../shared/api/kinds.ts';
import { groupOf, type KubeObject } from '../../shared/api/kube.ts';
import { SCALER_KINDS } from '../../shared/scaling/index.ts';
import { TARGET_KINDS } from '../../shared/targets/index.ts';
import {
  CHART,
  chartObjects,
  containerOf,
  describeObject,
  grantsOf,
  pick,
  type Rule,
  type Workload,
} from './chart-release.ts';
import { sharedCluster } from './shared-cluster.ts';

const cluster = sharedCluster();

const rulesOf = (objects: readonly KubeObject[], described: string): Rule[] =>
  pick(objects, described)['rules'] as Rule[];

describe('rights', () => {
  it('of the controller reach every kind of target and autoscaler', async () => {
    const grants = grantsOf(rulesOf(await chartObjects(cluster), 'ClusterRole/kubectl-canary-controller')).join('\n');
    const scalers = Object.values(KINDS).filter(({ kind }) => SCALER_KINDS.includes(kind));
    for (const { plural, apiVersion } of [...TARGET_KINDS, ...scalers]) {
      const group = groupOf(apiVersion);
      expect(grants.split('\n')).toContain(`update ${plural}${group === '' ? '' : `.${group}`}`);
    }
  });

  it.each([
    ['all where nothing is said', {}, ['ingresses', 'traefikservices']],
    ['those of the one provider', { meshProvider: 'nginx' }, ['ingresses']],
    ['those that are named', { meshProvider: 'nginx', rbac: { providers: ['traefik'] } }, ['traefikservices']],
    [
      'all where that is said',
      { meshProvider: 'kubernetes', rbac: { providers: ['all'] } },
      ['ingresses', 'traefikservices'],
    ],
    ['none that is not needed', { meshProvider: 'kubernetes' }, []],
  ])('of traffic providers: %s', async (_, values, resources) => {
    const rules = rulesOf(await chartObjects(cluster, values), 'ClusterRole/kubectl-canary-controller');
    const named = rules.flatMap((rule) => rule.resources).filter((name) => /^(ingresses|traefikservices)$/.test(name));
    expect([...new Set(named)]).toEqual(resources);
  });

  it('to write ConfigMaps and Secrets end with the tracking of them; addresses of chat channels are still read', async () => {
    const values = { configTracking: { enabled: false } };
    const objects = await chartObjects(cluster, values);
    const grants = grantsOf(rulesOf(objects, 'ClusterRole/kubectl-canary-controller'));
    expect(grants.filter((grant) => /secrets|configmaps/.test(grant)).sort()).toEqual([
      'get secrets',
      'list secrets',
      'watch secrets',
    ]);
    expect(containerOf(pick(objects, 'Deployment/kubectl-canary-controller')).args).toContain(
      '--enable-config-tracking=false',
    );
  });

  it('stay within one namespace where the controller works in one', async () => {
    const objects = await chartObjects(cluster, { namespace: 'shop' });
    const described = objects.map(describeObject);
    expect(described).toEqual(
      expect.arrayContaining([
        'Role/kubectl-canary-controller in shop',
        'RoleBinding/kubectl-canary-controller in shop',
      ]),
    );
    expect(described.filter((one) => /^ClusterRole\/.*controller/.test(one))).toEqual([
      'ClusterRole/kubectl-canary-controller-crds',
    ]);
    expect(rulesOf(objects, 'Role/kubectl-canary-controller in shop')).toEqual(
      rulesOf(await chartObjects(cluster), 'ClusterRole/kubectl-canary-controller'),
    );
  });

  it('are left to you where you say so', async () => {
    const objects = await chartObjects(cluster, {
      rbac: { create: false },
      serviceAccount: { create: false, name: 'mine' },
    });
    expect(objects.filter(({ kind }) => /Role/.test(kind))).toEqual([]);
    expect(pick<Workload>(objects, 'Deployment/kubectl-canary-controller').spec.template.spec).toMatchObject({
      serviceAccountName: 'mine',
    });
  });
});

describe('what is off by default', () => {
  it('the CRDs as templates are the ones of the chart, and survive its removal', async () => {
    const crds = (await chartObjects(cluster, { crd: { create: true } })).filter(({ kind }) => kind === KINDS.crd.kind);
    const { stdout } = await cluster.helm(['show', 'crds', CHART]);
    expect(crds).toHaveLength(3);
    for (const crd of crds) {
      expect(crd.metadata.annotations).toMatchObject({ 'helm.sh/resource-policy': 'keep' });
      expect(stdout).toContain(`name: ${crd.metadata.name}`);
    }
    const canaries = pick(crds, 'CustomResourceDefinition/canaries.flagger.app');
    const { annotations: _, ...metadata } = canaries.metadata;
    const input = JSON.stringify({ ...canaries, metadata });
    const answer = await cluster.kubectl(['create', '--dry-run=server', '--validate=strict', '-f', '-'], { input });
    expect(answer.stderr).toMatch(/^$|already exists/);
  });

  it('the PodMonitor selects both programs by the names of their ports', async () => {
    const objects = await chartObjects(cluster, {
      podMonitor: { enabled: true, additionalLabels: { release: 'prom' } },
    });
    const monitor = pick(objects, 'PodMonitor/kubectl-canary');
    const { selector, podMetricsEndpoints } = monitor['spec'] as {
      selector: { matchLabels: object };
      podMetricsEndpoints: { port: string }[];
    };
    expect(monitor.metadata.labels).toMatchObject({ release: 'prom' });
    for (const program of ['controller', 'webhook']) {
      const workload = pick<Workload>(objects, `Deployment/kubectl-canary-${program}`);
      expect(workload).toMatchObject({ spec: { template: { metadata: { labels: selector.matchLabels } } } });
      const ports = (containerOf(workload)['ports'] as { name: string }[]).map(({ name }) => name);
      expect(podMetricsEndpoints.filter(({ port }) => ports.includes(port))).toHaveLength(1);
    }
  });

  it('nothing of the webhook is left when it is switched off', async () => {
    expect(
      (await chartObjects(cluster, { webhook: { enabled: false } }))
        .map(describeObject)
        .filter((one) => /webhook/i.test(one)),
    ).toEqual([]);
  });
});
