/** Load that does not wait for answers: so many requests a second, whether the last ones came back or not. */
import type { Answer } from './answer.ts';
import type { Client, Question } from './client.ts';

/** How often to look what is due; requests that fall due in between go out together. */
const EVERY_MS = 4;

export interface Load {
  /** Everything that was answered so far, in the order of arrival. */
  readonly answers: readonly Answer[];
  /** Sends nothing more; resolves when every request has its answer. */
  stop(): Promise<void>;
}

/** `next` makes the n-th request, counted from 0. */
export const startLoad = (client: Client, perSecond: number, next: (n: number) => Question): Load => {
  const answers: Answer[] = [];
  const open = new Set<Promise<void>>();
  const start = performance.now();
  let sent = 0;
  const send = (): void => {
    const due = Math.floor(((performance.now() - start) * perSecond) / 1000);
    for (; sent < due; sent += 1) {
      const one = client.ask(next(sent)).then((answer) => {
        answers.push(answer);
        open.delete(one);
      });
      open.add(one);
    }
  };
  const timer = setInterval(send, EVERY_MS);
  return {
    answers,
    stop: async () => {
      clearInterval(timer);
      await Promise.all(open);
    },
  };
};
