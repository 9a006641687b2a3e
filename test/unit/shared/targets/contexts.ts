/** What the codecs of workloads are asked with. */
import { KINDS } from '../../../../shared/api/kinds.ts';
import { type Kind, type KubeObject, refKey, refOf, refTo } from '../../../../shared/api/kube.ts';
import type { PrimaryContext, ReadinessQuestion } from '../../../../shared/targets/target.ts';

export const OWNER = {
  apiVersion: KINDS.canary.apiVersion,
  kind: KINDS.canary.kind,
  name: 'podinfo',
  uid: 'u',
  controller: true,
  blockOwnerDeletion: true,
};

export const contextFor = (kind: Kind, more: Partial<PrimaryContext> = {}): PrimaryContext => ({
  ref: refTo(kind, 'test', 'podinfo-primary'),
  owner: OWNER,
  selectorLabels: ['app', 'name'],
  includePrefixes: [],
  copiedConfigs: new Set(),
  rolloutId: 'id-1',
  hasScaler: false,
  ...more,
});

/** Asked at 50 s, of a wait that began at 10 s and may last 60 s. */
export const question = (
  more: Partial<ReadinessQuestion> = {},
  others: readonly [Kind, KubeObject][] = [],
): ReadinessQuestion => ({
  now: 50_000,
  thresholdPercent: 100,
  deadlineSeconds: 60,
  since: 10_000,
  side: 'target',
  objects: new Map(others.map(([kind, object]) => [refKey(refOf(kind, object)), object])),
  ...more,
});
