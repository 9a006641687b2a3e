import { runVerb } from '../verbs/act.ts';
import { RESUME } from '../verbs/pause.ts';

export const run = runVerb(RESUME);
