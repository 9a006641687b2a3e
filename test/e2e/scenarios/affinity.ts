/** Session affinity: users with cookies stay on the version that they met. */
import { expect } from 'vitest';
import { deployApp } from '../app.ts';
import { failureLines, report } from '../count/report.ts';
import type { Weights } from '../count/weights.ts';
import type { Answer } from '../load/answer.ts';
import type { Question } from '../load/client.ts';
import { CookieJar } from '../load/cookie-jar.ts';
import type { Road } from '../planes/plane.ts';
import type { World } from '../world.ts';
import { sendVisitors } from './visitors.ts';

const USERS = 40;
const PER_SECOND = 60;
const [CANARY_COOKIE, PRIMARY_COOKIE] = ['canary-user', 'primary-user'];

const analysisFor = ({ cookies }: Road): object => ({
  stepWeight: 30,
  maxWeight: 60,
  sessionAffinity: {
    cookieName: CANARY_COOKIE,
    ...(cookies === 'two' && { primaryCookieName: PRIMARY_COOKIE }),
    maxAge: 3600,
  },
});

class User {
  readonly jar = new CookieJar();
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  /** The next request, with the cookies that count now; the note says which side they name. */
  ask(now: number): Question {
    const cookie = this.jar.header(now);
    return {
      user: this.#name,
      note: this.jar.has(CANARY_COOKIE, now) ? 'canary' : this.jar.has(PRIMARY_COOKIE, now) ? 'primary' : '',
      headers: cookie === undefined ? {} : { cookie },
      onCookies: (headers, at) => {
        for (const header of headers) this.jar.set(header, at);
      },
    };
  }
}

/** Answers of the old version to a user whom the canary had answered before the request was sent. */
const fellBack = (answers: readonly Answer[]): Answer[] => {
  const met = new Map<string, number>();
  for (const { at, took, user, from } of answers)
    if (from?.side === 'canary') met.set(user, Math.min(met.get(user) ?? Number.POSITIVE_INFINITY, at + took));
  return answers.filter(
    ({ at, user, from }) => from?.revision === '1' && at > (met.get(user) ?? Number.POSITIVE_INFINITY),
  );
};

/** Answers by another side than the first one within a stretch of time in which the weight stood still. */
const wavered = (answers: readonly Answer[], weights: Weights, followMs: number): Answer[] =>
  weights.flatMap(({ at: since, canary }, index) => {
    const until = weights[index + 1]?.written ?? 0;
    const first = new Map<string, Answer>();
    const steady = answers.filter(({ at, from }) => from !== undefined && at >= since + followMs && at < until);
    for (const answer of steady) if (!first.has(answer.user)) first.set(answer.user, answer);
    return canary === 0 ? [] : steady.filter((answer) => differs(answer, first.get(answer.user)));
  });

/** Sent when the user had the first answer already. */
const differs = (answer: Answer, first: Answer | undefined): boolean =>
  first !== undefined && answer.at > first.at + first.took && answer.from?.side !== first.from?.side;

const lineOf = ({ at, user, note, from }: Answer): string =>
  `${new Date(at).toISOString()} ${user} with a cookie for "${note}" was answered by ${from?.pod} of revision ${from?.revision}`;

const strays = (road: Road, answers: readonly Answer[], weights: Weights, followMs: number): Answer[] => {
  const fromPrimary = answers.filter(({ note, from }) => note === 'primary' && from?.side === 'canary');
  return [...fellBack(answers), ...(road.cookies === 'two' ? fromPrimary : wavered(answers, weights, followMs))];
};

/** Throws when a user who met the new version met the old one afterwards, or a cookie did not hold. */
export const checkAffinity = async (world: World, road: Road, namespace: string): Promise<void> => {
  const app = await deployApp(world, { namespace, road, replicas: 1, analysis: analysisFor(road) });
  const users = Array.from({ length: USERS }, (_, n) => new User(`user-${n}`));
  const visitors = await sendVisitors(app, PER_SECOND, (n) => (users[n % USERS] as User).ask(Date.now()));
  await visitors.more(PER_SECOND * 2);
  await app.release('2');
  await app.phase('Succeeded');
  await visitors.more(PER_SECOND * 4);
  await visitors.leave();
  const { answers } = visitors;
  const withCookie = (note: string): number => answers.filter((answer) => answer.note === note).length;
  const movers = new Set(answers.filter(({ from }) => from?.side === 'canary').map(({ user }) => user)).size;
  const astray = strays(road, answers, app.weights, world.plane.followMs).map(lineOf);
  const failures = failureLines(answers);
  report(
    `${road.provider}: session affinity, ${USERS} users`,
    `  ${answers.length} requests, ${failures.length} failed; ${movers} users met the canary; ` +
      `${withCookie('canary')} requests with its cookie, ${withCookie('primary')} with the primary's; ${astray.length} went astray`,
    ...[...astray.slice(0, 10), ...failures].map((line) => `  ${line}`),
  );
  expect(failures).toEqual([]);
  expect(astray).toEqual([]);
  expect(movers).toBeGreaterThan(USERS / 4);
  expect(withCookie('canary')).toBeGreaterThan(PER_SECOND);
  if (road.cookies === 'one') return;
  expect(withCookie('primary')).toBeGreaterThan(PER_SECOND);
  expect(users.filter(({ jar }) => jar.has(CANARY_COOKIE, Date.now()))).toEqual([]);
};
