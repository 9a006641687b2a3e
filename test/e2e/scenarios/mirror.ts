/** Mirroring: while it lasts the canary gets a copy of each request, and users are answered by the primary. */
import { expect } from 'vitest';
import { eventually } from '../../apiserver/control-plane/eventually.ts';
import { type App, deployApp } from '../app.ts';
import { failureLines, report, tableOf } from '../count/report.ts';
import { stretchesOf } from '../count/stretches.ts';
import type { Answer } from '../load/answer.ts';
import type { Road } from '../planes/plane.ts';
import { POD_PORT } from '../pods/pod-process.ts';
import type { World } from '../world.ts';
import { sendVisitors } from './visitors.ts';

const PER_SECOND = 60;
/** Copies may be on their way at both ends of the time that is counted. */
const SLACK = 0.02;
/** Of an interval of ten seconds, in which only the primary may answer. */
const LEAST_MS = 5_000;
const SECOND_MS = 1_000;

/** How many requests for `/` the pods of the canary have answered. */
const servedByCanary = async (app: App): Promise<number> => {
  const pods = app.world.pods.running(app.namespace).filter(({ identity }) => identity.side === 'canary');
  const texts = await Promise.all(
    pods.map(async ({ address }) => (await fetch(`http://${address}:${POD_PORT}/metrics`)).text()),
  );
  const counts = texts.flatMap((text) => [
    ...text.matchAll(/^http_request_duration_seconds_count\{.*path="root".*\} (\d+)$/gm),
  ]);
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
};

/** So much had been served at some moment between two. */
interface Sample {
  readonly from: number;
  readonly to: number;
  readonly served: number;
}

/** Looks at the canary's count again and again from the moment in which requests are mirrored until they no longer are. */
const sampleMirror = async (app: App): Promise<readonly Sample[]> => {
  const mirrored = () => app.weights.at(-1)?.mirrored === true;
  const samples: Sample[] = [];
  const look = async (): Promise<void> => {
    const from = Date.now();
    const served = await servedByCanary(app);
    samples.push({ from, to: Date.now(), served });
  };
  await eventually(mirrored, { what: 'requests to be mirrored' });
  const ended = async (): Promise<boolean> => {
    if (mirrored()) await look();
    return !mirrored();
  };
  await eventually(ended, { what: 'mirroring to end', everyMs: 50 });
  return samples;
};

/** The first and the last look at which the data plane mirrored for sure: afterwards the canary answers users itself. */
const steady = (samples: readonly Sample[], answers: readonly Answer[], since: number): readonly [Sample, Sample] => {
  const shared = answers.find(({ from }) => from?.side === 'canary')?.at ?? Number.POSITIVE_INFINITY;
  const inside = samples.filter(({ from, to }) => from >= since && to < shared - SECOND_MS);
  const [first, last] = [inside[0], inside.at(-1)];
  if (first === undefined || last === undefined)
    throw new Error('nothing was mirrored before the canary answered users');
  return [first, last];
};

/** From when on the data plane mirrored for sure. */
const mirroredSince = ({ weights, world }: App): number => {
  const { at = 0, followed = 0 } = weights.find(({ mirrored }) => mirrored) ?? {};
  return Math.max(at + world.plane.followMs, followed);
};

/** How many requests were wholly between two looks, and how many may have been. */
const sentBetween = (answers: readonly Answer[], [first, last]: readonly [Sample, Sample]) => ({
  least: answers.filter(({ at, took }) => at >= first.to && at + took <= last.from).length,
  most: answers.filter(({ at, took }) => at + took >= first.from && at <= last.to).length,
});

/** Throws when copies went missing, or a user was answered by the canary meanwhile. */
export const checkMirror = async (world: World, road: Road, namespace: string): Promise<void> => {
  const analysis = { stepWeight: 50, maxWeight: 50, mirror: true };
  const app = await deployApp(world, { namespace, road, replicas: 1, analysis });
  const visitors = await sendVisitors(app, PER_SECOND);
  await visitors.more(PER_SECOND);
  await app.release('2');
  const samples = await sampleMirror(app);
  await app.phase('Succeeded');
  await visitors.more(PER_SECOND * 3);
  const end = await visitors.leave();
  const { answers } = visitors;
  const [first, last] = steady(samples, answers, mirroredSince(app));
  const { least, most } = sentBetween(answers, [first, last]);
  const copies = last.served - first.served;
  const stretches = stretchesOf(answers, app.weights, { followMs: world.plane.followMs, end });
  const failures = failureLines(answers);
  report(
    `${road.provider}: mirroring`,
    tableOf(stretches),
    `  ${answers.length} requests, ${failures.length} failed; ${copies} copies of ${least} to ${most} requests arrived at ` +
      `the canary in ${((last.to - first.from) / 1000).toFixed(1)} s`,
    ...failures.map((line) => `  ${line}`),
  );
  expect(failures).toEqual([]);
  expect(last.from - first.to).toBeGreaterThan(LEAST_MS);
  expect(copies).toBeGreaterThanOrEqual(least - least * SLACK - 2);
  expect(copies).toBeLessThanOrEqual(most + most * SLACK + 2);
};
