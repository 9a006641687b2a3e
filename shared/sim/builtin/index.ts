/** Registry of the kinds that every simulated server serves from the start. */
import type { KindOptions } from '../kinds.ts';
import { AUTOSCALER } from './autoscaling.ts';
import { CORE } from './core.ts';
import { CUSTOM } from './custom.ts';
import { OTHERS, REVIEWS } from './others.ts';
import { PODS } from './pods.ts';
import { SERVICE } from './service.ts';
import { WORKLOADS } from './workloads.ts';

export const BUILTIN: readonly KindOptions[] = [
  ...CORE,
  SERVICE,
  ...PODS,
  ...WORKLOADS,
  AUTOSCALER,
  ...OTHERS,
  ...REVIEWS,
  ...CUSTOM,
];
