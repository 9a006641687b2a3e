/** A namespace of the shared cluster that a webhook process of its own judges. */
import type { KubeObject } from '../../shared/api/kube.ts';
import { aCanary, withAnalysis, withAutoscaler } from '../make/canary.ts';
import { named } from '../make/modify.ts';
import { aScaledObject } from '../make/scaled-object.ts';
import { eventually } from './control-plane/eventually.ts';
import type { ClusterHandle, CommandResult } from './control-plane/handle.ts';
import { startWebhookProcess, type WebhookPlace, type WebhookProcess, webhookRights } from './webhook-process.ts';

const CONFIGURATIONS = 'validatingwebhookconfiguration,mutatingwebhookconfiguration';

/** The query of the primary in these tests. */
export const PRIMARY_QUERY = 'sum(rate(http_requests_total{ app="podinfo-primary" }[30s]))';

/** An `autoscalerRef` to `podinfo-so`, or another, with these queries for the primary. */
export const withQueries = (primaryScalerQueries: Record<string, string>, name = 'podinfo-so') =>
  withAutoscaler({
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    name,
    primaryScalerQueries,
  });

export class WebhookSite {
  readonly place: WebhookPlace;
  readonly namespace: string;
  #process: WebhookProcess | undefined;

  private constructor(place: WebhookPlace, namespace: string) {
    this.place = place;
    this.namespace = namespace;
  }

  /** Makes namespaces, rights and CRDs; no webhook runs yet. */
  static async open(cluster: ClusterHandle, prefix: string): Promise<WebhookSite> {
    const crds = await cluster.kubectl(['apply', '--server-side', '-f', 'charts/kubectl-canary/crds']);
    if (crds.code !== 0) throw new Error(`CRDs: ${crds.stderr}`);
    await cluster.kubectl(['wait', '--for=condition=Established', 'crd/canaries.flagger.app', '--timeout=60s']);
    const namespace = await cluster.namespace(prefix);
    const home = await cluster.namespace(`${prefix}-home`);
    await cluster.apply(...webhookRights(home, home));
    const kubeconfig = await cluster.serviceAccountKubeconfig(home, 'webhook');
    return new WebhookSite({ cluster, home, name: home, judged: [namespace], kubeconfig }, namespace);
  }

  get process(): WebhookProcess {
    if (this.#process === undefined) throw new Error('no webhook runs here');
    return this.#process;
  }

  /** Starts the process and waits until API servers call it: they read configurations by a watch. */
  async start(...flags: readonly string[]): Promise<void> {
    this.#process = await startWebhookProcess(this.place, ['--mesh-provider', 'kubernetes', ...flags]);
    const bad = this.canary(withAnalysis({ interval: '1h' }));
    const isRefused = async () =>
      (await this.kubectl(['create', '--dry-run=server'], bad)).stderr.includes('[CANARY-DUR-002]');
    await eventually(isRefused, { what: 'the webhook to be in force' });
  }

  async close(): Promise<void> {
    const { cluster, home, name } = this.place;
    await this.#process?.end();
    await cluster.kubectl(['delete', CONFIGURATIONS, name, '--ignore-not-found']);
    await cluster.kubectl(['delete', 'clusterrole,clusterrolebinding', name, '--ignore-not-found']);
    await cluster.kubectl(['delete', 'namespace', this.namespace, home, '--wait=false']);
  }

  /** Runs kubectl in the judged namespace, with the objects on its standard input where there are any. */
  kubectl(args: readonly string[], ...objects: readonly object[]): Promise<CommandResult> {
    const input = objects.map((object) => JSON.stringify(object)).join('\n---\n');
    const files = objects.length === 0 ? [] : ['-f', '-'];
    return this.place.cluster.kubectl([...args, '-n', this.namespace, ...files], { input });
  }

  apply(...objects: readonly object[]): Promise<CommandResult> {
    return this.kubectl(['apply'], ...objects);
  }

  async field(resource: string, name: string, path: string): Promise<string> {
    return (await this.kubectl(['get', resource, name, '-o', `jsonpath=${path}`])).stdout;
  }

  async exists(resource: string, name: string): Promise<boolean> {
    return (await this.place.cluster.get(resource, name, this.namespace)) !== undefined;
  }

  /**
   * Replaces the object. kubectl reads its version first, and KEDA may write in between: then once more, as after any
   * conflict.
   */
  replace(object: object, ...flags: readonly string[]): Promise<CommandResult> {
    const attempt = async (): Promise<CommandResult | false> => {
      const answer = await this.kubectl(['replace', ...flags], object);
      return !answer.stderr.includes('the object has been modified') && answer;
    };
    return eventually(attempt, { what: 'a replacement without a conflict' });
  }

  /** Asks without a trace until the answer is like that: the webhook learns of other objects by watches. */
  async untilAnswer(object: object, isLike: (answer: CommandResult) => boolean): Promise<void> {
    const looks = async () => isLike(await this.kubectl(['apply', '--dry-run=server'], object));
    await eventually(looks, { what: 'the webhook to know what was written' });
  }

  /** Takes `podinfo` and `podinfo-so` away again, KEDA's finalizer included: who applies it next makes a new one. */
  async clear(): Promise<void> {
    await this.kubectl(['delete', 'canary', 'podinfo', '--ignore-not-found']);
    await this.kubectl(['delete', 'scaledobject', 'podinfo-so', '--ignore-not-found']);
  }

  /** The object under its own name, or another, in the judged namespace. */
  here<T extends KubeObject>(object: T, name = object.metadata.name): T {
    return named(name, this.namespace)(object);
  }

  canary(...modifiers: Parameters<typeof aCanary>): KubeObject {
    return this.here(aCanary(...modifiers));
  }

  scaledObject(...modifiers: Parameters<typeof aScaledObject>): KubeObject {
    return this.here(aScaledObject(...modifiers));
  }
}
