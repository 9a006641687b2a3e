/** Which rights a terminal driver lacks, asked before it starts. */
import type { Canary } from '../../shared/api/canary.ts';
import { apexNameOf } from '../../shared/api/names.ts';
import type { Connection, Io } from '../io.ts';

interface Needed {
  readonly group: string;
  readonly resource: string;
  readonly verbs: readonly string[];
  readonly subresource?: string;
}

const WRITE = ['get', 'list', 'watch', 'create', 'update', 'patch'] as const;

const TARGETS: Readonly<Record<string, Needed>> = {
  Deployment: { group: 'apps', resource: 'deployments', verbs: WRITE },
  DaemonSet: { group: 'apps', resource: 'daemonsets', verbs: WRITE },
};

const SCALERS: Readonly<Record<string, Needed>> = {
  HorizontalPodAutoscaler: { group: 'autoscaling', resource: 'horizontalpodautoscalers', verbs: WRITE },
  ScaledObject: { group: 'keda.sh', resource: 'scaledobjects', verbs: WRITE },
};

const neededFor = (canary: Canary): Needed[] => {
  const target = TARGETS[canary.spec.targetRef.kind ?? 'Deployment'];
  const scaler = SCALERS[canary.spec.autoscalerRef?.kind ?? ''];
  return [
    { group: 'flagger.app', resource: 'canaries', verbs: ['get', 'list', 'watch'] },
    { group: 'flagger.app', resource: 'canaries', subresource: 'status', verbs: ['update'] },
    { group: 'coordination.k8s.io', resource: 'leases', verbs: ['get', 'create', 'update'] },
    { group: '', resource: 'events', verbs: ['create'] },
    ...(target === undefined ? [] : [target]),
    ...(scaler === undefined ? [] : [scaler]),
    ...(apexNameOf(canary) === '' ? [] : [{ group: '', resource: 'services', verbs: WRITE }]),
  ];
};

interface Review {
  status?: { allowed?: boolean };
}

/** `update services`, … in words; empty when all are there, or the server cannot say. */
export const missingRights = async (canary: Canary, connection: Connection, io: Io): Promise<string[]> => {
  const namespace = canary.metadata.namespace ?? '';
  const ask = async (needed: Needed, verb: string): Promise<string[]> => {
    const { group, resource, subresource } = needed;
    const resourceAttributes = {
      namespace,
      verb,
      group,
      resource,
      ...(subresource === undefined ? {} : { subresource }),
    };
    const body = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes },
    };
    const review = (await connection.kube
      .raw('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', body, io.signal)
      .catch(() => undefined)) as Review | undefined;
    return review?.status?.allowed === false
      ? [`${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}`]
      : [];
  };
  const answers = await Promise.all(
    neededFor(canary).flatMap((needed) => needed.verbs.map((verb) => ask(needed, verb))),
  );
  return answers.flat();
};
