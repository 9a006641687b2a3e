/** A good release and a bad one under load: shares by weight, no failure, and how long it takes. */
import { expect } from 'vitest';
import { eventually } from '../../apiserver/control-plane/eventually.ts';
import { type App, deployApp } from '../app.ts';
import { failureLines, report, tableOf } from '../count/report.ts';
import { watchStandstill } from '../count/standstill.ts';
import { deviationsOff, pointsOff, type Stretch, stretchesOf } from '../count/stretches.ts';
import type { Road } from '../planes/plane.ts';
import type { World } from '../world.ts';
import { sendVisitors } from './visitors.ts';

const PER_SECOND = 150;
const STEPS = [20, 40, 60];
/** Three intervals of analysis and what comes after them. */
const LIMIT_SECONDS = 36;
const MOST_POINTS = 1.5;
const MOST_DEVIATIONS = 3.5;
/** A stretch that counts fewer says nothing about a share. */
const FEW = 200;

/** The metric turns bad once this much of the traffic meets the second release. */
const spoilAt = async (app: App, weight: number, since: number): Promise<void> => {
  const reached = (): boolean => app.weights.some(({ at, canary }) => at > since && canary >= weight);
  await eventually(reached, { what: `${app.namespace} to reach weight ${weight}` });
  app.world.prometheus.setValues(app.namespace, { success: 50 });
};

const assertShares = (world: World, stretches: readonly Stretch[]): void => {
  for (const stretch of stretches.filter(({ counted }) => counted >= FEW)) {
    const about = `weight ${stretch.weight.canary}: ${stretch.canary} of ${stretch.counted}`;
    if (stretch.weight.canary === 0) expect(stretch.canary, about).toBe(0);
    else if (world.plane.random) expect(deviationsOff(stretch), about).toBeLessThanOrEqual(MOST_DEVIATIONS);
    else expect(pointsOff(stretch), about).toBeLessThanOrEqual(MOST_POINTS);
  }
};

/** Plays both releases. */
const play = async (app: App) => {
  const visitors = await sendVisitors(app, PER_SECOND);
  const start = Date.now();
  await visitors.more(PER_SECOND * (3 + app.world.plane.followMs / 1000));
  const standstill = watchStandstill();
  const goodAt = await app.release('2');
  const succeeded = await app.phase('Succeeded');
  standstill.stop();
  await visitors.more(PER_SECOND * 5);
  const badAt = await app.release('3');
  await spoilAt(app, 40, badAt);
  const failed = await app.phase('Failed');
  await visitors.more(PER_SECOND * 6);
  const end = await visitors.leave();
  const stretches = stretchesOf(visitors.answers, app.weights, { followMs: app.world.plane.followMs, end });
  return {
    answers: visitors.answers,
    stretches,
    rate: visitors.answers.length / ((end - start) / 1000),
    took: (succeeded - goodAt) / 1000,
    failedAfter: (failed - badAt) / 1000,
    stood: standstill.total() / 1000,
  };
};

/** Throws when a share is off, a request failed, or the good release took too long. */
export const checkRollout = async (world: World, road: Road, namespace: string): Promise<void> => {
  const app = await deployApp(world, { namespace, road, replicas: 2, analysis: { stepWeight: 20, maxWeight: 60 } });
  const { answers, stretches, rate, took, failedAfter, stood } = await play(app);
  const failures = failureLines(answers);
  const count = answers.filter(({ failure }) => failure !== undefined).length;
  report(
    `${road.provider}: rollout under ${PER_SECOND} requests a second`,
    tableOf(stretches),
    `  ${answers.length} requests (${rate.toFixed(1)}/s), ${count} failed; Succeeded after ${took.toFixed(1)} s, ` +
      `Failed after ${failedAfter.toFixed(1)} s; the machine stood still for ${stood.toFixed(1)} s`,
    ...failures.map((line) => `  ${line}`),
  );
  expect(failures).toEqual([]);
  expect(rate).toBeGreaterThan(PER_SECOND * 0.97);
  const counted = stretches.filter((stretch) => stretch.counted >= FEW).map(({ weight }) => weight.canary);
  expect(counted).toEqual([0, ...STEPS, 0, 20, 40, 0]);
  assertShares(world, stretches);
  expect(took - stood).toBeLessThanOrEqual(LIMIT_SECONDS);
};
