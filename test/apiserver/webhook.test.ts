import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../shared/api/kube.ts';
import { aCanary, withAnalysis, withAutoscaler, withSpec } from '../make/canary.ts';
import { modify, named, withAnnotations } from '../make/modify.ts';
import { aScaledObject, aTrigger, withTriggers } from '../make/scaled-object.ts';
import { eventually } from './control-plane/eventually.ts';
import type { CommandResult } from './control-plane/handle.ts';
import { sharedCluster } from './shared-cluster.ts';
import { startWebhookProcess, type WebhookPlace, type WebhookProcess, webhookRights } from './webhook-process.ts';

const PAUSED = 'autoscaling.keda.sh/paused-replicas';
const PRIMARY_QUERY = 'sum(rate(http_requests_total{ app="podinfo-primary" }[30s]))';

const cluster = sharedCluster();
let place: WebhookPlace;
let namespace = '';
let webhook: WebhookProcess;

const textOf = (...objects: readonly object[]): string => objects.map((object) => JSON.stringify(object)).join('\n---\n');
const here = <T extends KubeObject>(object: T, name = object.metadata.name): T => named(name, namespace)(object);
const canary = (...modifiers: Parameters<typeof aCanary>) => here(aCanary(...modifiers) as unknown as KubeObject);
const scaledObject = (...modifiers: Parameters<typeof aScaledObject>) => here(aScaledObject(...modifiers) as KubeObject);

const kubectl = (args: readonly string[], ...objects: readonly object[]): Promise<CommandResult> =>
  cluster.kubectl([...args, ...(objects.length === 0 ? [] : ['-f', '-'])], { input: textOf(...objects) });
const apply = (...objects: readonly object[]): Promise<CommandResult> => kubectl(['apply'], ...objects);
const withQueries = (queries: Record<string, string>) =>
  withAutoscaler({ apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', name: 'podinfo-so', primaryScalerQueries: queries });
const field = async (resource: string, name: string, path: string): Promise<string> =>
  (await cluster.kubectl(['get', resource, name, '-n', namespace, '-o', `jsonpath=${path}`])).stdout;
const pauseOf = (): Promise<string> => field('scaledobject', 'podinfo-so', '{.metadata.annotations.autoscaling\\.keda\\.sh/paused-replicas}');
const setPhase = (name: string, phase: string): Promise<CommandResult> => {
  const status = { phase, canaryWeight: 0, failedChecks: 0, iterations: 0 };
  return kubectl(['patch', 'canary', name, '-n', namespace, '--subresource', 'status', '--type', 'merge', '-p', JSON.stringify({ status })]);
};

/** API servers read new configurations by a watch: the webhook is in force once it refuses a bad object. */
const inForce = (): Promise<unknown> => {
  const bad = canary(withAnalysis({ interval: '1h' }));
  const isRefused = async () => (await kubectl(['create', '--dry-run=server'], bad)).stderr.includes('[CANARY-DUR-002]');
  return eventually(isRefused, { what: 'the webhook to be in force' });
};

/** Stood in the cluster before there was a webhook. */
const badFromBefore = () => {
  const targetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'old' } as const;
  return here(canary(withAnalysis({ iterations: undefined, stepWeight: 0 }), withSpec({ targetRef })), 'old');
};

beforeAll(async () => {
  const crds = await kubectl(['apply', '--server-side', '-f', 'charts/kubectl-canary/crds']);
  expect(crds.stderr).toBe('');
  await kubectl(['wait', '--for=condition=Established', 'crd/canaries.flagger.app', '--timeout=60s']);
  namespace = await cluster.namespace('webhook');
  const home = await cluster.namespace('webhook-home');
  await cluster.apply(...webhookRights(home, home));
  await cluster.apply(badFromBefore());
  place = { cluster, home, name: home, judged: [namespace], kubeconfig: await cluster.serviceAccountKubeconfig(home, 'webhook') };
  webhook = await startWebhookProcess(place, ['--mesh-provider', 'kubernetes', '--cert-check', '1s']);
  await inForce();
});

afterAll(async () => {
  await webhook?.end();
  await kubectl(['delete', 'validatingwebhookconfiguration,mutatingwebhookconfiguration', place.name, '--ignore-not-found']);
  await kubectl(['delete', 'clusterrole,clusterrolebinding', place.name, '--ignore-not-found']);
  await kubectl(['delete', 'namespace', namespace, place.home, '--wait=false']);
});

afterEach(async () => {
  await kubectl(['delete', 'canary', 'podinfo', '-n', namespace, '--ignore-not-found']);
  await kubectl(['delete', 'scaledobject', 'podinfo-so', '-n', namespace, '--ignore-not-found', '--wait=false']);
});

const refused = (answer: CommandResult, text: string): void => {
  expect(answer.stderr).toContain(text);
  expect(answer.code).toBe(1);
};

describe('kubectl apply of a Canary', () => {
  it('is refused when a query names no trigger and its trigger has no name, with where and how', async () => {
    const { name: _, ...unnamed } = aTrigger();
    expect((await apply(scaledObject(withTriggers(unnamed)))).code).toBe(0);
    const answer = await apply(canary(withQueries({ 'prom-trigger': PRIMARY_QUERY })));
    refused(
      answer,
      [
        'The Canary "podinfo" is invalid: ',
        '* spec.autoscalerRef.primaryScalerQueries: trigger 0 (prometheus) of ScaledObject podinfo-so has no name, so no query here can be for it. Set spec.triggers[0].name (not metadata.name). [CANARY-KEDA-002]',
        '* spec.autoscalerRef.primaryScalerQueries[prom-trigger]: ScaledObject podinfo-so has no trigger named "prom-trigger" (it has: none). Set spec.triggers[0].name: prom-trigger if it is meant for that one. [CANARY-KEDA-001]',
      ].join('\n'),
    );
    expect(await cluster.get('canary', 'podinfo', namespace)).toBeUndefined();
  });

  it('is refused when a key matches no trigger, and lists the triggers there are', async () => {
    await apply(scaledObject());
    const answer = await apply(canary(withQueries({ requests: PRIMARY_QUERY })));
    refused(answer, 'spec.autoscalerRef.primaryScalerQueries[requests]: ScaledObject podinfo-so has no trigger named "requests" (it has: prom-trigger).');
    refused(answer, '[CANARY-KEDA-001]');
  });

  it('is refused together with its ScaledObject in one file, and accepted once the trigger is named', async () => {
    const { name: _, ...unnamed } = aTrigger();
    const wanted = canary(withQueries({ 'prom-trigger': PRIMARY_QUERY }));
    refused(await apply(scaledObject(withTriggers(unnamed)), wanted), '[CANARY-KEDA-002]');
    expect(await apply(scaledObject(), wanted)).toMatchObject({ code: 0, stdout: expect.stringContaining('canary.flagger.app/podinfo created') as string });
  });

  it('is accepted with a warning where its ScaledObject does not exist yet', async () => {
    const answer = await apply(canary(withQueries({ 'prom-trigger': PRIMARY_QUERY })));
    expect(answer.code).toBe(0);
    expect(answer.stderr).toMatch(/^Warning: .*podinfo-so.*\[CANARY-KEDA-016\]$/m);
  });

  it.each([
    ['a fractional weight', { iterations: undefined, stepWeight: 2.5 }, 'spec.analysis.stepWeight: ', 'CANARY-TYPE-001'],
    ['weights that do not rise', { iterations: undefined, stepWeights: [20, 10] }, 'spec.analysis.stepWeights[1]: ', 'CANARY-STRAT-004'],
    ['two strategies at once, before the schema says so', { stepWeight: 10 }, 'spec.analysis: sets iterations and stepWeight.', 'CANARY-STRAT-001'],
    ['an interval in hours, before the schema says so', { interval: '1h' }, 'spec.analysis.interval: "1h": only minutes and seconds', 'CANARY-DUR-002'],
    ['an interval that is a number, before the schema says so', { interval: 30 }, 'spec.analysis.interval: ', 'CANARY-DUR-002'],
    ['an interval that only looks like one', { interval: '10seconds' }, 'spec.analysis.interval: "10seconds" is not a duration', 'CANARY-DUR-001'],
    ['an unknown type of hook, before the schema says so', { webhooks: [{ name: 'a', type: 'pre-rolout', url: 'http://a/' }] }, 'spec.analysis.webhooks[0].type: "pre-rolout"', 'CANARY-TYPE-004'],
  ])('is refused for %s', async (_, analysis, where, id) => {
    const ingressRef = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'podinfo' } as const;
    const answer = await apply(canary(withSpec({ provider: 'nginx', ingressRef }), withAnalysis(analysis as never)));
    refused(answer, where);
    refused(answer, `[${id}]`);
    expect(answer.stderr).toContain('The Canary "podinfo" is invalid');
    expect(answer.stderr).not.toContain('must validate one and only one schema');
  });

  it('is refused while another Canary has the same target, which it names', async () => {
    await apply(canary());
    const second = here(canary(), 'second');
    refused(await apply(second), 'Canary podinfo already targets Deployment podinfo');
    expect(await cluster.get('canary', 'second', namespace)).toBeUndefined();
  });

  it.each([['create'], ['apply', '--server-side'], ['create', '--dry-run=server']])('is refused in the same words by kubectl %s %s', async (...args) => {
    const answer = await kubectl(args.filter((arg) => typeof arg === 'string'), canary(withAnalysis({ interval: '1h' })));
    refused(answer, 'The Canary "podinfo" is invalid: spec.analysis.interval: "1h": only minutes and seconds are accepted here. Write 60m. [CANARY-DUR-002]');
  });

  it('shows each warning on a line of its own and goes on', async () => {
    const answer = await apply(canary(withAnalysis({ threshold: 0, metrics: [] })));
    expect(answer.code).toBe(0);
    expect(answer.stderr).toMatch(/^Warning: spec\.analysis\.threshold: .*\[CANARY-STRAT-011\]$/m);
    expect(answer.stderr).toMatch(/^Warning: spec\.analysis: .*\[CANARY-STRAT-016\]$/m);
  });

  it('only warns of what an old object had already, and refuses what this request made worse', async () => {
    const same = await kubectl(['annotate', 'canary', 'old', '-n', namespace, 'team=web', '--overwrite']);
    expect(same).toMatchObject({ code: 0, stderr: expect.stringMatching(/^Warning: spec\.analysis\.stepWeight: .*\[CANARY-STRAT-002\]$/m) as string });
    const worse = await kubectl(['patch', 'canary', 'old', '-n', namespace, '--type', 'merge', '-p', '{"spec":{"analysis":{"stepWeight":200}}}']);
    refused(worse, '[CANARY-STRAT-002]');
  });
});

describe('a ScaledObject of a Canary', () => {
  const bare = () => scaledObject();

  it('is refused when it takes away the name of a trigger that the Canary needs', async () => {
    await apply(scaledObject(), canary(withQueries({ 'prom-trigger': PRIMARY_QUERY })));
    const renamed = scaledObject(withTriggers(aTrigger((trigger) => ({ ...trigger, name: 'other' }))));
    refused(await apply(renamed), '[SCALEDOBJECT-001]');
  });

  it.each(['Initialized', 'Succeeded', 'Failed'])('gets its pause back when it is replaced or made anew while the Canary is %s', async (phase) => {
    await apply(bare(), canary(withAutoscaler()));
    await setPhase('podinfo', phase);
    await kubectl(['annotate', 'scaledobject', 'podinfo-so', '-n', namespace, `${PAUSED}=0`]);
    const replaced = await kubectl(['replace'], bare());
    expect(replaced.code).toBe(0);
    expect(replaced.stderr).toContain(`Warning: ${PAUSED}: "0" put back: Canary podinfo is ${phase} and keeps the target at zero.`);
    expect(await pauseOf()).toBe('0');
    await kubectl(['delete', 'scaledobject', 'podinfo-so', '-n', namespace]);
    await apply(bare());
    expect(await pauseOf()).toBe('0');
  });

  it.each(['Progressing', 'Promoting', 'Finalising', 'Waiting'])('does not get a pause while the Canary is %s', async (phase) => {
    await apply(modify(bare(), [withAnnotations({ [PAUSED]: '0' })]), canary(withAutoscaler()));
    await setPhase('podinfo', phase);
    expect((await kubectl(['replace'], bare())).code).toBe(0);
    expect(await pauseOf()).toBe('');
  });

  it('stays awake when a driver wakes it, and when it is applied again right after', async () => {
    await apply(modify(bare(), [withAnnotations({ [PAUSED]: '0' })]), canary(withAutoscaler()));
    await setPhase('podinfo', 'Succeeded');
    const wake = ['annotate', 'scaledobject', 'podinfo-so', '-n', namespace, `${PAUSED}-`, '--field-manager=canary-controller'];
    expect((await kubectl(wake)).code).toBe(0);
    expect(await pauseOf()).toBe('');
    const changed = scaledObject((object) => ({ ...object, spec: { ...object.spec, maxReplicaCount: 5 } }));
    expect((await apply(changed)).code).toBe(0);
    expect(await pauseOf()).toBe('');
  });

  it('loses every pause when it is the generated one of the primary', async () => {
    await apply(canary(withAutoscaler()));
    const uid = await field('canary', 'podinfo', '{.metadata.uid}');
    const owner = { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: 'podinfo', uid };
    const copied = modify(scaledObject(), [withAnnotations({ [PAUSED]: '0', team: 'web' })]);
    await kubectl(['create'], { ...copied, metadata: { ...copied.metadata, name: 'podinfo-so-primary', ownerReferences: [owner] } });
    const annotations = JSON.parse(await field('scaledobject', 'podinfo-so-primary', '{.metadata.annotations}'));
    expect(annotations).toEqual({ team: 'web' });
    await kubectl(['delete', 'scaledobject', 'podinfo-so-primary', '-n', namespace, '--wait=false']);
  });
});

describe('a command on a Canary', () => {
  const commandBy = async (): Promise<unknown> =>
    JSON.parse(await field('canary', 'podinfo', '{.metadata.annotations.kubectl-canary/command}')).by;
  const give = (id: string, more: readonly string[]): Promise<CommandResult> => {
    const command = JSON.stringify({ id, verb: 'pause', at: '2026-01-01T00:00:00Z', by: 'somebody-else' });
    return kubectl(['annotate', 'canary', 'podinfo', '-n', namespace, '--overwrite', `kubectl-canary/command=${command}`, ...more]);
  };

  it('names who really gave it, whoever it claims to be from, and goes on naming them', async () => {
    await apply(canary());
    expect((await give('c1', ['--as', 'jane', '--as-group', 'system:masters'])).code).toBe(0);
    expect(await commandBy()).toBe('jane');
    await kubectl(['annotate', 'canary', 'podinfo', '-n', namespace, 'team=web', '--as', 'joe', '--as-group', 'system:masters']);
    expect(await commandBy()).toBe('jane');
    await give('c2', ['--as', 'joe', '--as-group', 'system:masters']);
    expect(await commandBy()).toBe('joe');
  });
});

describe('the process', () => {
  const bundle = async (kind: string): Promise<string> =>
    (await kubectl(['get', kind, place.name, '-o', 'jsonpath={.webhooks[*].clientConfig.caBundle}'])).stdout;

  it('only reads while it judges, dry-run or not', async () => {
    const since = new Date().toISOString();
    await kubectl(['apply', '--dry-run=server'], scaledObject(), canary(withQueries({ 'prom-trigger': PRIMARY_QUERY })));
    await apply(scaledObject(), canary(withQueries({ 'prom-trigger': PRIMARY_QUERY })));
    const user = `system:serviceaccount:${place.home}:webhook`;
    const seen = readFileSync(cluster.auditLog ?? '', 'utf8')
      .split('\n')
      .filter((line) => line.includes(user))
      .map((line) => JSON.parse(line) as { requestReceivedTimestamp: string; verb: string })
      .filter((event) => event.requestReceivedTimestamp > since);
    expect(seen).not.toEqual([]);
    expect(seen.map((event) => event.verb).filter((verb) => !['get', 'list', 'watch'].includes(verb))).toEqual([]);
  });

  it('writes caBundle back by itself when somebody spoils it', async () => {
    const good = await bundle('mutatingwebhookconfiguration');
    const spoil = '[{"op":"remove","path":"/webhooks/0/clientConfig/caBundle"}]';
    await kubectl(['patch', 'mutatingwebhookconfiguration', place.name, '--type', 'json', '-p', spoil]);
    await eventually(async () => (await bundle('mutatingwebhookconfiguration')) === good, { what: 'the bundle to come back' });
  });

  it('keeps its certificates when it is started again, says goodbye with 0, and counts', async () => {
    const before = await cluster.get('secret', place.name, place.home);
    expect((await webhook.look('/metrics')).text).toMatch(/kubectl_canary_admission_requests_total\{.*outcome="denied".*\} \d/);
    expect(await webhook.end()).toBe(0);
    webhook = await startWebhookProcess(place, ['--mesh-provider', 'kubernetes', '--cert-check', '1s']);
    await inForce();
    expect(await cluster.get('secret', place.name, place.home)).toEqual(before);
  });

  it('costs nobody a write while it is away', async () => {
    await webhook.end('SIGKILL');
    expect((await apply(canary(withAnalysis({ threshold: 1 })))).code).toBe(0);
    webhook = await startWebhookProcess(place, ['--mesh-provider', 'kubernetes', '--cert-check', '1s']);
    await inForce();
  });
});
