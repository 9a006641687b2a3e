import { runVerb } from '../verbs/act.ts';
import { REJECT } from '../verbs/gate.ts';

export const run = runVerb(REJECT);
