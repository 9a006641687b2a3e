import type { Run } from '../cli/spec.ts';
import { runVerb } from '../verbs/act.ts';
import { PROMOTE, PROMOTE_FULL } from '../verbs/promote.ts';

export const run: Run = (input, io) => runVerb(input.flag('full') ? PROMOTE_FULL : PROMOTE)(input, io);
