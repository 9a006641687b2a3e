/** Stands in for the kubelet of the only node: each scheduled Pod becomes a process, ready when that says so. */
import type { Kind, KubeObject } from '../../../shared/api/kube.ts';
import { refOf } from '../../../shared/api/kube.ts';
import type { Cache, Kube } from '../../../shared/engine/ports.ts';
import { hasCode } from '../../../shared/errors.ts';
import type { ClusterHandle } from '../../apiserver/control-plane/handle.ts';
import { identityOf } from './identity.ts';
import { type PodProcess, startPodProcess } from './pod-process.ts';
import { runningStatus, specOf } from './pod-status.ts';

const POD: Kind = { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };

export interface PodRunnerDeps {
  readonly cluster: ClusterHandle;
  readonly kube: Kube;
  readonly cache: Cache;
}

export interface PodRunner {
  /** The pods of a namespace that have a process right now. */
  running(namespace: string): PodProcess[];
  /** What went wrong so far, one line each; a healthy run has none. */
  readonly problems: readonly string[];
  stop(): Promise<void>;
}

interface Entry {
  readonly namespace: string;
  readonly process: PodProcess;
  ending?: Promise<void>;
}

/** 10.244.1.1, 10.244.1.2 … */
const addressOf = (count: number): string => `10.244.${1 + Math.floor(count / 250)}.${1 + (count % 250)}`;

class Runner implements PodRunner {
  readonly problems: string[] = [];
  readonly #deps: PodRunnerDeps;
  readonly #entries = new Map<string, Entry>();
  #count = 0;
  #stopped = false;

  constructor(deps: PodRunnerDeps) {
    this.#deps = deps;
  }

  running(namespace: string): PodProcess[] {
    return [...this.#entries.values()].filter((entry) => entry.namespace === namespace).map(({ process }) => process);
  }

  readonly look = (pod: KubeObject): void => {
    const work = this.#reconcile(pod);
    work?.catch((error: unknown) => {
      if (this.#stopped || hasCode(error, 'API_NOT_FOUND')) return;
      this.problems.push(`${pod.metadata.name}: ${error instanceof Error ? error.message : String(error)}`);
    });
  };

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#entries.values()].map(({ process }) => process.child.stop(0)));
  }

  #reconcile(pod: KubeObject): Promise<void> | undefined {
    if (this.#stopped || specOf(pod).nodeName === undefined) return undefined;
    const entry = this.#entries.get(pod.metadata.uid ?? '');
    if (pod.metadata.deletionTimestamp === undefined) return entry === undefined ? this.#start(pod) : undefined;
    if (entry === undefined) return this.#remove(pod);
    if (entry.ending !== undefined) return undefined;
    entry.ending = this.#end(pod, entry);
    return entry.ending;
  }

  async #start(pod: KubeObject): Promise<void> {
    const address = addressOf(this.#count++);
    const { cluster, kube } = this.#deps;
    const wanted = { identity: identityOf(pod), address };
    const process = startPodProcess(cluster.programs.paths.podinfo, cluster.folder, wanted);
    const entry: Entry = { namespace: pod.metadata.namespace ?? '', process };
    this.#entries.set(pod.metadata.uid ?? '', entry);
    try {
      await process.ready();
    } catch (error) {
      if (entry.ending !== undefined) return;
      throw error;
    }
    const now = new Date().toISOString();
    await kube.patch(refOf(POD, pod), { status: runningStatus(pod, address, now) }, { subresource: 'status' });
  }

  async #end(pod: KubeObject, entry: Entry): Promise<void> {
    await entry.process.end();
    this.#entries.delete(pod.metadata.uid ?? '');
    await this.#remove(pod);
  }

  /** As a kubelet ends it: the grace period is over because nothing runs any more. */
  async #remove(pod: KubeObject): Promise<void> {
    const { name, namespace = '' } = pod.metadata;
    const flags = ['--grace-period=0', '--force', '--wait=false', '--ignore-not-found'];
    const { code, stderr } = await this.#deps.cluster.kubectl(['delete', 'pod', name, '-n', namespace, ...flags]);
    if (code !== 0) throw new Error(stderr.trim());
  }
}

/** Watches pods from here on. `stop` kills every process. */
export const startPodRunner = async (deps: PodRunnerDeps): Promise<PodRunner> => {
  const runner = new Runner(deps);
  deps.cache.onChange((kind, object, change) => {
    if (kind.kind === POD.kind && change === 'set') runner.look(object);
  });
  for (const pod of await deps.cache.list(POD)) runner.look(pod);
  return runner;
};
