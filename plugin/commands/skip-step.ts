import { runVerb } from '../verbs/act.ts';
import { SKIP_STEP } from '../verbs/step.ts';

export const run = runVerb(SKIP_STEP);
