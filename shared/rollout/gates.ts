/** Hooks asked in the order of the list, up to the first that decides; then the native gates of the same place. */

import type { AnalysisGate, HookType } from '../api/canary.ts';
import { hookTypeOf, webhooksOf } from '../api/defaults.ts';
import { type Answers, type Probe, probeKey, type Report } from '../api/model.ts';
import { closedGate } from './native-gates.ts';
import type { ReadableWorld } from './phases/handler.ts';
import { phaseOf } from './status.ts';
import { normal } from './texts.ts';
import type { World } from './world.ts';

/** A question that comes first. */
interface Open {
  ask: Probe;
  passed?: never;
  reports: Report[];
}

/** Every hook passed; told for each that did. */
interface Passed {
  passed: true;
  names: string[];
  reports: Report[];
}

/** `gate`: not a hook, but the native gate of that name. */
export interface Closed {
  passed: false;
  hook: string;
  muteAlert: boolean;
  gate?: AnalysisGate;
  reports: Report[];
}

type AskedHooks = Open | Passed | (Closed & { error: string });
type Asked = Open | Passed | Closed;

/** What is no hook's answer is no yes. */
const answerOf = (answers: Answers, probe: Probe): { passed: boolean; error: string } | undefined => {
  const answer = answers.get(probeKey(probe));
  return answer === undefined || answer.kind === 'hook' ? answer : { passed: false, error: '' };
};

const PASSED: Partial<Record<HookType, string>> = {
  'confirm-rollout': 'Confirm-rollout',
  'pre-rollout': 'Pre-rollout',
  'confirm-traffic-increase': 'Confirm-traffic-increase',
  'confirm-promotion': 'Confirm-promotion',
};

/**
 * The phase that a hook is told. Receivers of the reference know an analysis as Progressing, a waiting one included;
 * only the gate before it hears the phase that the Canary is in.
 */
const toldPhase = (world: World, type: HookType): string =>
  type === 'confirm-rollout' ? phaseOf(world.canary) : 'Progressing';

const hooksOf = (world: World, type: HookType) =>
  webhooksOf(world.canary)
    .map((hook, index) => ({ hook, index }))
    .filter(({ hook }) => hookTypeOf(hook) === type);

export const hasHook = (world: World, type: HookType): boolean => hooksOf(world, type).length > 0;

/** Asks the hooks of one type until one fails. `before` is told before the first question. */
export const askHooks = (
  world: World,
  answers: Answers,
  type: HookType,
  before: readonly Report[] = [],
): AskedHooks => {
  const reports = [...before];
  const names: string[] = [];
  for (const { hook, index } of hooksOf(world, type)) {
    const probe: Probe = { ask: 'hook', index, phase: toldPhase(world, type) };
    const answer = answerOf(answers, probe);
    if (answer === undefined) return { ask: probe, reports };
    if (!answer.passed)
      return { passed: false, hook: hook.name, error: answer.error, muteAlert: hook.muteAlert === true, reports };
    names.push(hook.name);
    const word = PASSED[type];
    if (word !== undefined) reports.push(normal(world, `${word} check ${hook.name} passed`));
  }
  return { passed: true, names, reports };
};

/** Asks the confirm hooks, then looks for an approval of each native gate of the same type. */
export const askGates = (
  world: ReadableWorld,
  answers: Answers,
  type: AnalysisGate['type'],
  before: readonly Report[] = [],
): Asked => {
  const asked = askHooks(world, answers, type, before);
  if (asked.passed !== true) return asked;
  const gate = closedGate(world, type);
  return gate === undefined
    ? asked
    : { passed: false, hook: gate.name, muteAlert: false, gate, reports: asked.reports };
};

/** Asks the rollback hooks until one says yes: then `passed` is false and `hook` names it. */
export const askRollbackHooks = (
  world: World,
  answers: Answers,
): Open | Omit<Passed, 'names'> | Omit<Closed, 'muteAlert' | 'gate'> => {
  const reports: Report[] = [];
  for (const { hook, index } of hooksOf(world, 'rollback')) {
    const probe: Probe = { ask: 'hook', index, phase: phaseOf(world.canary) };
    const answer = answerOf(answers, probe);
    if (answer === undefined) return { ask: probe, reports };
    if (answer.passed) return { passed: false, hook: hook.name, reports };
    reports.push(normal(world, `Rollback hook ${hook.name} not signaling a rollback`));
  }
  return { passed: true, reports };
};
