/** Specs that can't be carried out, whatever happens. The webhook refuses them; an older object may have one all the same. */

import type { Canary } from '../api/canary.ts';
import { analysisOf, metricsOf, skipsAnalysis } from '../api/defaults.ts';
import { parseGoDuration } from '../api/duration.ts';
import { readGates } from '../api/gates.ts';
import type { Capabilities } from '../api/model.ts';
import { unsupportedPreview, unsupportedTest } from '../api/unsupported.ts';
import { iterationsFor, weightsOf } from './steps.ts';

interface Question {
  capabilities: Capabilities;
  /** Services are generated for it. */
  needsPort: boolean;
}

/** Why this spec can't be carried out, in one line that names the field; undefined: it can. */
export const specProblemOf = (canary: Canary, { capabilities, needsPort }: Question): string | undefined => {
  const problem = (needsPort ? portProblem(canary) : undefined) ?? gatesProblem(canary);
  if (problem !== undefined || skipsAnalysis(canary)) return problem;
  const found = unsupportedTest(canary, capabilities) ?? unsupportedPreview(canary, capabilities);
  return stepsProblem(canary, capabilities) ?? (found && `${found.path} ${found.message}`) ?? judgementProblem(canary);
};

const portProblem = (canary: Canary): string | undefined => {
  const port: unknown = canary.spec.service?.port;
  if (Number.isInteger(port) && (port as number) >= 1 && (port as number) <= 65_535) return undefined;
  return `spec.service.port is ${port === undefined ? 'missing' : JSON.stringify(port)}: the generated Services need a port from 1 to 65535.`;
};

/** A gate that nobody can read would be a gate that nobody keeps. */
const gatesProblem = (canary: Canary): string | undefined => {
  const read = readGates(canary);
  return 'invalid' in read ? read.invalid : undefined;
};

/** What would be judged by nothing, or at no time. */
const judgementProblem = (canary: Canary): string | undefined => {
  const { gracePeriod } = analysisOf(canary);
  if (gracePeriod !== undefined && !((parseGoDuration(gracePeriod) ?? -1) >= 0))
    return `spec.analysis.gracePeriod ${JSON.stringify(gracePeriod)} is not a duration such as 2m.`;
  for (const [index, { compare }] of metricsOf(canary).entries()) {
    if (compare === undefined) continue;
    const { maxIncreasePercent: more, maxDecreasePercent: less } = compare;
    const at = `spec.analysis.metrics[${index}].compare`;
    if (compare.with !== 'primary') return `${at}.with must be primary.`;
    if (more === undefined && less === undefined)
      return `${at} sets neither maxIncreasePercent nor maxDecreasePercent: nothing would be compared.`;
    if (!((more ?? 0) >= 0 && (less ?? 0) >= 0)) return `${at}: a percentage below 0 leaves no value that passes.`;
  }
  return undefined;
};

const stepsProblem = (canary: Canary, capabilities: Capabilities): string | undefined => {
  if (iterationsFor(canary, capabilities) > 0 || weightsOf(canary).some((weight) => weight > 0)) return undefined;
  return 'spec.analysis sets neither iterations nor a step above 0: traffic would never move. Set stepWeight, stepWeights or iterations.';
};
