/** Validates objects against the schemas of our generated CRDs, as far as JSON Schema goes: no CEL, no pruning. */
import { readdirSync, readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { parse } from 'yaml';
import type { KubeObject } from '../../../../shared/api/kube.ts';

const CRDS = new URL('../../../../charts/kubectl-canary/crds/', import.meta.url);

export interface Crd extends KubeObject {
  spec: {
    group: string;
    scope: string;
    names: { kind: string; plural: string; categories?: string[]; shortNames?: string[] };
    versions: {
      name: string;
      served: boolean;
      storage: boolean;
      additionalPrinterColumns: unknown[];
      schema: { openAPIV3Schema: Record<string, unknown> };
    }[];
  };
}

/** The CRDs as they stand in the chart. */
export const generatedCrds = (): Crd[] =>
  readdirSync(CRDS)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => parse(readFileSync(new URL(file, CRDS), 'utf8')) as Crd);

const compileAll = (): Map<string, ValidateFunction> => {
  const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allErrors: true });
  formats.default(ajv, ['int32', 'int64', 'date-time']);
  ajv.addVocabulary(['x-kubernetes-int-or-string', 'x-kubernetes-map-type', 'x-kubernetes-validations']);
  return new Map(
    generatedCrds().map((crd) => [
      crd.spec.names.kind,
      ajv.compile(crd.spec.versions[0]?.schema.openAPIV3Schema ?? {}),
    ]),
  );
};

const validators = compileAll();

/** What the schema of its kind says against `object`, one line per fault. */
export const faultsOf = (object: KubeObject): string[] => {
  const validate = validators.get(object.kind);
  if (validate === undefined) return [`no CRD for kind ${object.kind}`];
  return validate(object) ? [] : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message ?? ''}`);
};
