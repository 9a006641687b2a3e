/**
 * What a review costs. The webhook's bundle serves HTTPS as in a cluster, watches an API server for related objects, and
 * answers UPDATE reviews over 16 connections that stay open. CPU time is the process's own, all threads, from the
 * kernel's accounting; a server that answers a constant takes turns with it and is what the ratio is to.
 * Goal: at most 140 microseconds of CPU for a Canary of about 3 KB.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KINDS } from '../../shared/api/kinds.ts';
import type { Kind, KubeObject } from '../../shared/api/kube.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { installCrds } from '../../shared/sim/install.ts';
import { createSimServer, type SimServer } from '../../shared/sim/server.ts';
import { LOCAL_FLAGS } from '../apiserver/webhook-process.ts';
import { atMost, type Bench, type Report, type Site } from './bench.ts';
import { cpuOfProcess } from './cpu.ts';
import { type Aim, fire } from './load.ts';
import { median, range, shown, takeTurns, times } from './numbers.ts';
import { type Program, startProgram } from './programs.ts';
import { changed, updateReview } from './reviews.ts';

const ROUNDS = 7;
const REVIEWS = 4000;
const WARM_UP = 6000;
const CONNECTIONS = 16;
const BODIES = 64;
const GOAL = 140;

const CONSTANT = 'a server that answers a constant';
const KINDS_JUDGED = {
  Canary: { kind: KINDS.canary, resource: { group: 'flagger.app', version: 'v1beta1', resource: 'canaries' } },
  ScaledObject: {
    kind: KINDS.scaledObject,
    resource: { group: 'keda.sh', version: 'v1alpha1', resource: 'scaledobjects' },
  },
} as const;

/** A recorded Canary with KEDA and what it points to: every look-up of its rules finds something. */
const recorded = (): KubeObject[] => {
  const file = fileURLToPath(new URL('../golden/scenarios/bluegreen-keda.json', import.meta.url));
  return (JSON.parse(readFileSync(file, 'utf8')) as { objects: KubeObject[] }).objects;
};

const kindOf = (object: KubeObject): Kind =>
  [KINDS.canary, KINDS.scaledObject, KINDS.deployment].find((kind) => kind.kind === object.kind) ?? KINDS.deployment;

/** The primary that a driver has made of a target: without it each review would ask the API server for it. */
const primaryOf = ({ apiVersion, kind, metadata, spec }: KubeObject, canary: KubeObject): KubeObject => {
  const { name, uid = '' } = canary.metadata;
  const owner = { apiVersion: canary.apiVersion, kind: canary.kind, name, uid, controller: true };
  const { namespace = '', labels = {} } = metadata;
  const own = { name: `${metadata.name}-primary`, namespace, labels, ownerReferences: [owner] };
  return { apiVersion, kind, metadata: own, spec };
};

const openCluster = async (): Promise<SimServer> => {
  const server = createSimServer({ clock: systemClock, kinds: [KINDS.scaledObject] });
  await installCrds(server);
  const create = (object: KubeObject): Promise<KubeObject> =>
    server.kube.create(kindOf(object), object, { fieldManager: 'kubectl-client-side-apply' });
  const created = new Map<string, KubeObject>();
  for (const object of recorded()) created.set(object.kind, await create(object));
  await create(primaryOf(created.get('Deployment') as KubeObject, created.get('Canary') as KubeObject));
  return server;
};

const bodiesOf = async (server: SimServer, name: keyof typeof KINDS_JUDGED): Promise<string[]> => {
  const { kind, resource } = KINDS_JUDGED[name];
  const oldObject = (await server.kube.list(kind)).items[0] as KubeObject;
  const object = changed(oldObject, (spec) => ({
    ...spec,
    ...(name === 'Canary' ? { skipAnalysis: false } : { pollingInterval: 15 }),
  }));
  return Array.from({ length: BODIES }, (_, turn) => updateReview({ resource, object, oldObject }, turn));
};

const startWebhook = async (site: Site, server: SimServer, kubeconfig: string) => {
  const main = join(site.dist, 'kubectl-canary-webhook.cjs');
  const program = startProgram(
    [main, '--kubeconfig', kubeconfig, '--namespace', 'canary-system', ...LOCAL_FLAGS],
    site.env,
  );
  const serving = await program.line((line) => line['msg'] === 'webhook serves');
  for (;;) {
    const { status } = await fetch(`http://127.0.0.1:${String(serving['healthPort'])}/readyz`);
    if (status === 200) break;
  }
  const [configuration] = (await server.kube.list(KINDS.validatingWebhook)).items;
  const [hook] = (configuration?.['webhooks'] ?? []) as { clientConfig: { caBundle: string } }[];
  const ca = Buffer.from(hook?.clientConfig.caBundle ?? '', 'base64').toString();
  return { program, port: Number(serving['port']), ca };
};

const startConstant = async (site: Site) => {
  const file = fileURLToPath(new URL('constant-server.ts', import.meta.url));
  const program = startProgram(['--import', 'tsx', file], site.env);
  const { port, ca } = await program.line((line) => line['msg'] === 'listens');
  return { program, port: Number(port), ca: String(ca) };
};

interface Contender {
  readonly program: Program;
  readonly aim: Aim;
}

interface Measured {
  readonly rates: ReadonlyMap<string, number[]>;
  readonly latencies: ReadonlyMap<string, number[]>;
  /** Microseconds of CPU per review, one of each round. */
  readonly costs: ReadonlyMap<string, readonly number[]>;
}

const measure = async (contenders: ReadonlyMap<string, Contender>): Promise<Measured> => {
  const names = [...contenders.keys()];
  const rates = new Map<string, number[]>(names.map((name) => [name, []]));
  const latencies = new Map<string, number[]>(names.map((name) => [name, []]));
  for (const { aim } of contenders.values()) await fire(aim, WARM_UP, CONNECTIONS);
  const costs = await takeTurns(names, ROUNDS, async (name) => {
    const { program, aim } = contenders.get(name) as Contender;
    const before = cpuOfProcess(program.pid);
    const volley = await fire(aim, REVIEWS, CONNECTIONS);
    const cpuMs = cpuOfProcess(program.pid) - before;
    rates.get(name)?.push(REVIEWS / volley.seconds);
    for (const ms of volley.latencies) latencies.get(name)?.push(ms);
    return (cpuMs * 1000) / REVIEWS;
  });
  return { rates, latencies, costs };
};

const percentile = (values: readonly number[], part: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * part)] ?? Number.NaN;

const report = ({ rates, latencies, costs }: Measured, bytes: string): Report => {
  const base = median(costs.get(CONSTANT) ?? []);
  return {
    title: 'ADMISSION: UPDATE reviews through the real HTTPS server',
    headings: ['', 'CPU µs', 'lowest–highest', 'to constant', 'reviews/s', 'p50 ms', 'p99 ms'],
    rows: [...costs].map(([name, values]) => ({
      cells: [
        name,
        shown(median(values)),
        range(values),
        times(median(values), base),
        shown(median(rates.get(name) ?? [])),
        shown(percentile(latencies.get(name) ?? [], 0.5)),
        shown(percentile(latencies.get(name) ?? [], 0.99)),
      ],
      ...(name === 'Canary, validate' ? { verdict: atMost(median(values), GOAL, ' µs') } : {}),
    })),
    notes: [bytes, `${CONNECTIONS} connections kept open, ${ROUNDS} rounds of ${REVIEWS} reviews in turns`],
  };
};

const run = async (site: Site): Promise<Report[]> => {
  const server = await openCluster();
  const listening = await server.listen();
  const kubeconfig = join(site.folder, 'admission.kubeconfig');
  writeFileSync(kubeconfig, listening.kubeconfig);
  const programs: Program[] = [];
  try {
    const constant = await startConstant(site);
    programs.push(constant.program);
    const webhook = await startWebhook(site, server, kubeconfig);
    programs.push(webhook.program);
    const [canary, scaledObject] = [await bodiesOf(server, 'Canary'), await bodiesOf(server, 'ScaledObject')];
    const aim = (
      at: typeof webhook,
      path: string,
      bodies: readonly string[],
      expect = '"allowed":true',
    ): Contender => ({
      program: at.program,
      aim: { port: at.port, ca: at.ca, path: `${path}?timeout=3s`, bodies, expect },
    });
    const contenders = new Map([
      [CONSTANT, aim(constant, '/validate', canary)],
      ['Canary, validate', aim(webhook, '/validate', canary)],
      ['Canary, mutate', aim(webhook, '/mutate', canary)],
      ['ScaledObject, validate', aim(webhook, '/validate', scaledObject)],
      ['ScaledObject, mutate', aim(webhook, '/mutate', scaledObject)],
    ]);
    const sizes = `a review is ${canary[0]?.length} bytes for the Canary, ${scaledObject[0]?.length} for the ScaledObject`;
    return [report(await measure(contenders), sizes)];
  } finally {
    for (const program of programs) await program.stop();
    await listening.close();
  }
};

export const admission: Bench = { name: 'admission', about: 'what a review costs the webhook', run };
