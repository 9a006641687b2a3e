import type { KubeObject } from '../../../../../shared/api/kube.ts';
import type { Severity } from '../../../../../shared/api/model.ts';
import { canary, changing, kedaCanary, type Loose } from '../world.ts';
import type { RuleCase } from './case.ts';

const A = 'spec.analysis';
type Change = (it: Loose) => void;

/** A Canary in a phase, and the same with its spec changed. */
const changed = (phase: string, change: Change, start: Change = () => {}, status: Loose = {}, make = canary) => {
  const begin: Change = (it) => {
    it.status = { phase, canaryWeight: 20, iterations: 0, failedChecks: 1, ...status };
    start(it);
  };
  const object: KubeObject = make((it) => {
    begin(it);
    change(it);
  });
  return changing(make(begin), object);
};
const running = (change: Change, start?: Change, status?: Loose) => changed('Progressing', change, start, status);
const idle = (change: Change, start?: Change) => changed('Succeeded', change, start, { canaryWeight: 0 });

const row = (id: string, says: string, [severity, path, message]: readonly [Severity, string, string]) => ({
  id: `CANARY-UPD-${id}`,
  says,
  severity,
  path,
  message,
});

const weights =
  (...stepWeights: number[]): Change =>
  (it) => {
    delete it.spec.analysis.stepWeight;
    delete it.spec.analysis.maxWeight;
    it.spec.analysis.stepWeights = stepWeights;
  };
const iterations =
  (count: number): Change =>
  (it) => {
    delete it.spec.analysis.stepWeight;
    delete it.spec.analysis.maxWeight;
    it.spec.analysis.iterations = count;
  };

export const UPDATE_CASES: readonly RuleCase[] = [
  {
    ...row('001', 'another target during a rollout', ['deny', 'spec.targetRef', '"podinfo-primary" and its Services']),
    bad: running((it) => (it.spec.targetRef.name = 'other')),
    good: changed('', (it) => (it.spec.targetRef.name = 'other')),
  },
  {
    ...row('001', 'another target at rest', ['warn', 'spec.targetRef', 'Delete the Canary and create it anew']),
    bad: idle((it) => (it.spec.targetRef.name = 'other')),
    good: idle((it) => (it.spec.targetRef.weight = 1)),
  },
  {
    ...row('002', 'another provider during a rollout', ['deny', 'spec.provider', 'routes of nginx are not removed']),
    bad: running((it) => (it.spec.provider = 'istio')),
    good: running((it) => (it.spec.revertOnDeletion = true)),
  },
  {
    ...row('002', 'another Ingress at rest', ['warn', 'spec.ingressRef', 'Remove them by hand.']),
    bad: idle(
      (it) => (it.spec.ingressRef.name = 'other'),
      (it) => (it.spec.ingressRef = { name: 'web' }),
    ),
    good: idle(
      () => {},
      (it) => (it.spec.ingressRef = { name: 'web' }),
    ),
  },
  {
    ...row('003', 'other Services during a rollout', ['deny', 'spec.service.name', 'Services "podinfo"']),
    bad: running((it) => (it.spec.service.name = 'front')),
    good: running((it) => (it.spec.service.name = 'podinfo')),
  },
  {
    ...row('004', 'another strategy during a rollout', ['deny', A, 'from step weights to blue/green']),
    bad: running(iterations(3)),
    good: running(weights(20, 40)),
  },
  {
    ...row('005', 'a step that is gone', ['warn', `${A}.stepWeights`, 'Keep 20 in the list.']),
    bad: running(weights(15, 40), weights(20, 40)),
    good: running(weights(15, 20, 40), weights(20, 40)),
  },
  {
    ...row('006', 'a maximum that is reached', ['warn', `${A}.maxWeight`, 'has reached 20']),
    bad: running((it) => (it.spec.analysis.maxWeight = 20)),
    good: running((it) => (it.spec.analysis.maxWeight = 30)),
  },
  {
    ...row('006', 'iterations that are over', ['warn', `${A}.iterations`, 'has reached 3']),
    bad: running(iterations(3), iterations(5), { iterations: 3 }),
    good: running(iterations(4), iterations(5), { iterations: 3 }),
  },
  {
    ...row('008', 'more failed checks than are allowed', ['warn', `${A}.threshold`, 'failed checks so far: 1']),
    bad: running((it) => (it.spec.analysis.threshold = 1)),
    good: running((it) => (it.spec.analysis.threshold = 2)),
  },
  {
    ...row('009', 'a scaler that stays paused', ['warn', 'spec.autoscalerRef', '"podinfo-so" stays paused']),
    bad: changed('Succeeded', (it) => delete it.spec.autoscalerRef, undefined, { canaryWeight: 0 }, kedaCanary),
    good: changed('Progressing', (it) => delete it.spec.autoscalerRef, undefined, {}, kedaCanary),
  },
  {
    ...row('010', 'a rollout that is left as it is', ['warn', 'spec.suspend', 'traffic stays at 20%']),
    bad: running((it) => (it.spec.suspend = true)),
    good: idle((it) => (it.spec.suspend = true)),
  },
  {
    ...row('011', 'a rollout that is no longer checked', ['warn', 'spec.skipAnalysis', 'promotes at once']),
    bad: running((it) => (it.spec.skipAnalysis = true)),
    good: idle((it) => (it.spec.skipAnalysis = true)),
  },
  {
    ...row('012', 'Services that are to lose their address', ['warn', 'spec.service.headless', 'no effect']),
    bad: idle((it) => (it.spec.service.headless = true)),
    good: idle((it) => (it.spec.service.headless = false)),
  },
  {
    ...row('014', 'a cookie of another name', ['warn', `${A}.sessionAffinity`, 'lose their version']),
    bad: running(
      (it) => (it.spec.analysis.sessionAffinity.cookieName = 'other'),
      (it) => (it.spec.analysis.sessionAffinity = { cookieName: 'pin' }),
    ),
    good: running(
      (it) => (it.spec.analysis.sessionAffinity.maxAge = 5),
      (it) => (it.spec.analysis.sessionAffinity = { cookieName: 'pin' }),
    ),
  },
];
