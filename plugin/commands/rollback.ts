import { runVerb } from '../verbs/act.ts';
import { ROLLBACK } from '../verbs/rollback.ts';

export const run = runVerb(ROLLBACK);
