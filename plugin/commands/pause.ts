import { runVerb } from '../verbs/act.ts';
import { PAUSE } from '../verbs/pause.ts';

export const run = runVerb(PAUSE);
