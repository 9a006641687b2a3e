/** Plays scheduler and kubelet: pods get a node, an address, and become ready after a while, or never. */
import type { KubeObject } from '../../api/kube.ts';
import { timestamp } from '../context.ts';
import type { Fields } from '../json.ts';
import { fieldsAt, listAt, own, textAt } from '../json.ts';
import { type Controller, keyOf, type Workshop } from './runner.ts';

/** Annotation on a pod (or pod template): `never`, or milliseconds until ready. */
export const READY_ANNOTATION = 'sim.kubectl-canary/ready';

export interface PodOptions {
  /** From creation to ready, in milliseconds. */
  readonly readyAfterMs: number;
  /** Decides for a pod when it becomes ready: milliseconds, or `never`. Default: its annotation, then its image's tag. */
  readonly readiness?: (pod: KubeObject) => number | 'never' | undefined;
}

const BROKEN_TAG = /:([\w.-]+-)?(broken|never-ready)$/;

/** The one node has the labels that every node has; a selector for any other finds none. */
const fitsNode = (pod: KubeObject): boolean =>
  Object.keys(fieldsAt(pod, 'spec', 'nodeSelector')).every((key) => key.startsWith('kubernetes.io/'));

/** Milliseconds until a pod is ready, or `never`: by its annotation, or by an image tag such as `1.2.3-broken`. */
const readinessOf = (pod: KubeObject, options: PodOptions): number | 'never' => {
  const chosen = options.readiness?.(pod);
  if (chosen !== undefined) return chosen;
  const annotated = pod.metadata.annotations?.[READY_ANNOTATION];
  if (annotated === 'never') return 'never';
  if (annotated !== undefined && /^\d+$/.test(annotated)) return Number(annotated);
  if (!fitsNode(pod)) return 'never';
  return listAt(pod, 'spec', 'containers').some((one) => BROKEN_TAG.test(textAt(one, 'image')))
    ? 'never'
    : options.readyAfterMs;
};

const condition = (type: string, status: boolean, now: string, more: Fields = {}): Fields => ({
  type,
  status: status ? 'True' : 'False',
  lastProbeTime: null,
  lastTransitionTime: now,
  ...more,
});

const addressOf = (pod: KubeObject): string => {
  const sum = [...(pod.metadata.uid ?? '')].reduce((total, letter) => (total * 31 + letter.charCodeAt(0)) % 62_500, 7);
  return `10.244.${Math.floor(sum / 250)}.${(sum % 250) + 1}`;
};

const containerStatus = (container: unknown, ready: boolean, crashing: boolean, now: string): Fields => ({
  name: own(container, 'name'),
  image: own(container, 'image'),
  imageID: '',
  ready,
  started: ready,
  restartCount: 0,
  state: crashing
    ? { waiting: { reason: 'CrashLoopBackOff', message: 'back-off restarting failed container' } }
    : { running: { startedAt: now } },
});

const statusOf = (pod: KubeObject, ready: boolean, crashing: boolean, now: string): Fields => {
  const ip = addressOf(pod);
  const notReady = ready ? {} : { reason: 'ContainersNotReady', message: 'containers with unready status' };
  return {
    phase: 'Running',
    qosClass: textAt(pod, 'status', 'qosClass'),
    startTime: textAt(pod, 'status', 'startTime') || now,
    hostIP: '10.1.1.2',
    podIP: ip,
    podIPs: [{ ip }],
    conditions: [
      condition('PodScheduled', true, now),
      condition('Initialized', true, now),
      condition('ContainersReady', ready, now, notReady),
      condition('Ready', ready, now, notReady),
    ],
    containerStatuses: listAt(pod, 'spec', 'containers').map((one) => containerStatus(one, ready, crashing, now)),
  };
};

export const isPodReady = (pod: KubeObject): boolean =>
  listAt(pod, 'status', 'conditions').some((one) => own(one, 'type') === 'Ready' && own(one, 'status') === 'True');

/** When the pod last became ready, in milliseconds since 1970; undefined while it is not. */
export const readySince = (pod: KubeObject): number | undefined => {
  const ready = listAt(pod, 'status', 'conditions').find(
    (one) => own(one, 'type') === 'Ready' && own(one, 'status') === 'True',
  );
  return ready === undefined ? undefined : Date.parse(textAt(ready, 'lastTransitionTime'));
};

/** The controller of pods. */
export const createPodController = (workshop: Workshop, options: PodOptions): Controller => {
  const { rest, caller, clock, server } = workshop;
  const kind = workshop.kind('v1', 'pods');
  return {
    name: 'pods',
    keysOf: (change) => (change.resource === kind.storage && change.type !== 'DELETED' ? [keyOf(change.object)] : []),
    async sync(namespace, name) {
      const at = { kind, namespace, name };
      const pod = server.store.get(kind.storage, namespace, name);
      if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return undefined;
      const now = timestamp(clock.now());
      if (textAt(pod, 'spec', 'nodeName') === '') {
        const node = server.store.list('/nodes', '')[0]?.metadata.name ?? 'node-1';
        await rest.patch(at, { type: 'merge', body: { spec: { nodeName: node } } }, caller);
        return undefined;
      }
      const wanted = readinessOf(pod, options);
      const age = clock.now() - Date.parse(pod.metadata.creationTimestamp ?? now);
      if (textAt(pod, 'status', 'phase') === 'Pending') {
        await rest.replace(
          { ...at, subresource: 'status' },
          { ...pod, status: statusOf(pod, false, wanted === 'never', now) },
          caller,
        );
        return undefined;
      }
      if (wanted === 'never' || isPodReady(pod)) return undefined;
      if (age < wanted) return wanted - age;
      await rest.replace({ ...at, subresource: 'status' }, { ...pod, status: statusOf(pod, true, false, now) }, caller);
      return undefined;
    },
  };
};
