/** The README's tutorial with everything real: kubectl, the plugin, controller, webhook, KEDA, a server that speaks Prometheus. */
import { readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ServedEndpoint, serveEndpoint } from '../support/endpoint.ts';
import { HookReceiver, joinEndpoints } from '../support/hook-receiver.ts';
import { ScriptedPrometheus } from '../support/scripted-prometheus.ts';
import { type Child, startChild } from './control-plane/child.ts';
import { eventually } from './control-plane/eventually.ts';
import type { ClusterHandle } from './control-plane/handle.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MANIFESTS = join(ROOT, 'docs/tutorials');
const BIN = join(ROOT, 'dist/bin');

export interface Answered {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export class Tutorial {
  readonly cluster: ClusterHandle;
  readonly namespace: string;
  readonly prometheus = new ScriptedPrometheus();
  readonly hooks = new HookReceiver();
  readonly #children = new Set<Child>();
  #served: ServedEndpoint | undefined;

  constructor(cluster: ClusterHandle, namespace: string) {
    this.cluster = cluster;
    this.namespace = namespace;
  }

  async open(): Promise<void> {
    this.#served = await serveEndpoint(joinEndpoints(this.hooks, this.prometheus));
  }

  async close(): Promise<void> {
    for (const child of this.#children) await child.stop();
    await this.cluster.kubectl(['delete', 'namespace', this.namespace, '--wait=false']);
    await this.#served?.close();
  }

  /** Requests a second that KEDA's query of one app is answered with. */
  load(app: string, rate: number): void {
    this.prometheus.setValues(`${this.namespace}",app="${app}"`, { success: rate });
  }

  get metricsServer(): string {
    return `http://${this.#served?.host ?? ''}`;
  }

  /** A manifest of the tutorial, with the addresses of this machine and a namespace that queries can be told apart by. */
  manifest(file: string): string {
    return readFileSync(join(MANIFESTS, file), 'utf8')
      .replaceAll('http://prometheus.monitoring:9090', this.metricsServer)
      .replaceAll('http://loadtester.test/', `${this.metricsServer}/hook/${this.namespace}/tests`)
      .replaceAll('{app=', `{ns="${this.namespace}",app=`);
  }

  apply(text: string, ...flags: readonly string[]): Promise<Answered> {
    return this.cluster.kubectl(['apply', '-n', this.namespace, ...flags, '-f', '-'], { input: text });
  }

  /** `kubectl canary …`, found by kubectl in the PATH. */
  canary(args: readonly string[]): Promise<Answered> {
    const PATH = [BIN, dirname(this.cluster.programs.paths.kubectl), process.env['PATH'] ?? ''].join(delimiter);
    return this.cluster.kubectl(['canary', ...args, '-n', this.namespace], {
      env: { PATH, CI: 'true' },
      timeoutMs: 240_000,
    });
  }

  async status(): Promise<Record<string, unknown>> {
    const canary = (await this.cluster.get('canary', 'podinfo', this.namespace)) as {
      status?: Record<string, unknown>;
    };
    return canary.status ?? {};
  }

  async field(resource: string, name: string, path: string): Promise<string> {
    const args = ['get', resource, name, '-n', this.namespace, '--ignore-not-found', '-o', `jsonpath=${path}`];
    return (await this.cluster.kubectl(args)).stdout;
  }

  /** Waits for a phase of the Canary. */
  async phase(wanted: string): Promise<void> {
    let last: unknown;
    await eventually(async () => (last = (await this.status())['phase']) === wanted, {
      what: `phase ${wanted}, last seen ${String(last)}`,
      timeoutMs: 120_000,
    });
  }

  release(tag: string): Promise<Answered> {
    return this.cluster.kubectl([
      'set',
      'image',
      '-n',
      this.namespace,
      'deployment/podinfo',
      `podinfod=ghcr.io/stefanprodan/podinfo:${tag}`,
    ]);
  }

  /** Events of the Canary: reason and message. */
  async events(): Promise<string[]> {
    const path = '{range .items[?(@.involvedObject.kind=="Canary")]}{.reason}{" "}{.message}{"\\n"}{end}';
    const found = await this.cluster.kubectl(['get', 'events', '-n', this.namespace, '-o', `jsonpath=${path}`]);
    return found.stdout.split('\n');
  }

  /** A program of ours in the background. */
  program(name: string, args: readonly string[]): Child {
    const file = join(BIN, 'kubectl-canary');
    const env = { ...this.cluster.environment };
    const child = startChild({ name, file: process.execPath, args: [file, ...args], env }, this.cluster.folder);
    this.#children.add(child);
    return child;
  }

  async end(child: Child): Promise<void> {
    this.#children.delete(child);
    await child.stop();
  }

  /** Ends a program as a crash would. */
  kill(child: Child): void {
    this.#children.delete(child);
    process.kill(child.pid, 'SIGKILL');
  }

  controller(): Child {
    const flags = ['--mesh-provider', 'kubernetes', '--metrics-server', this.metricsServer, '--port', '0'];
    return this.program('tutorial-controller', [
      'controller',
      '--kubeconfig',
      this.cluster.kubeconfig,
      '--namespace',
      this.namespace,
      ...flags,
    ]);
  }
}
