/** The life of a Canary over an app that serves already: taken over, rolled out, overtaken, and given back. */
import { expect } from 'vitest';
import { type App, prepareApp } from '../app.ts';
import { failureLines, report, tableOf } from '../count/report.ts';
import { stretchesOf } from '../count/stretches.ts';
import type { Weights } from '../count/weights.ts';
import type { Answer } from '../load/answer.ts';
import type { Road } from '../planes/plane.ts';
import type { World } from '../world.ts';
import { sendVisitors, type Visitors } from './visitors.ts';

const PER_SECOND = 60;

const ANALYSES = {
  'all at once': { iterations: 1 },
  'there and back by steps': { stepWeight: 50, maxWeight: 50, stepWeightPromotion: 50 },
} as const;

/** Milliseconds since 1970. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** The data plane may follow that much later than what it was told by. */
const SECOND_MS = 1000;
/** Half a second's requests at both ends, each of them also counted by the data plane itself as what it is excused for. */
const MOST_EXCUSED = PER_SECOND;

/** The weights while there was a Canary: before and after it the target serves everybody. */
const during = (weights: Weights, [start, end]: readonly [Span, Span]): Weights => {
  const first = weights.findLast(({ at }) => at < start.to);
  const others = weights.filter(({ at }) => at >= start.to && at < end.from);
  return first === undefined ? others : [{ ...first, at: start.to, written: start.to }, ...others];
};

/** Plays it; answers when routes led to Services that none had led to before. */
const play = async (app: App, visitors: Visitors): Promise<readonly [Span, Span]> => {
  await visitors.more(PER_SECOND);
  const start = Date.now();
  await app.start();
  const started = Date.now();
  await visitors.more(PER_SECOND * 3);
  await app.release('2');
  await visitors.more(PER_SECOND * 4);
  await app.release('3');
  await app.phase('Succeeded');
  await visitors.more(PER_SECOND * 3);
  const remove = Date.now();
  await app.remove();
  const removed = Date.now();
  await visitors.more(PER_SECOND * 8);
  return [
    { from: start, to: started + SECOND_MS },
    { from: remove, to: removed + SECOND_MS },
  ];
};

/**
 * A Canary comes to users who are served, brings a revision that another one overtakes, and goes. Throws when a request
 * failed at any of it, but for what the data plane is known to miss in its first moments with a Service.
 */
export const checkLife = async (
  world: World,
  road: Road,
  what: keyof typeof ANALYSES,
  namespace: string,
): Promise<void> => {
  const wanted = { namespace, road, replicas: 2, analysis: ANALYSES[what], revertOnDeletion: true };
  const app = await prepareApp(world, wanted);
  const visitors = await sendVisitors(app, PER_SECOND);
  const { unknownYet } = world.plane;
  const unknownBefore = (await unknownYet?.count()) ?? 0;
  const spans = await play(app, visitors);
  await visitors.leave();
  const unknown = ((await unknownYet?.count()) ?? 0) - unknownBefore;
  const { answers } = visitors;
  const isExcused = ({ at, failure }: Answer): boolean =>
    failure !== undefined && failure === unknownYet?.failure && spans.some(({ from, to }) => at >= from && at < to);
  const excused = answers.filter(isExcused).length;
  const failures = failureLines(answers.filter((answer) => !isExcused(answer)));
  report(
    `${road.provider}: the life of a Canary, ${what}`,
    tableOf(stretchesOf(answers, during(app.weights, spans), { followMs: world.plane.followMs, end: spans[1].from })),
    `  ${answers.length} requests, ${failures.length} failed${
      unknownYet ? `, ${excused} came before the data plane knew a new Service (${unknown} by its own count)` : ''
    }`,
    ...failures.map((line) => `  ${line}`),
  );
  expect(failures).toEqual([]);
  expect(excused).toBeLessThanOrEqual(unknown);
  expect(excused).toBeLessThanOrEqual(MOST_EXCUSED);
  expect(answers.at(-1)?.from).toMatchObject({ revision: '3', side: 'canary' });
};
