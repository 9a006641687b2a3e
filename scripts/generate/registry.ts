/** Every generated file of the repository: where it stands and what it must hold. */
import { chartFiles } from './chart.ts';
import { crdFiles } from './crds.ts';
import { supportFiles } from './support-table.ts';

export interface GeneratedFile {
  /** From the root of the repository, with forward slashes. */
  readonly path: string;
  /** The whole text; the same at each call. */
  readonly render: () => string;
}

export const GENERATED_FILES: readonly GeneratedFile[] = [...crdFiles(), ...chartFiles(), ...supportFiles()];
