import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Canary } from '../../shared/api/canary.ts';
import { type ServedEndpoint, serveEndpoint } from '../support/endpoint.ts';
import { ScriptedPrometheus } from '../support/scripted-prometheus.ts';
import { type Child, startChild } from './control-plane/child.ts';
import { eventually } from './control-plane/eventually.ts';
import { type CommandResult, writeKubeconfig } from './control-plane/handle.ts';
import { buildProgram, canaryWith, environmentOf, type Program } from './plugin-program.ts';
import { sharedCluster } from './shared-cluster.ts';

const CRDS = fileURLToPath(new URL('../../charts/kubectl-canary/crds', import.meta.url));

const cluster = sharedCluster();
const prometheus = new ScriptedPrometheus();
let served: ServedEndpoint;
let program: Program;
let namespace: string;
let canary: (args: readonly string[], kubeconfig?: string) => Promise<CommandResult>;

const manifests = (): object[] => [
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'podinfo', namespace },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'podinfo' } },
      template: {
        metadata: { labels: { app: 'podinfo' } },
        spec: {
          containers: [
            { name: 'podinfod', image: 'example.org/podinfo:1.0.0', ports: [{ name: 'http', containerPort: 9898 }] },
          ],
        },
      },
    },
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'podinfo', namespace },
    spec: {
      ingressClassName: 'nginx',
      rules: [
        {
          host: `${namespace}.example.com`,
          http: {
            paths: [{ pathType: 'Prefix', path: '/', backend: { service: { name: 'podinfo', port: { number: 80 } } } }],
          },
        },
      ],
    },
  },
  {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'Canary',
    metadata: { name: 'podinfo', namespace },
    spec: {
      provider: 'nginx',
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' },
      ingressRef: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'podinfo' },
      service: { port: 80, targetPort: 9898 },
      analysis: {
        interval: '10s',
        threshold: 2,
        maxWeight: 50,
        stepWeight: 10,
        metrics: [{ name: 'request-success-rate', thresholdRange: { min: 99 }, interval: '1m' }],
      },
    },
  },
];

const stateOf = async (): Promise<Canary> => (await cluster.get('canary', 'podinfo', namespace)) as unknown as Canary;

const setImage = (tag: string) =>
  cluster.kubectl(['set', 'image', 'deployment/podinfo', `podinfod=example.org/podinfo:${tag}`, '-n', namespace]);

/** A rollout of `tag` that has reached its first weight. */
const startRollout = async (tag: string): Promise<void> => {
  await setImage(tag);
  expect(await canary(['status', 'podinfo', '--for', 'step=1', '--timeout', '60s'])).toMatchObject({ code: 0 });
};

beforeAll(async () => {
  program = await buildProgram();
  served = await serveEndpoint(prometheus);
  namespace = await cluster.namespace('plugin');
  const crds = readdirSync(CRDS).map((name) => parse(readFileSync(join(CRDS, name), 'utf8')) as object);
  await cluster.apply(...crds);
  await cluster.kubectl(['wait', '--for=condition=Established', 'crd/canaries.flagger.app', '--timeout=30s']);
  await cluster.apply(...manifests());
  const run = canaryWith(cluster, program);
  canary = (args, kubeconfig) => run([...args, '-n', namespace], kubeconfig === undefined ? {} : { kubeconfig });
});

afterAll(async () => {
  await cluster.kubectl(['delete', 'canary', '--all', '-n', namespace, '--wait=false']);
  await served?.close();
  program?.remove();
});

describe('kubectl canary with a controller', () => {
  let controller: Child;

  beforeAll(async () => {
    const flags = [
      '-mesh-provider=nginx',
      '--namespace',
      namespace,
      '-metrics-server',
      `http://${served.host}`,
      '--port',
      '0',
    ];
    const args = [program.file, 'controller', '--kubeconfig', cluster.kubeconfig, ...flags];
    controller = startChild(
      { name: `controller-${namespace}`, file: process.execPath, args, env: environmentOf(cluster, program) },
      cluster.folder,
    );
    expect(await canary(['wait', 'podinfo', '--for', 'promoted', '--timeout', '90s'])).toMatchObject({ code: 0 });
  });

  afterAll(() => controller.stop());

  it('is found by kubectl, and lists', async () => {
    expect((await canary(['get'])).stdout).toMatch(/podinfo +✔ Initialized/);
    expect((await canary(['get', 'podinfo', '-ojson'])).stdout).toContain('"kind": "Canary"');
  });

  it('pauses, steps, resumes and rolls back a running rollout, and names who did it', async () => {
    await startRollout('2.0.0');
    const paused = await canary(['pause', 'podinfo', '--reason', 'lunch']);
    expect(paused).toMatchObject({ code: 0, stderr: '' });
    expect(paused.stdout).toMatch(/^canary\.flagger\.app\/podinfo paused: at step \d\/5, weight \d+ .*\(by [^)]+\)/);
    expect((await stateOf()).status?.commands?.at(-1)).toMatchObject({
      verb: 'pause',
      result: 'obeyed',
      by: expect.stringMatching(/./) as string,
    });
    expect((await canary(['pause', 'podinfo'])).stdout).toContain('unchanged: already paused');
    const before = (await stateOf()).status?.canaryWeight ?? 0;
    expect((await canary(['promote', 'podinfo'])).stdout).toContain(`weight ${before} → ${before + 10}`);
    expect((await canary(['resume', 'podinfo'])).code).toBe(0);
    expect((await canary(['why', 'podinfo'])).stdout).toMatch(/last word +resume by /);
    expect((await canary(['rollback', 'podinfo', '--wait', '--timeout', '60s'])).stdout).toContain('rolled back');
    expect((await canary(['status', 'podinfo'])).code).toBe(1);
    expect((await canary(['history', 'podinfo'])).stdout).toMatch(/✖ failed +RolledBackByHand, by /);
  });

  it('refuses to drive what a controller drives', async () => {
    expect(await canary(['run', 'podinfo'])).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('is driven by a controller') as string,
    });
  });

  it('tells a bad revision by number and bound', async () => {
    prometheus.setValues(namespace, { success: 61.5 });
    await setImage('3.0.0');
    expect(await canary(['status', 'podinfo', '--timeout', '120s'])).toMatchObject({ code: 1 });
    expect((await canary(['why', 'podinfo'])).stdout).toMatch(/request-success-rate +✖ failed +61\.5 +≥ 99/);
    prometheus.setValues(namespace, { success: 100 });
  });

  it('completes through kubectl', async () => {
    const { stdout } = await cluster.kubectl(['__complete', 'canary', 'get', '-n', namespace, ''], {
      env: environmentOf(cluster, program),
    });
    expect(stdout).toMatch(/^podinfo\t/);
  });

  it('answers each failure with its code and one line', async () => {
    await cluster.kubectl(['create', 'serviceaccount', 'nobody', '-n', namespace]);
    const nobody = await cluster.serviceAccountKubeconfig(namespace, 'nobody');
    const forbidden = await canary(['get'], nobody);
    expect(forbidden).toMatchObject({ code: 5, stdout: '' });
    expect(forbidden.stderr).toMatch(
      /^error: you may not list canaries\.flagger\.app .*\(user system:serviceaccount:\S+:nobody\)\nbecause: .*\ntry: .*auth can-i/,
    );
    const stranger = writeKubeconfig(join(program.folder, 'stranger'), cluster, { token: 'expired' });
    expect(await canary(['get'], stranger)).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringContaining('does not accept the credentials of user "test"') as string,
    });
    expect((await canary(['get', '-s', 'https://127.0.0.1:1'])).code).toBe(3);
    expect((await canary(['why', 'podinf'])).stderr).toContain('did you mean "podinfo"?');
  });
});

describe('kubectl canary without a controller', () => {
  const runArgs = (): string[] => ['run', 'podinfo', '--metrics-server', `http://${served.host}`];

  it('says that nobody will obey, and ends with 3', async () => {
    await cluster.kubectl([
      'patch',
      'canary',
      'podinfo',
      '-n',
      namespace,
      '--type=merge',
      '-p',
      '{"metadata":{"annotations":{"kubectl-canary/command":null}}}',
    ]);
    expect(await canary(['retry', 'podinfo'])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('no driver is alive') as string,
    });
    await cluster.kubectl(['annotate', 'canary', 'podinfo', '-n', namespace, 'kubectl-canary/command-']);
  });

  it('drives from the terminal; killed half-way, the next one goes on', async () => {
    await setImage('4.0.0');
    const child = spawn(process.execPath, [program.file, ...runArgs(), '-n', namespace], {
      env: { ...process.env, ...environmentOf(cluster, program) },
      stdio: 'ignore',
    });
    await eventually(async () => ((await stateOf()).status?.canaryWeight ?? 0) >= 10, { what: 'the first weight' });
    child.kill('SIGKILL');
    const ended = await canary([...runArgs(), '--timeout', '150s']);
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stdout).toMatch(/podinfo\.\S+ Succeeded weight=0/);
    expect((await stateOf()).status?.phase).toBe('Succeeded');
  });

  it('Ctrl-C gives the lease back and says how to go on', async () => {
    await setImage('5.0.0');
    const child = spawn(process.execPath, [program.file, ...runArgs(), '-n', namespace], {
      env: { ...process.env, ...environmentOf(cluster, program) },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (part: Buffer) => (said += part.toString()));
    // Its last words may be read after it has ended.
    const code = new Promise<number | null>((resolve) => child.once('close', resolve));
    await eventually(async () => ((await stateOf()).status?.canaryWeight ?? 0) >= 10, { what: 'the first weight' });
    child.kill('SIGINT');
    expect(await code).toBe(130);
    expect(said).toMatch(
      /lease released at step \d\/5, weight \d+\. Traffic stays as it is\.\ngo on: kubectl canary run podinfo/,
    );
    const lease = (await cluster.get('lease', 'canary-podinfo', namespace)) as { spec: { holderIdentity?: string } };
    expect(lease.spec.holderIdentity ?? '').toBe('');
  });

  it('a verb can drive too', async () => {
    const rolled = await canary(['rollback', 'podinfo', '--drive', '--metrics-server', `http://${served.host}`]);
    expect(rolled).toMatchObject({ code: 0, stdout: expect.stringContaining('rolled back: Failed') as string });
  });
});
