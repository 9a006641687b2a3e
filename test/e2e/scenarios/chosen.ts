/** Requests that a header singles out: an A/B test, where all others stay, and a preview beside weights. */
import { expect } from 'vitest';
import { deployApp } from '../app.ts';
import { failureLines, report, tableOf } from '../count/report.ts';
import { deviationsOff, pointsOff, type Stretch, stretchesOf } from '../count/stretches.ts';
import type { Answer } from '../load/answer.ts';
import type { Road } from '../planes/plane.ts';
import type { World } from '../world.ts';
import { sendVisitors } from './visitors.ts';

const PER_SECOND = 60;
/** A stretch that counts fewer says nothing. */
const FEW = 100;
const MATCH = [{ headers: { 'x-canary': { exact: 'insider' } } }];

const ANALYSES = {
  'A/B test': { iterations: 2, match: MATCH },
  preview: { stepWeight: 30, maxWeight: 30, preview: { match: MATCH } },
} as const;

const assertOthers = (world: World, others: readonly Stretch[]): void => {
  for (const stretch of others.filter(({ counted }) => counted >= FEW)) {
    if (stretch.weight.canary === 0) expect(stretch.canary).toBe(0);
    else if (world.plane.random) expect(deviationsOff(stretch)).toBeLessThanOrEqual(3.5);
    else expect(pointsOff(stretch)).toBeLessThanOrEqual(1.5);
  }
};

/** Every second request is an insider's. Throws when one of them misses the canary, or another request is led astray. */
export const checkChosen = async (
  world: World,
  road: Road,
  what: keyof typeof ANALYSES,
  namespace: string,
): Promise<void> => {
  const app = await deployApp(world, { namespace, road, replicas: 1, analysis: ANALYSES[what] });
  const visitors = await sendVisitors(app, PER_SECOND, (n) =>
    n % 2 === 0 ? { note: 'insider', headers: { 'x-canary': 'insider' } } : { note: 'other', headers: {} },
  );
  await visitors.more(PER_SECOND * 2);
  await app.release('2');
  await app.phase('Succeeded');
  await visitors.more(PER_SECOND * 3);
  const end = await visitors.leave();
  const { answers } = visitors;
  const settings = { followMs: world.plane.followMs, end };
  const sentAs = (note: string): Answer[] => answers.filter((answer) => answer.note === note);
  const forInsiders = app.weights.map((one) => ({ ...one, canary: Math.max(one.canary, one.matched) }));
  const insiders = stretchesOf(sentAs('insider'), forInsiders, settings);
  const others = stretchesOf(sentAs('other'), app.weights, settings);
  const failures = failureLines(answers);
  report(
    `${road.provider}: ${what}, half of ${answers.length} requests with the header, ${failures.length} failed`,
    '  with it:',
    tableOf(insiders),
    '  without:',
    tableOf(others),
    ...failures.map((line) => `  ${line}`),
  );
  expect(failures).toEqual([]);
  const chosen = insiders.filter(({ weight, counted }) => weight.matched === 100 && counted >= FEW);
  expect(chosen.length).toBeGreaterThan(0);
  expect(chosen.map(({ counted, canary }) => counted - canary)).toEqual(chosen.map(() => 0));
  assertOthers(world, others);
};
