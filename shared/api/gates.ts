/** Native gates: approvals by a person that a rollout waits for, without an HTTP service. */
import type { AnalysisGate, Canary } from './canary.ts';
import { analysisOf } from './defaults.ts';
import { parseGoDuration } from './duration.ts';
import { ANNOTATIONS } from './names.ts';
import { GATE_TIMEOUTS, GATE_TYPES } from './words.ts';

const FIELDS: readonly string[] = ['name', 'type', 'timeout', 'onTimeout'];
const LONGEST_NAME = 100;

const isOneOf = (words: readonly string[], value: unknown): boolean => words.includes(value as string);

const fieldProblem = ({ name, type, timeout, onTimeout }: Record<string, unknown>): string | undefined => {
  if (typeof name !== 'string' || name === '' || name.length > LONGEST_NAME)
    return `name must be a text of 1 to ${LONGEST_NAME} characters`;
  if (!isOneOf(GATE_TYPES, type)) return `type must be one of ${GATE_TYPES.join(', ')}`;
  const ms = typeof timeout === 'string' ? parseGoDuration(timeout) : undefined;
  if (timeout !== undefined && !(ms !== undefined && ms > 0)) return 'timeout must be a duration such as 2h';
  if (onTimeout !== undefined && !isOneOf(GATE_TIMEOUTS, onTimeout))
    return `onTimeout must be one of ${GATE_TIMEOUTS.join(', ')}`;
  return undefined;
};

/** `where`: the list, as messages name it. The annotation has no schema: what is not known there is refused too. */
const listProblem = (list: unknown, where: string, isStrict: boolean): string | undefined => {
  if (!Array.isArray(list)) return `${where} is not a list`;
  for (const [index, gate] of list.entries()) {
    if (typeof gate !== 'object' || gate === null || Array.isArray(gate)) return `${where}[${index}] is not an object`;
    const unknown = isStrict ? Object.keys(gate as object).find((field) => !FIELDS.includes(field)) : undefined;
    if (unknown !== undefined)
      return `${where}[${index}]: ${JSON.stringify(unknown)} is not a field of a gate; known: ${FIELDS.join(', ')}`;
    const problem = fieldProblem(gate as Record<string, unknown>);
    if (problem !== undefined) return `${where}[${index}]: ${problem}`;
  }
  return undefined;
};

const fromAnnotation = (text: string | undefined): unknown => {
  if (text === undefined || text.trim() === '') return [];
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** The gates of the spec, then those of the annotation; or what is wrong with them, in one line that names the place. */
export const readGates = (canary: Canary): { gates: readonly AnalysisGate[] } | { invalid: string } => {
  const { gates: ofSpec = [] } = analysisOf(canary);
  const annotated = fromAnnotation(canary.metadata.annotations?.[ANNOTATIONS.gates]);
  if (annotated === undefined) return { invalid: `annotation ${ANNOTATIONS.gates} is not JSON` };
  const invalid =
    listProblem(ofSpec, 'spec.analysis.gates', false) ??
    listProblem(annotated, `annotation ${ANNOTATIONS.gates}`, true);
  if (invalid !== undefined) return { invalid };
  const gates = [...ofSpec, ...(annotated as AnalysisGate[])];
  const names = gates.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return twice === undefined
    ? { gates }
    : { invalid: `two gates are called ${JSON.stringify(twice)}: approve and reject could not tell them apart` };
};

/** The gates; none where they are unreadable, which a driver refuses to work with. */
export const gatesOf = (canary: Canary): readonly AnalysisGate[] => {
  const read = readGates(canary);
  return 'gates' in read ? read.gates : [];
};
