import { runVerb } from '../verbs/act.ts';
import { SET_WEIGHT } from '../verbs/step.ts';

export const run = runVerb(SET_WEIGHT);
