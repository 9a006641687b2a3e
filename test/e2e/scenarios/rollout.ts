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

/** Throws where nothing is left to chance; answers the shares that chance alone should hardly bring. */
const judgeShares = (world: World, stretches: readonly Stretch[]): string[] => {
  const unlikely: string[] = [];
  for (const stretch of stretches.filter(({ counted }) => counted >= FEW)) {
    const about = `weight ${stretch.weight.canary}: ${stretch.canary} of ${stretch.counted}`;
    if (stretch.weight.canary === 0) expect(stretch.canary, about).toBe(0);
    else if (!world.plane.random) expect(pointsOff(stretch), about).toBeLessThanOrEqual(MOST_POINTS);
    else if (deviationsOff(stretch) > MOST_DEVIATIONS) unlikely.push(about);
  }
  return unlikely;
};

/** Two releases that follow each other: the first is good. */
type Releases = readonly [good: string, bad: string];

/** Plays both. */
const play = async (app: App, [good, bad]: Releases) => {
  const before = Math.max(0, app.weights.length - 1);
  app.world.prometheus.setValues(app.namespace, { success: 100 });
  const visitors = await sendVisitors(app, PER_SECOND);
  const start = Date.now();
  await visitors.more(PER_SECOND * (3 + app.world.plane.followMs / 1000));
  const standstill = watchStandstill();
  const goodAt = await app.release(good);
  const succeeded = await app.phase('Succeeded');
  standstill.stop();
  await visitors.more(PER_SECOND * 5);
  const badAt = await app.release(bad);
  await spoilAt(app, 40, badAt);
  const failed = await app.phase('Failed');
  await visitors.more(PER_SECOND * 6);
  const end = await visitors.leave();
  const stretches = stretchesOf(visitors.answers, app.weights.slice(before), {
    followMs: app.world.plane.followMs,
    end,
  });
  return {
    answers: visitors.answers,
    stretches,
    rate: visitors.answers.length / ((end - start) / 1000),
    took: (succeeded - goodAt) / 1000,
    failedAfter: (failed - badAt) / 1000,
    stood: standstill.total() / 1000,
  };
};

/** Plays both and throws for all that is wrong, but for shares that chance could bring: those it answers. */
const judge = async (app: App, road: Road, releases: Releases): Promise<string[]> => {
  const { answers, stretches, rate, took, failedAfter, stood } = await play(app, releases);
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
  const unlikely = judgeShares(app.world, stretches);
  expect(took - stood).toBeLessThanOrEqual(LIMIT_SECONDS);
  return unlikely;
};

/**
 * Throws when a share is off, a request failed, or the good release took too long. Of five fair shares one is more than
 * 3.5 standard deviations off in one run of 430: then two more releases must do without.
 */
export const checkRollout = async (world: World, road: Road, namespace: string): Promise<void> => {
  const app = await deployApp(world, { namespace, road, replicas: 2, analysis: { stepWeight: 20, maxWeight: 60 } });
  const unlikely = await judge(app, road, ['2', '3']);
  if (unlikely.length === 0) return;
  report(`${road.provider}: once more, for what chance should hardly bring`, ...unlikely.map((line) => `  ${line}`));
  expect(await judge(app, road, ['4', '5'])).toEqual([]);
};
