import { stringify } from 'yaml';
import { customResourceDefinitions } from '../../shared/api/crd.ts';
import { PROVIDER_NAMES } from '../../shared/routing/index.ts';
import type { GeneratedFile } from './files.ts';

const HEADER = '# Generated from shared/api by "npm run generate"; edit the schemas there.\n';

/** `charts/kubectl-canary/crds/<name>.yaml` for each of our kinds. */
export const crdFiles = (): GeneratedFile[] =>
  customResourceDefinitions(PROVIDER_NAMES).map((crd) => ({
    path: `charts/kubectl-canary/crds/${crd.metadata.name}.yaml`,
    render: () => HEADER + stringify(crd, { lineWidth: 0, aliasDuplicateObjects: false }),
  }));
