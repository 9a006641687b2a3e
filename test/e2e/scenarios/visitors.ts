/** Requests to an app from before its first release until well after its last. */
import { eventually } from '../../apiserver/control-plane/eventually.ts';
import type { App } from '../app.ts';
import type { Answer } from '../load/answer.ts';
import { createClient, type Question } from '../load/client.ts';
import { type Load, startLoad } from '../load/open-loop.ts';

export interface Visitors {
  readonly answers: readonly Answer[];
  /** Resolves when this many requests more were answered. */
  more(count: number): Promise<void>;
  /** Sends no more and waits for what is under way. Answers the time of the end. */
  leave(): Promise<number>;
}

/** The route is open when a first request comes through. */
const untilOpen = async (ask: () => Promise<Answer>): Promise<void> => {
  const good = async (): Promise<boolean> => {
    const { failure } = await ask();
    if (failure !== undefined) throw new Error(failure);
    return true;
  };
  await eventually(good, { what: 'a first request to come through' });
};

/** Waits until the data plane serves the app, then sends so many requests a second. */
export const sendVisitors = async (
  app: App,
  perSecond: number,
  next: (n: number) => Question = () => ({ headers: {} }),
): Promise<Visitors> => {
  const client = createClient(app.world.plane.origin, app.host);
  await untilOpen(() => client.ask({ headers: {} }));
  const load: Load = startLoad(client, perSecond, next);
  return {
    answers: load.answers,
    more: async (count) => {
      const enough = load.answers.length + count;
      const patience = {
        what: `${count} more answers in ${app.namespace}`,
        timeoutMs: 60_000 + (count / perSecond) * 2000,
      };
      await eventually(() => load.answers.length >= enough, patience);
    },
    leave: async () => {
      const end = Date.now();
      await load.stop();
      await client.close();
      return end;
    },
  };
};
