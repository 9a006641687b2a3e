/** Specs that can't be carried out, whatever happens. The webhook refuses them; an older object may have one all the same. */

import type { Canary } from '../api/canary.ts';
import { analysisOf, skipsAnalysis } from '../api/defaults.ts';
import { readGates } from '../api/gates.ts';
import { isExpressible } from '../api/match-forms.ts';
import type { Capabilities } from '../api/model.ts';
import { strategyOf } from '../api/names.ts';
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
  return (
    stepsProblem(canary, capabilities) ?? matchProblem(canary, capabilities) ?? previewProblem(canary, capabilities)
  );
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

const stepsProblem = (canary: Canary, capabilities: Capabilities): string | undefined => {
  if (iterationsFor(canary, capabilities) > 0 || weightsOf(canary).some((weight) => weight > 0)) return undefined;
  return 'spec.analysis sets neither iterations nor a step above 0: traffic would never move. Set stepWeight, stepWeights or iterations.';
};

/** Without a rule that the provider knows, an A/B test would send everybody to the new revision, or nobody. */
const matchProblem = (canary: Canary, capabilities: Capabilities): string | undefined => {
  if (strategyOf(canary) !== 'ab-testing' || capabilities.iterationsOnly) return undefined;
  if ((analysisOf(canary).match ?? []).some((entry) => isExpressible(entry, capabilities.match))) return undefined;
  const known = capabilities.match.length === 0 ? 'by no rule at all' : `by ${capabilities.match.join(', ')} alone`;
  return `spec.analysis.match has no rule that this provider can route by (${known}). Change match, or remove it for blue/green.`;
};

/** Whoever previews must not be sent elsewhere without a word. */
const previewProblem = (canary: Canary, capabilities: Capabilities): string | undefined => {
  const { preview } = analysisOf(canary);
  if (!preview) return undefined;
  if (iterationsFor(canary, capabilities) > 0)
    return 'spec.analysis.preview stands beside step weights alone. Remove it, or iterations.';
  if (capabilities.preview !== true) return 'spec.analysis.preview: this provider has only weights. Remove it.';
  const wrong = preview.match.findIndex((entry) => !isExpressible(entry, capabilities.match));
  if (wrong < 0) return undefined;
  return `spec.analysis.preview.match[${wrong}] is nothing that this provider can route by (it knows ${capabilities.match.join(', ')}). Change it.`;
};
