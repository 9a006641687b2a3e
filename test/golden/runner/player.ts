import { KINDS } from '../../../shared/api/kinds.ts';
import type { KubeObject } from '../../../shared/api/kube.ts';
import type { Clock, Kube } from '../../../shared/engine/ports.ts';
import { sleep } from '../../../shared/engine/ports.ts';
import type { HookReceiver } from '../../support/hook-receiver.ts';
import type { ScriptedPrometheus } from '../../support/scripted-prometheus.ts';
import { isFields } from './canonical.ts';
import { refIn } from './kinds.ts';
import type { Recorder } from './recorder.ts';
import { recordedKind } from './recorder.ts';
import type { Scenario, State, Step } from './scenario.ts';

/** Where scenarios are played: a cluster with a controller at work, and the scripted rest of the world. */
export interface Stage {
  readonly kube: Kube;
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly prometheus: ScriptedPrometheus;
  readonly hooks: HookReceiver;
  /** A wait without a limit of its own gives up after this many seconds. */
  readonly patienceSeconds: number;
}

const FIELD_MANAGER = 'user';

const statusOf = (state: State): Record<string, unknown> => {
  const status = state === 'DELETED' ? undefined : state['status'];
  return isFields(status) ? status : {};
};

const apply = (stage: Stage, scenario: Scenario, object: KubeObject): Promise<KubeObject> =>
  stage.kube.patch(refIn(scenario, object), object, { type: 'apply', fieldManager: FIELD_MANAGER, force: true });

/** Waits until `condition` holds, looking again at each recorded change; throws when `seconds` pass first. */
const waitFor = async (stage: Stage, what: string, seconds: number, condition: () => boolean): Promise<void> => {
  await new Promise<void>((resolve, reject) => {
    const end = (settle: () => void): void => {
      timer.cancel();
      unlisten();
      settle();
    };
    const look = (): void => {
      try {
        stage.recorder.check();
        if (condition()) end(resolve);
      } catch (error) {
        end(() => reject(error));
      }
    };
    const timer = stage.clock.after(seconds * 1000, () =>
      end(() => reject(new Error(`${what}: not within ${seconds} s`))),
    );
    const unlisten = stage.recorder.onChange(look);
    look();
  });
};

/** Plays the steps of one scenario in order. A new player per scenario: it remembers what a wait may look back at. */
class Player {
  readonly #stage: Stage;
  readonly #scenario: Scenario;
  /** The first state of the Canary that the next wait may look at. */
  #since = 0;

  constructor(stage: Stage, scenario: Scenario) {
    this.#stage = stage;
    this.#scenario = scenario;
  }

  async play(step: Step): Promise<void> {
    const { kube, prometheus, hooks, clock, patienceSeconds } = this.#stage;
    const { namespace } = this.#scenario;
    if (step[0] === 'phase')
      return this.#wait(step, step[2] ?? patienceSeconds, (status) => status['phase'] === step[1]);
    if (step[0] === 'reach')
      return this.#wait(step, step[3] ?? patienceSeconds, (status) => Number(status[step[1]]) >= step[2]);
    if (step[0] === 'gone') {
      return waitFor(this.#stage, this.#name(step), patienceSeconds, () => this.#states().at(-1) === 'DELETED');
    }
    this.#since = this.#states().length;
    if (step[0] === 'values') prometheus.setValues(namespace, step[1]);
    else if (step[0] === 'hook') hooks.setCode(namespace, step[1], step[2]);
    else if (step[0] === 'apply') await apply(this.#stage, this.#scenario, step[1]);
    else if (step[0] === 'patch')
      await kube.patch(refIn(this.#scenario, step[1]), step[2], { type: 'merge', fieldManager: FIELD_MANAGER });
    else if (step[0] === 'delete') await kube.remove(refIn(this.#scenario, step[1]));
    else await sleep(clock, step[1] * 1000);
  }

  #states(): readonly State[] {
    const { namespace, canary } = this.#scenario;
    return this.#stage.recorder.statesOf(namespace, `${recordedKind(KINDS.canary)}/${canary}`);
  }

  #name(step: Step): string {
    return `scenario ${this.#scenario.name}, step ${JSON.stringify(step)}`;
  }

  /** A state may pass faster than anybody looks, so any state since the step before will do. */
  async #wait(step: Step, seconds: number, isReached: (status: Record<string, unknown>) => boolean): Promise<void> {
    const find = (): number => this.#states().findIndex((state, at) => at >= this.#since && isReached(statusOf(state)));
    try {
      await waitFor(this.#stage, this.#name(step), seconds, () => find() >= 0);
    } catch (error) {
      const last = this.#states().at(-1);
      throw new Error(
        `${(error as Error).message}; last status ${JSON.stringify(last === undefined ? last : statusOf(last))}`,
        { cause: error },
      );
    }
    this.#since = find();
  }
}

/** Applies the scenario's objects and plays its steps. Its namespace must exist. Throws when a wait takes too long. */
export const playScenario = async (stage: Stage, scenario: Scenario): Promise<void> => {
  stage.prometheus.setValues(scenario.namespace, scenario.values);
  for (const object of scenario.objects) await apply(stage, scenario, object);
  const player = new Player(stage, scenario);
  for (const step of scenario.steps) await player.play(step);
};
