import { runVerb } from '../verbs/act.ts';
import { APPROVE } from '../verbs/gate.ts';

export const run = runVerb(APPROVE);
