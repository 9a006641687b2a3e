import { runVerb } from '../verbs/act.ts';
import { RESTART } from '../verbs/undo.ts';

export const run = runVerb(RESTART);
