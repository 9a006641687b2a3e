/** Before driving anything: are the CRDs there, and do they keep what we remember in status? */
import { KINDS } from '../api/kinds.ts';
import { refTo } from '../api/kube.ts';
import { CanaryError, hasCode } from '../errors.ts';
import type { Kube } from './ports.ts';

const NEEDED = [KINDS.canary, KINDS.metricTemplate, KINDS.alertProvider] as const;
const REMEDY = 'kubectl apply --server-side --force-conflicts -f charts/kubectl-canary/crds';

interface CrdVersion {
  name: string;
  schema?: { openAPIV3Schema?: { properties?: { status?: { properties?: Record<string, unknown> } } } };
}

/** Throws KIND_MISSING naming the CRD, or REFUSED where a CRD would drop our fields. Without the right to read CRDs it only lists. */
export const checkCrds = async (kube: Kube, signal?: AbortSignal): Promise<void> => {
  const options = signal ? { signal } : {};
  for (const kind of NEEDED) {
    const name = `${kind.plural}.flagger.app`;
    try {
      const crd = await kube.get(refTo(KINDS.crd, '', name), options);
      if (kind === KINDS.canary) assertKeepsStatus((crd['spec'] as { versions?: CrdVersion[] }).versions ?? []);
    } catch (error) {
      if (hasCode(error, 'API_NOT_FOUND')) {
        throw new CanaryError('KIND_MISSING', `the ${kind.kind} resource type is not installed in this cluster`, {
          remedy: REMEDY,
        });
      }
      if (!hasCode(error, 'API_FORBIDDEN')) throw error;
    }
  }
};

const assertKeepsStatus = (versions: readonly CrdVersion[]): void => {
  const status = versions.find((version) => version.name === 'v1beta1')?.schema?.openAPIV3Schema?.properties?.status
    ?.properties;
  if (status?.['revision'] !== undefined) return;
  throw new CanaryError('REFUSED', 'the installed Canary CRD would drop the fields that a rollout is remembered by', {
    remedy: REMEDY,
  });
};
