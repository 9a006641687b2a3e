import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Child } from './control-plane/child.ts';
import { eventually } from './control-plane/eventually.ts';
import { sharedCluster } from './shared-cluster.ts';
import { ROOT, Tutorial } from './tutorial-world.ts';
import { startWebhookProcess, type WebhookProcess } from './webhook-process.ts';

const PAUSED = 'autoscaling.keda.sh/paused-replicas';
const cluster = sharedCluster();
let tutorial: Tutorial;
let webhook: WebhookProcess;
let controller: Child;

const annotation = (): Promise<string> =>
  tutorial.field('scaledobject', 'podinfo-so', `{.metadata.annotations.${PAUSED.replaceAll('.', '\\.')}}`);
const replicas = (name: string): Promise<string> => tutorial.field('deployment', name, '{.spec.replicas}');
const until = (what: string, look: () => Promise<boolean>) => eventually(look, { what, timeoutMs: 90_000 });
/** Events come in beside what they tell of. */
const told = (lines: readonly string[]) =>
  until(`to be told ${lines.join('; ')}`, async () => {
    const events = await tutorial.events();
    return lines.every((line) => events.includes(line));
  });
/** What a command says that was obeyed. */
const obeyed = async (args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await tutorial.canary(args);
  expect(code, `${args.join(' ')}: ${stderr}`).toBe(0);
  return stdout;
};
const withoutName = (scaledObject: string): string => scaledObject.replace(/^ +name: requests\n/m, '');

beforeAll(async () => {
  execFileSync(process.execPath, ['--import', 'tsx', join(ROOT, 'scripts/build.ts')], { cwd: ROOT });
  const crds = join(ROOT, 'charts/kubectl-canary/crds');
  await cluster.kubectl(['apply', '--server-side', '--force-conflicts', '-f', crds]);
  await cluster.kubectl(['wait', '--for=condition=Established', '-f', crds]);
  const namespace = await cluster.namespace('tutorial');
  const home = await cluster.namespace('tutorial-home');
  tutorial = new Tutorial(cluster, namespace);
  await tutorial.open();
  tutorial.prometheus.setValues(namespace, { success: 99.9 });
  tutorial.load('podinfo', 20);
  tutorial.load('podinfo-primary', 30);
  webhook = await startWebhookProcess({
    cluster,
    home,
    name: 'tutorial',
    judged: [namespace],
    kubeconfig: cluster.kubeconfig,
  });
  const bad = tutorial.manifest('keda/canary.yaml').replace('interval: 10s', 'interval: 10h');
  await until('the webhook to be in force', async () =>
    (await tutorial.apply(bad, '--dry-run=server')).stderr.includes('CANARY-DUR-'),
  );
});

afterAll(async () => {
  await tutorial.close();
  await webhook.end();
  const names = ['validatingwebhookconfiguration/tutorial', 'mutatingwebhookconfiguration/tutorial'];
  await cluster.kubectl(['delete', ...names, '--ignore-not-found']);
});

describe.sequential('the KEDA tutorial', () => {
  it('finds nothing wrong with its manifests, offline', async () => {
    const found = await tutorial.canary(['validate', '-f', join(ROOT, 'docs/tutorials/keda')]);
    expect(found.stdout).toMatch(/0 errors, 0 warnings/);
    expect(found.code).toBe(0);
  });

  it('denies a Canary whose ScaledObject has a trigger without a name, and says which, where, and how to fix it', async () => {
    await tutorial.apply(tutorial.manifest('keda/deployment.yaml'));
    await tutorial.apply(withoutName(tutorial.manifest('keda/scaled-object.yaml')));
    const refused = await tutorial.apply(tutorial.manifest('keda/canary.yaml'));
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toMatch(/trigger 0 \(prometheus\) of ScaledObject podinfo-so has no name/);
    expect(refused.stderr).toMatch(/Set spec\.triggers\[0\]\.name/);
    expect(refused.stderr).toMatch(/CANARY-KEDA-002/);
  });

  it('denies a key that matches no trigger', async () => {
    await tutorial.apply(tutorial.manifest('keda/scaled-object.yaml'));
    const refused = await tutorial.apply(
      tutorial.manifest('keda/canary.yaml').replace('      requests: sum', '      request: sum'),
    );
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toMatch(/no trigger named "request" \(it has: requests\).*CANARY-KEDA-001/);
  });

  it('bootstraps: primary, its ScaledObject, three Services; the target rests, paused', async () => {
    controller = tutorial.controller();
    expect((await tutorial.apply(tutorial.manifest('keda/canary.yaml'))).code).toBe(0);
    await tutorial.phase('Initialized');
    const query = await tutorial.field('scaledobject', 'podinfo-so-primary', '{.spec.triggers[0].metadata.query}');
    expect(query).toContain('app="podinfo-primary"');
    const bounds = '{.spec.minReplicaCount}/{.spec.maxReplicaCount}';
    expect(await tutorial.field('scaledobject', 'podinfo-so-primary', bounds)).toBe('2/6');
    expect(await annotation()).toBe('0');
    for (const name of ['podinfo', 'podinfo-primary', 'podinfo-canary']) {
      expect(await tutorial.field('service', name, '{.metadata.name}')).toBe(name);
    }
    await until('the target at zero', async () => (await replicas('podinfo')) === '0');
    await until('KEDA scaling the primary by its own query', async () => (await replicas('podinfo-primary')) === '3');
  });

  it('keeps the pause when Git re-creates the ScaledObject without it', async () => {
    await cluster.kubectl(['delete', 'scaledobject', 'podinfo-so', '-n', tutorial.namespace]);
    const created = await tutorial.apply(tutorial.manifest('keda/scaled-object.yaml'));
    expect(created.stderr).toMatch(/put back: Canary podinfo is Initialized/);
    expect(await annotation()).toBe('0');
  });

  it('rolls out a good revision, scaled by KEDA, and does not pause it in mid-analysis', async () => {
    await tutorial.release('6.7.1');
    await until('the first iteration', async () => (await tutorial.status())['iterations'] === 1);
    expect(await annotation()).toBe('');
    await tutorial.apply(tutorial.manifest('keda/scaled-object.yaml'));
    expect(await annotation()).toBe('');
    await until('KEDA scaling the canary by its query', async () => (await replicas('podinfo')) === '2');
    const followed = await tutorial.canary(['status', 'podinfo', '-w', '--timeout', '120s']);
    expect(followed.stdout).toMatch(/Promoting[\s\S]*Succeeded/);
    expect(followed.code).toBe(0);
    expect(await tutorial.field('deployment', 'podinfo-primary', '{.spec.template.spec.containers[0].image}')).toMatch(
      /6\.7\.1$/,
    );
    await until(
      'the target at zero, paused',
      async () => (await replicas('podinfo')) === '0' && (await annotation()) === '0',
    );
    expect((await tutorial.canary(['get', '--no-headers'])).stdout).toMatch(/podinfo +\S? ?Succeeded/);
    const phases = tutorial.hooks.hooksOf(tutorial.namespace).map(([, body]) => (body as { phase: string }).phase);
    expect(new Set(phases)).toEqual(new Set(['Progressing']));
  });

  it('rolls back a bad revision with the events of the reference, and says why', async () => {
    tutorial.prometheus.setValues(tutorial.namespace, { success: 61.5 });
    await tutorial.release('6.7.2');
    await tutorial.phase('Progressing');
    const followed = await tutorial.canary(['status', 'podinfo', '--timeout', '120s']);
    expect(followed.code).toBe(1);
    const name = `podinfo.${tutorial.namespace}`;
    await told([
      `Synced Halt ${name} advancement success rate 61.50% < 99%`,
      `Synced Rolling back ${name} failed checks threshold reached 3`,
      `Synced Canary failed! Scaling down ${name}`,
    ]);
    const why = await tutorial.canary(['why', 'podinfo']);
    expect(why.stdout).toMatch(/request-success-rate .*failed .*61\.5 .*99/);
    expect(await tutorial.field('deployment', 'podinfo-primary', '{.spec.template.spec.containers[0].image}')).toMatch(
      /6\.7\.1$/,
    );
  });

  it('obeys promote, pause, resume and rollback on a running rollout, and names who did it', async () => {
    tutorial.prometheus.setValues(tutorial.namespace, { success: 99.9 });
    const idle = await tutorial.canary(['promote', 'podinfo']);
    expect(idle.code).toBe(6);
    await tutorial.release('6.7.3');
    await until('the first iteration', async () => (await tutorial.status())['iterations'] === 1);
    // KEDA scales the canary about now: a revision that is not ready is not promoted.
    const counts = '{.spec.replicas}/{.status.updatedReplicas}/{.status.availableReplicas}';
    await until(
      'both pods of the canary',
      async () => (await tutorial.field('deployment', 'podinfo', counts)) === '2/2/2',
    );
    expect(await obeyed(['promote', 'podinfo', '--reason', 'looks good'])).toMatch(/promoted: .*\(by admin\)/);
    expect(await obeyed(['pause', 'podinfo'])).toMatch(/paused/);
    expect((await tutorial.status())['paused']).toMatchObject({ by: 'admin' });
    await obeyed(['resume', 'podinfo']);
    expect(await obeyed(['rollback', 'podinfo'])).toMatch(/rolled back \(by admin\)/);
    await tutorial.phase('Failed');
    const reasons = async () =>
      (await tutorial.events()).filter((line) => line.includes('asked by admin')).map((line) => line.split(' ')[0]);
    await until('all four to be told', async () => new Set(await reasons()).size >= 4);
    expect(new Set(await reasons())).toEqual(new Set(['Paused', 'PromotedByHand', 'Resumed', 'RolledBackByHand']));
  });

  it('is driven from the terminal without a controller, and goes on after kill -9', async () => {
    const flags = ['--mesh-provider', 'kubernetes', '--metrics-server', tutorial.metricsServer];
    expect((await tutorial.canary(['run', 'podinfo', ...flags])).code).toBe(6);
    await tutorial.end(controller);
    await tutorial.release('6.7.4');
    const first = tutorial.program('tutorial-run', [
      'run',
      'podinfo',
      '-n',
      tutorial.namespace,
      '--kubeconfig',
      cluster.kubeconfig,
      ...flags,
    ]);
    await until('the second iteration', async () => (await tutorial.status())['iterations'] === 2);
    tutorial.kill(first);
    const second = await tutorial.canary(['run', 'podinfo', ...flags]);
    expect(second.code, second.stderr).toBe(0);
    expect((await tutorial.status())['phase']).toBe('Succeeded');
    const advanced = (await tutorial.events()).filter((line) => /canary iteration 3\/3/.test(line));
    expect(advanced.length).toBeGreaterThan(0);
    const history = (await tutorial.status())['history'] as { result: string }[];
    expect(history.map((entry) => entry.result)).toEqual(['initialized', 'promoted', 'failed', 'failed', 'promoted']);
  });
});
