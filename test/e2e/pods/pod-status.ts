/** What a kubelet says about a pod whose only container runs and is ready. */
import type { KubeObject } from '../../../shared/api/kube.ts';

interface PodSpec {
  readonly nodeName?: string;
  readonly containers: readonly { readonly name: string; readonly image: string }[];
}

export const specOf = (pod: KubeObject): PodSpec => pod['spec'] as PodSpec;

const CONDITIONS = ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'];

/** `now` is a time of the API, `2026-01-02T03:04:05Z`. */
export const runningStatus = (pod: KubeObject, address: string, now: string): object => ({
  phase: 'Running',
  hostIP: '10.1.1.2',
  podIP: address,
  podIPs: [{ ip: address }],
  startTime: now,
  conditions: CONDITIONS.map((type) => ({ type, status: 'True', lastTransitionTime: now })),
  containerStatuses: specOf(pod).containers.map(({ name, image }) => ({
    name,
    image,
    imageID: image,
    ready: true,
    started: true,
    restartCount: 0,
    state: { running: { startedAt: now } },
  })),
});
