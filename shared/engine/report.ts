/** Tells what happened: events, event hooks, Prometheus series, post-rollout hooks. Never decides anything. */
import type { Canary } from '../api/canary.ts';
import { hookTypeOf, webhooksOf } from '../api/defaults.ts';
import type { Report } from '../api/model.ts';
import { normal, warning } from '../rollout/texts.ts';
import type { World } from '../rollout/world.ts';
import type { EngineDeps } from './deps.ts';
import type { Memory } from './memory.ts';
import { answerProbe } from './probe.ts';
import type { Scene } from './scene.ts';

export interface Telling {
  readonly world: World;
  readonly scene: Scene | undefined;
  readonly deps: EngineDeps;
  readonly memory: Memory;
  readonly signal: AbortSignal;
}

/** In order; a post-rollout hook that hangs holds back only what comes after it. */
export const tell = async (telling: Telling, canary: Canary, reports: readonly Report[]): Promise<void> => {
  for (const report of reports) await tellOne(telling, canary, report);
};

const tellOne = async (telling: Telling, canary: Canary, report: Report): Promise<void> => {
  const { deps, memory } = telling;
  switch (report.tell) {
    case 'event':
      return tellEvent(telling, canary, report);
    case 'metric':
      if (report.op === 'set') deps.metrics.set(report.name, report.labels, report.value);
      else deps.metrics.add(report.name, report.labels, report.value);
      return;
    case 'post-rollout':
      await memory.eventHooks.settle();
      return tellPostRollout(telling, canary, report.phase);
    case 'alert':
      memory.alerts.tell(canary, report);
      return;
  }
};

const tellEvent = ({ deps, memory }: Telling, canary: Canary, report: Extract<Report, { tell: 'event' }>): void => {
  if (report.once !== undefined) {
    if (memory.told.has(report.once)) return;
    memory.told.add(report.once);
  }
  if (report.hookPhase !== undefined) {
    memory.eventHooks.tell(canary, {
      message: report.message,
      type: report.type,
      time: deps.clock.now(),
      phase: report.hookPhase,
    });
  }
  memory.recorder.record(canary, report);
};

/** In order of the list; the first failure ends it, and changes nothing any more. */
const tellPostRollout = async (telling: Telling, canary: Canary, phase: string): Promise<void> => {
  const { scene, deps, signal } = telling;
  if (!scene) return;
  for (const [index, hook] of webhooksOf(canary).entries()) {
    if (hookTypeOf(hook) !== 'post-rollout') continue;
    const answer = await answerProbe({ ...scene, canary }, { ask: 'hook', index, phase }, deps, signal);
    if (answer.kind !== 'hook') return;
    const { world } = telling;
    // After a failure the reference's event hooks still hear the former phase.
    const told = phase === 'Succeeded' ? { phase } : {};
    const text = answer.passed
      ? `Post-rollout check ${hook.name} passed`
      : `Post-rollout hook ${hook.name} failed ${answer.error}`;
    await tellOne(telling, canary, answer.passed ? normal(world, text, told) : warning(world, text, told));
    if (!answer.passed) return;
  }
};
