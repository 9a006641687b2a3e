import { runVerb } from '../verbs/act.ts';
import { UNDO } from '../verbs/undo.ts';

export const run = runVerb(UNDO);
