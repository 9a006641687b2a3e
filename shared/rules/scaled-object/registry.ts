import type { Rule, Subject } from '../rule.ts';
import { ALONE_RULES } from './alone.ts';
import { CANARY_SIDE_RULES } from './canary-side.ts';

/** Every rule about a ScaledObject. */
export const SCALED_OBJECT_RULES: readonly Rule<Subject>[] = [...ALONE_RULES, ...CANARY_SIDE_RULES];
