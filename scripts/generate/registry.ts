/** Every generated file of the repository: where it stands and what it must hold. */
import { chartFiles } from './chart.ts';
import { crdFiles } from './crds.ts';
import type { GeneratedFile } from './files.ts';
import { supportFiles } from './support-table.ts';

export const GENERATED_FILES: readonly GeneratedFile[] = [...crdFiles(), ...chartFiles(), ...supportFiles()];
