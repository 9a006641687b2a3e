import { readdirSync, readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { KINDS } from '../../../shared/api/kinds.ts';
import type { KubeObject } from '../../../shared/api/kube.ts';
import { refTo } from '../../../shared/api/kube.ts';
import type { Clock, Kube } from '../../../shared/engine/ports.ts';
import { sleep } from '../../../shared/engine/ports.ts';
import { schemaFreeCrds } from './foreign-crds.ts';
import { foreignKinds } from './kinds.ts';
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

const isEstablished = (crd: KubeObject): boolean => {
  const { conditions = [] } = (crd['status'] ?? {}) as { conditions?: { type: string; status: string }[] };
  return conditions.some(({ type, status }) => type === 'Established' && status === 'True');
};

const install = async (kube: Kube, clock: Clock, crd: KubeObject): Promise<void> => {
  await kube.create(KINDS.crd, crd);
  const end = clock.now() + PATIENCE_MS;
  while (!isEstablished(await kube.get(refTo(KINDS.crd, '', crd.metadata.name)))) {
    if (clock.now() > end) throw new Error(`${crd.metadata.name} was not established within ${PATIENCE_MS / 1000} s`);
    await sleep(clock, LOOK_AGAIN_MS);
  }
};

/** Makes a fresh cluster serve what the scenarios need: our kinds by our schemas, the traffic providers' without one. */
export const installKinds = async (kube: Kube, clock: Clock, scenarios: readonly Scenario[]): Promise<void> => {
  for (const crd of [...ourCrds(), ...schemaFreeCrds(foreignKinds(scenarios))]) await install(kube, clock, crd);
};

/** Creates the namespace that a scenario lives in. */
export const createNamespace = async (kube: Kube, name: string): Promise<void> => {
  await kube.create(KINDS.namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
};
