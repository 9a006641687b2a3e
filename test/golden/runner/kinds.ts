import { KINDS } from '../../../shared/api/kinds.ts';
import type { Kind, KubeObject, Ref } from '../../../shared/api/kube.ts';
import { kindKey, refOf } from '../../../shared/api/kube.ts';
import { isFields } from './canonical.ts';
import type { Scenario } from './scenario.ts';

/** Kinds whose surplus objects a recording would show, whether or not it has one. */
const ALWAYS: readonly Kind[] = [
  KINDS.canary,
  KINDS.deployment,
  KINDS.daemonSet,
  KINDS.service,
  KINDS.configMap,
  KINDS.secret,
  KINDS.hpa,
  KINDS.scaledObject,
  { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', plural: 'ingresses', namespaced: true },
];

/** The kinds of every object that the recordings show; the plural comes from the recording's own key. */
export const recordedKinds = (scenarios: readonly Scenario[]): Kind[] => {
  const kinds = new Map(ALWAYS.map((kind) => [kindKey(kind), kind]));
  for (const { expect } of scenarios) {
    for (const [key, [first]] of Object.entries(expect.objects)) {
      if (first === undefined || first === 'DELETED') continue;
      const plural = key.split('/')[1] ?? '';
      const kind: Kind = { apiVersion: first.apiVersion, kind: first.kind, plural, namespaced: true };
      kinds.set(kindKey(kind), kind);
    }
  }
  return [...kinds.values()];
};

/** Every kind that the scenarios' objects and steps name besides. */
const NAMED: readonly Kind[] = [KINDS.metricTemplate, KINDS.alertProvider];

/** The ref of an object that a scenario names; throws for a kind that occurs nowhere in its recording. */
export const refIn = (scenario: Scenario, object: KubeObject): Ref => {
  const kinds = [...recordedKinds([scenario]), ...NAMED];
  const kind = kinds.find((candidate) => candidate.apiVersion === object.apiVersion && candidate.kind === object.kind);
  if (kind === undefined)
    throw new Error(`scenario ${scenario.name}: unknown kind ${object.apiVersion} ${object.kind}`);
  return refOf(kind, object);
};

/** By provider: kinds that were written, but that recordings do not show, since they show what lives in a namespace as it is stored. */
const WRITTEN: Readonly<Record<string, readonly Kind[]>> = {
  kuma: [{ apiVersion: 'kuma.io/v1alpha1', kind: 'TrafficRoute', plural: 'trafficroutes', namespaced: false }],
  linkerd: [
    { apiVersion: 'split.smi-spec.io/v1alpha1', kind: 'TrafficSplit', plural: 'trafficsplits', namespaced: true },
  ],
};

const providerIn = ({ objects }: Scenario): string => {
  const spec = objects.find((object) => object.kind === KINDS.canary.kind)?.['spec'];
  return isFields(spec) ? String(spec['provider']) : '';
};

/** The kinds that a cluster must serve for these scenarios although neither it nor we bring them; stored versions first. */
export const foreignKinds = (scenarios: readonly Scenario[]): Kind[] => {
  const served = new Set(['v1', 'apps/v1', 'autoscaling/v2', 'networking.k8s.io/v1', KINDS.canary.apiVersion]);
  const shown = recordedKinds(scenarios).filter((kind) => !served.has(kind.apiVersion));
  const written = scenarios.flatMap((scenario) => WRITTEN[providerIn(scenario)] ?? []);
  return [...new Map([...shown, ...written].map((kind) => [kindKey(kind), kind])).values()];
};
