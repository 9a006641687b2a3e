import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Kind, KubeObject } from '../../../shared/api/kube.ts';
import { canaryFor } from '../../conformance/router/canaries.ts';
import type { DefinitionSource } from '../../conformance/router/fixture.ts';
import { at, contextOf } from '../../unit/shared/routing/board.ts';
import { LiveBoard } from './live-board.ts';
import { CASES, type Case, type Rollout, rolloutsOf } from './rollouts.ts';
import { type StrictServer, startStrictServer } from './server.ts';
import { definitionsIn, definitionsOf } from './sources.ts';

/** Definitions of one's own, for providers that no public module covers. */
const given: readonly KubeObject[] = process.env['PROVIDER_CRDS'] ? definitionsIn(process.env['PROVIDER_CRDS']) : [];

const kindsOf = ({ provider, fixture, router }: Case): Kind[] =>
  router.refs(contextOf(canaryFor(provider, fixture))).map(({ kind }) => kind);

const sourcesOf = ({ fixture: { definitions } }: Case): readonly DefinitionSource[] =>
  typeof definitions === 'string' ? [] : definitions;

/** A source is tried by itself: in each round each provider has its next one, as long as it has any. */
const ROUNDS = Array.from({ length: Math.max(1, ...CASES.map((one) => sourcesOf(one).length)) }, (_, at) => ({
  round: at + 1,
  cases: CASES.filter((one) => at === 0 || sourcesOf(one)[at] !== undefined),
  sources: CASES.flatMap((one) => sourcesOf(one)[at] ?? []),
}));

let server: StrictServer;

beforeAll(async () => {
  server = await startStrictServer();
});

afterAll(() => server?.close());

const onBoard = async ({ canary, found }: Rollout, use: (board: LiveBoard) => Promise<void>): Promise<void> => {
  const board = await LiveBoard.open(server, canary, found);
  try {
    await use(board);
  } finally {
    await board.close();
  }
};

const play = (rollout: Rollout): Promise<void> =>
  onBoard(rollout, async (board) => {
    for (const routes of rollout.routes) {
      await board.route(routes);
      const { primary, canary, mirrored } = routes;
      expect(board.live()).toMatchObject({ primary, canary, mirrored });
    }
    await board.finalise();
  });

const says = async (one: Case, expected: unknown): Promise<void> => {
  const [rollout] = rolloutsOf(one) as [Rollout];
  await onBoard(rollout, async (board) => expect(await board.tryUnknownField(at(0))).toEqual(expected));
};

const plays = (one: Case): void => {
  const { definitions } = one.fixture;
  if (typeof definitions !== 'string')
    it('refuses what it does not know', () => says(one, expect.stringContaining('unknown field')));
  else if (given.length === 0) it(`takes whatever comes: ${definitions}`, () => says(one, 'taken'));
  it.each(rolloutsOf(one).map((rollout) => [rollout.what, rollout] as const))('%s', (_what, rollout) => play(rollout));
};

describe.each(ROUNDS)(
  'round $round: what a router writes is taken, and kept whole, by a server with the definitions of',
  ({ cases, sources }) => {
    beforeAll(async () => {
      const all: KubeObject[] = [];
      // One after the other: several providers may share a source, which is fetched once.
      for (const source of sources) all.push(...(await definitionsOf(source)));
      const byName = new Map([...all, ...given].map((definition) => [definition.metadata.name, definition]));
      await server.define(cases.flatMap(kindsOf), [...byName.values()]);
    });

    describe.each(cases.map((one) => [one.provider, one] as const))('%s', (_provider, one) => plays(one));
  },
);
