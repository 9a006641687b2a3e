import { readdirSync, readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { KINDS } from '../../../shared/api/kinds.ts';
import type { Kind, KubeObject } from '../../../shared/api/kube.ts';
import type { Clock, Kube } from '../../../shared/engine/ports.ts';
import { sleep } from '../../../shared/engine/ports.ts';
import { CanaryError, hasCode } from '../../../shared/errors.ts';
import { schemaFreeCrds } from './foreign-crds.ts';
import { foreignKinds, recordedKinds } from './kinds.ts';
import type { Scenario } from './scenario.ts';

const OUR_CRDS = new URL('../../../charts/kubectl-canary/crds/', import.meta.url);
const LOOK_AGAIN_MS = 100;
const PATIENCE_MS = 30_000;

/** The CustomResourceDefinitions that the chart brings. */
export const ourCrds = (): KubeObject[] =>
  readdirSync(OUR_CRDS)
    .filter((file) => file.endsWith('.yaml'))
    .flatMap((file) => parseAllDocuments(readFileSync(new URL(file, OUR_CRDS), 'utf8')))
    .map((document) => document.toJS() as KubeObject);

/** A kind is served a moment after its definition came: until then the server does not know it, or asks for patience. */
const isServed = async (kube: Kube, kind: Kind): Promise<boolean> => {
  try {
    await kube.list(kind);
    return true;
  } catch (error) {
    if (error instanceof CanaryError && error.retriable) return false;
    if (hasCode(error, 'API_NOT_FOUND')) return false;
    throw error;
  }
};

const waitUntilServed = async (kube: Kube, clock: Clock, kind: Kind): Promise<void> => {
  const end = clock.now() + PATIENCE_MS;
  while (!(await isServed(kube, kind))) {
    if (clock.now() > end) throw new Error(`${kind.plural} were not served within ${PATIENCE_MS / 1000} s`);
    await sleep(clock, LOOK_AGAIN_MS);
  }
};

/** Makes a fresh cluster serve what the scenarios need: our kinds by our schemas, the traffic providers' without one. */
export const installKinds = async (kube: Kube, clock: Clock, scenarios: readonly Scenario[]): Promise<void> => {
  for (const crd of [...ourCrds(), ...schemaFreeCrds(foreignKinds(scenarios))]) await kube.create(KINDS.crd, crd);
  const ours = [KINDS.canary, KINDS.metricTemplate, KINDS.alertProvider];
  for (const kind of [...ours, ...recordedKinds(scenarios), ...foreignKinds(scenarios)])
    await waitUntilServed(kube, clock, kind);
};

/** Creates the namespace that a scenario lives in. */
export const createNamespace = async (kube: Kube, name: string): Promise<void> => {
  await kube.create(KINDS.namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
};
