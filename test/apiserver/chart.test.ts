import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMAND_ANNOTATION, serializeCommand } from '../../shared/api/command.ts';
import type { KubeObject } from '../../shared/api/kube.ts';
import { schemaFreeCrds } from '../golden/runner/foreign-crds.ts';
import { aCanary, withAnalysis, withSpec } from '../make/canary.ts';
import { named } from '../make/modify.ts';
import { serveEndpoint } from '../support/endpoint.ts';
import { ScriptedPrometheus } from '../support/scripted-prometheus.ts';
import { eventuallyAlive, logOf, startAs } from './chart-programs.ts';
import { allowedOf, CHART, conductOf, grantsOf, type Rule } from './chart-release.ts';
import { blueGreen, configs, daemon, edge, ingress, TRAEFIK_SERVICE } from './chart-world.ts';
import type { Child } from './control-plane/child.ts';
import type { CommandResult } from './control-plane/handle.ts';
import { freePorts } from './control-plane/ports.ts';
import { type ControlPlane, startControlPlane } from './control-plane/start.ts';

const HOME = 'canary-system';
const NEXT = 'example.org/podinfo:2.0.0';
const PAUSED = 'autoscaling.keda.sh/paused-replicas';

/** A control plane of its own: the controller works in all namespaces, and would drive the Canaries of other tests. */
let cluster: ControlPlane;
let metrics = '';
let webhookPort = 0;
let controller: Child;
let webhook: Child;
/** Ends in reverse what was started. */
const endings: (() => Promise<void> | void)[] = [];

const kubectl = (...args: string[]): Promise<CommandResult> => cluster.kubectl(args);
const send = (verb: string[], ...objects: object[]): Promise<CommandResult> =>
  cluster.kubectl([...verb, '-f', '-'], { input: objects.map((object) => JSON.stringify(object)).join('\n---\n') });
const orFail = async (running: Promise<CommandResult>): Promise<string> => {
  const { code, stdout, stderr } = await running;
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
};
const field = async (namespace: string, object: string, path: string): Promise<string> =>
  orFail(kubectl('get', object, '-n', namespace, '-o', `jsonpath=${path}`));
const phaseOf = (namespace: string, name: string): Promise<string> =>
  field(namespace, `canary/${name}`, '{.status.phase}');

const startController = async (): Promise<Child> => {
  const deployment = { name: 'kubectl-canary-controller', namespace: HOME, folder: 'plugin' } as const;
  const child = await startAs(cluster, deployment, ['--port', '0']);
  endings.push(() => child.stop());
  return child;
};

/** A busy machine must not turn a look-up into "accepted unchecked". */
const PATIENT = ['--lookup-timeout', '2s', '--lookup-budget', '2s', '--drain-delay', '0s', '--cert-check', '1s'];

const startWebhook = async (): Promise<Child> => {
  const where = ['--address', '127.0.0.1', '--port', String(webhookPort), '--health-port', '0'];
  const deployment = { name: 'kubectl-canary-webhook', namespace: HOME, folder: 'webhook' } as const;
  const child = await startAs(cluster, deployment, [...where, ...PATIENT]);
  endings.push(() => child.stop());
  return child;
};

const until = (what: string, look: () => Promise<boolean>): Promise<void> =>
  eventuallyAlive([controller, webhook], look, { what });

const allIn = async (phase: string): Promise<boolean> => {
  const phases = await orFail(kubectl('get', 'canaries', '-n', 'shop', '-o', 'jsonpath={.items[*].status.phase}'));
  return phases === [phase, phase, phase, phase].join(' ');
};

const badCanary = (): KubeObject => {
  const canary = aCanary(withAnalysis({ interval: '1h' })) as unknown as KubeObject;
  return { ...canary, metadata: { name: 'bad', namespace: 'shop' } };
};
const isInForce = async (): Promise<boolean> =>
  (await send(['create', '--dry-run=server'], badCanary())).stderr.includes('[CANARY-DUR-002]');

/** The Service leads to this machine, where the webhook runs; names and ports stay as the chart made them. */
const leadToUs = (): Promise<string> => {
  const spec = { type: 'ExternalName', externalName: 'localhost', clusterIP: null, clusterIPs: null };
  const patch = ['--type', 'merge', '-p', JSON.stringify({ spec })];
  return orFail(kubectl('patch', 'service/kubectl-canary-webhook', '-n', HOME, ...patch));
};

const install = async (): Promise<void> => {
  [webhookPort] = (await freePorts(1)) as [number];
  const values = {
    meshProvider: 'kubernetes',
    metricsServer: metrics,
    rbac: { providers: ['kubernetes', 'nginx', 'traefik'] },
    webhook: { service: { port: webhookPort } },
  };
  const args = ['install', 'kubectl-canary', CHART, '--namespace', HOME, '--values', '-', '--wait', '--timeout', '90s'];
  await orFail(cluster.helm(args, { input: JSON.stringify(values), timeoutMs: 100_000 }));
};

beforeAll(async () => {
  cluster = await startControlPlane({ audit: true });
  endings.push(() => cluster.stop());
  const served = await serveEndpoint(new ScriptedPrometheus());
  endings.push(() => served.close());
  metrics = `http://${served.host}`;
  await orFail(kubectl('apply', '--server-side', '-f', cluster.programs.kedaCrds));
  await cluster.apply(...schemaFreeCrds([TRAEFIK_SERVICE]));
  await orFail(kubectl('create', 'namespace', 'shop'));
  await orFail(kubectl('create', 'namespace', HOME));
  await orFail(kubectl('label', 'namespace', HOME, 'pod-security.kubernetes.io/enforce=restricted'));
  await install();
  await leadToUs();
  controller = await startController();
  webhook = await startWebhook();
  await until('the webhook to be in force', isInForce);
});

afterAll(async () => {
  for (const end of endings.toReversed()) await end();
});

describe('a release of the chart', () => {
  it('runs its pods at the restricted Pod Security level, and the webhook twice', async () => {
    expect(await field(HOME, 'deployment/kubectl-canary-controller', '{.status.availableReplicas}')).toBe('1');
    expect(await field(HOME, 'deployment/kubectl-canary-webhook', '{.status.availableReplicas}')).toBe('2');
    const allowed = () => field(HOME, 'pdb/kubectl-canary-webhook', '{.status.disruptionsAllowed}');
    await until('one of them to be allowed to go', async () => (await allowed()) === '1');
  });

  it('judges through the Service that it names, by the certificate that its process wrote', async () => {
    const answer = await send(['apply'], badCanary());
    expect(answer.stderr).toContain(
      'spec.analysis.interval: "1h": only minutes and seconds are accepted here. Write 60m. [CANARY-DUR-002]',
    );
    expect(await field('shop', 'canaries', '{.items[*].metadata.name}')).toBe('');
  });

  it('carries rollouts of every provider from start to end', async () => {
    await cluster.apply(...blueGreen('shop', metrics), ...ingress('shop'), ...edge('shop'), ...daemon('shop'));
    await until('all to be initialised', () => allIn('Initialized'));
    await orFail(kubectl('delete', 'configmap/fixed', 'secret/fixed', '-n', 'shop'));
    await cluster.apply(...configs('shop', 'two'));
    await orFail(kubectl('patch', 'hpa/web', '-n', 'shop', '-p', '{"spec":{"maxReplicas":3}}'));
    await orFail(
      kubectl('patch', 'scaledobject/podinfo-so', '-n', 'shop', '--type=merge', '-p', '{"spec":{"maxReplicaCount":4}}'),
    );
    await orFail(
      kubectl('set', 'image', 'deployment/web', 'deployment/edge', 'daemonset/agent', `*=${NEXT}`, '-n', 'shop'),
    );
    await until('all to be promoted', () => allIn('Succeeded'));
    for (const name of ['live-primary', 'fixed-primary']) {
      expect(await field('shop', `configmap/${name}`, '{.data.text}')).toBe('two');
      expect(await field('shop', `secret/${name}`, '{.data.text}')).toBe(Buffer.from('two').toString('base64'));
    }
    expect(await field('shop', 'hpa/web-primary', '{.spec.maxReplicas}')).toBe('3');
    expect(await field('shop', 'scaledobject/podinfo-so-primary', '{.spec.maxReplicaCount}')).toBe('4');
  });

  it.each([
    ['edge', 'deployment'],
    ['agent', 'daemonset'],
  ])('puts %s back to its former revision when somebody asks for it', async (name, kind) => {
    const image = () => field('shop', `${kind}/${name}-primary`, '{.spec.template.spec.containers[0].image}');
    expect(await image()).toBe(NEXT);
    const undo = serializeCommand({ id: 'undo', verb: 'undo', at: new Date().toISOString() });
    await orFail(kubectl('annotate', `canary/${name}`, '-n', 'shop', `${COMMAND_ANNOTATION}=${undo}`));
    const isBack = async (): Promise<boolean> =>
      (await image()) !== NEXT && (await phaseOf('shop', name)) === 'Succeeded';
    await until(`${name} to serve its former revision`, isBack);
    expect(await field('shop', `canary/${name}`, '{.status.commands[*].result}')).toBe('obeyed');
  });

  it('keeps the target paused when its ScaledObject comes again without a word of it', async () => {
    const bare = blueGreen('shop', metrics).find(({ kind }) => kind === 'ScaledObject') as KubeObject;
    const pause = () =>
      field('shop', 'scaledobject/podinfo-so', `{.metadata.annotations.${PAUSED.replaceAll('.', '\\.')}}`);
    expect(await pause()).toBe('0');
    const version = await field('shop', 'scaledobject/podinfo-so', '{.metadata.resourceVersion}');
    await orFail(send(['replace'], { ...bare, metadata: { ...bare.metadata, resourceVersion: version } }));
    expect(await pause()).toBe('0');
  });

  it('gives everything back when a Canary asked for that goes', async () => {
    await orFail(kubectl('delete', 'canary', 'web', '-n', 'shop', '--timeout=60s'));
    expect(await field('shop', 'deployment/web', '{.spec.replicas}')).not.toBe('0');
  });
});

/** Rights of these roles that the ServiceAccount has not used; who may list may get. */
const unusedRights = async (account: string, roles: readonly string[]): Promise<string[]> => {
  const rules = await Promise.all(roles.map(async (role) => JSON.parse(await field(HOME, role, '{.rules}')) as Rule[]));
  const { used } = conductOf(cluster, HOME, account);
  const isUsed = (grant: string): boolean => used.includes(grant) || used.includes(grant.replace(/^get /, 'list '));
  return grantsOf(rules.flat()).filter((grant) => !isUsed(grant));
};

const allowed = async (account: string, asks: readonly string[]): Promise<string[]> =>
  allowedOf(cluster, await cluster.serviceAccountKubeconfig(HOME, account), asks);

describe('the rights of the controller', () => {
  const ACCOUNT = 'kubectl-canary-controller';

  it('were enough for all of that', () => {
    expect(conductOf(cluster, HOME, ACCOUNT).forbidden).toEqual([]);
    expect(logOf(controller)).not.toMatch(/forbidden/i);
  });

  it('were all used, but what the API server asks for on its own and what only a repeated event takes', async () => {
    const roles = [`clusterrole/${ACCOUNT}`, `clusterrole/${ACCOUNT}-crds`, `role/${ACCOUNT}-lease`];
    const unused = await unusedRights(ACCOUNT, roles);
    expect(unused.filter((grant) => grant !== 'patch events')).toEqual(['update canaries/finalizers.flagger.app']);
  });

  it('do not reach further', async () => {
    const asks = [
      'delete deployments.apps @shop',
      'update deployments.apps/scale @shop',
      'list pods @shop',
      'create pods @shop',
      'create pods/exec @shop',
      'get nodes',
      'list namespaces',
      `create serviceaccounts/token @${HOME}`,
      'delete services @shop',
      'update canaries.flagger.app @shop',
      'delete canaries.flagger.app @shop',
      'patch metrictemplates.flagger.app @shop',
      'delete scaledobjects.keda.sh @shop',
      'delete ingresses.networking.k8s.io @shop',
      `update leases.coordination.k8s.io:kubectl-canary-shard-4 @${HOME}`,
      'update leases.coordination.k8s.io:canary-podinfo @shop',
      'create leases.coordination.k8s.io @shop',
      'patch customresourcedefinitions.apiextensions.k8s.io:canaries.flagger.app',
      'patch mutatingwebhookconfigurations.admissionregistration.k8s.io:kubectl-canary',
      'create clusterrolebindings.rbac.authorization.k8s.io',
      'escalate clusterroles.rbac.authorization.k8s.io',
      'impersonate users',
    ];
    const control = ['delete secrets @shop', `update leases.coordination.k8s.io:kubectl-canary-shard-0 @${HOME}`];
    expect(await allowed(ACCOUNT, [...asks, ...control])).toEqual(control);
  });
});

describe('the rights of the webhook', () => {
  const ACCOUNT = 'kubectl-canary-webhook';

  it('were enough', () => {
    expect(conductOf(cluster, HOME, ACCOUNT).forbidden).toEqual([]);
    expect(logOf(webhook)).not.toMatch(/forbidden/i);
  });

  it('were all used', async () => {
    const daemon = aCanary(
      withSpec({ targetRef: { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'agent' } }),
    ) as unknown as KubeObject;
    await send(['create', '--dry-run=server'], named('agent', 'shop')(daemon));
    expect(await unusedRights(ACCOUNT, [`clusterrole/${ACCOUNT}`, `role/${ACCOUNT}`])).toEqual([]);
  });

  it('do not reach further', async () => {
    const asks = [
      `get secrets:sh.helm.release.v1.kubectl-canary.v1 @${HOME}`,
      'get secrets:podinfo @shop',
      `list secrets @${HOME}`,
      `create secrets @${HOME}`,
      `delete secrets:kubectl-canary-webhook-certs @${HOME}`,
      'get mutatingwebhookconfigurations.admissionregistration.k8s.io:another',
      'create validatingwebhookconfigurations.admissionregistration.k8s.io',
      'delete validatingwebhookconfigurations.admissionregistration.k8s.io:kubectl-canary',
      'patch canaries.flagger.app @shop',
      'update canaries.flagger.app:podinfo @shop',
      'patch scaledobjects.keda.sh @shop',
      'create events @shop',
      'get configmaps @shop',
      'patch deployments.apps @shop',
      'list pods @shop',
      `get leases.coordination.k8s.io @${HOME}`,
      'create clusterrolebindings.rbac.authorization.k8s.io',
      'impersonate users',
    ];
    const control = [`update secrets:kubectl-canary-webhook-certs @${HOME}`, 'get canaries.flagger.app @shop'];
    expect(await allowed(ACCOUNT, [...asks, ...control])).toEqual(control);
  });
});

describe('later', () => {
  const certificates = () => field(HOME, 'secret/kubectl-canary-webhook-certs', '{.data}');
  const bundle = () => field('', 'mutatingwebhookconfiguration/kubectl-canary', '{.webhooks[0].clientConfig.caBundle}');

  it('an upgrade changes what it is told to, and leaves certificates and trust alone', async () => {
    const before = [await certificates(), await bundle()];
    expect(before.every((text) => text.length > 500)).toBe(true);
    const args = [
      'upgrade',
      'kubectl-canary',
      CHART,
      '--namespace',
      HOME,
      '--reset-then-reuse-values',
      '--set',
      'webhook.timeoutSeconds=5',
    ];
    await orFail(cluster.helm(args));
    expect([await certificates(), await bundle()]).toEqual(before);
    expect(await field('', 'mutatingwebhookconfiguration/kubectl-canary', '{.webhooks[0].timeoutSeconds}')).toBe('5');
    expect(await isInForce()).toBe(true);
  });

  it('so does a tool that applies what helm renders again and again', async () => {
    const before = [await certificates(), await bundle()];
    const manifest = await orFail(cluster.helm(['get', 'manifest', 'kubectl-canary', '--namespace', HOME]));
    const apply = ['apply', '--server-side', '--force-conflicts', '--field-manager=argocd-controller', '-f', '-'];
    await orFail(cluster.kubectl(apply, { input: manifest }));
    await orFail(cluster.kubectl(apply, { input: manifest }));
    expect([await certificates(), await bundle()]).toEqual(before);
  });

  it('nothing is left of it after its removal but CRDs and what users made', async () => {
    expect([await controller.stop(), await webhook.stop()]).toEqual([undefined, undefined]);
    await orFail(cluster.helm(['uninstall', 'kubectl-canary', '--namespace', HOME, '--wait']));
    const kinds =
      'deployment,service,secret,serviceaccount,role,rolebinding,pdb,clusterrole,clusterrolebinding,validatingwebhookconfiguration,mutatingwebhookconfiguration';
    expect(
      await orFail(
        kubectl('get', kinds, '--all-namespaces', '-l', 'app.kubernetes.io/name=kubectl-canary', '-o', 'name'),
      ),
    ).toBe('');
    expect(await field('shop', 'canaries', '{.items[*].metadata.name}')).toBe('agent edge podinfo');
  });
});

describe('a release for one namespace', () => {
  it('initialises a Canary there, with no right and no request anywhere else', async () => {
    const namespace = 'team';
    await orFail(kubectl('create', 'namespace', namespace));
    const values = `namespace=${namespace},meshProvider=kubernetes,webhook.enabled=false,metricsServer=${metrics}`;
    await orFail(cluster.helm(['install', 'kubectl-canary', CHART, '--namespace', HOME, '--set', values]));
    const own = await startController();
    await cluster.apply(...blueGreen(namespace, metrics));
    await eventuallyAlive([own], async () => (await phaseOf(namespace, 'podinfo')) === 'Initialized', {
      what: 'the Canary to be initialised',
    });
    expect(conductOf(cluster, HOME, 'kubectl-canary-controller').forbidden).toEqual([]);
    const asks = [
      `list secrets @${namespace}`,
      'list secrets @shop',
      'list canaries.flagger.app @shop',
      'list leases.coordination.k8s.io',
    ];
    expect(await allowed('kubectl-canary-controller', asks)).toEqual([`list secrets @${namespace}`]);
  });
});
