import { runVerb } from '../verbs/act.ts';
import { RETRY } from '../verbs/rollback.ts';

export const run = runVerb(RETRY);
