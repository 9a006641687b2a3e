import type { RuleCase } from './case.ts';
import { DURATION_CASES } from './durations.ts';
import { OTHER_CASES } from './others.ts';
import { SCALING_CASES } from './scaling.ts';
import { STRATEGY_CASES } from './strategy.ts';
import { TYPE_CASES } from './types.ts';

/** An example of each rule. */
export const RULE_CASES: readonly RuleCase[] = [...TYPE_CASES, ...DURATION_CASES, ...STRATEGY_CASES, ...SCALING_CASES, ...OTHER_CASES];
