import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Kind, KubeObject } from '../../../shared/api/kube.ts';
import { canaryFor } from '../../conformance/router/canaries.ts';
import { at, contextOf } from '../../unit/shared/routing/board.ts';
import { LiveBoard } from './live-board.ts';
import { CASES, type Case, type Rollout, rolloutsOf } from './rollouts.ts';
import { type StrictServer, startStrictServer } from './server.ts';
import { modernised } from './smi.ts';
import { type Definitions, definitionsIn, providerDefinitions } from './sources.ts';

const NO_MODULE = 'no public module brings its definitions';

/** Providers of whose objects names and metadata alone are checked, and why. */
const WITHOUT_SCHEMA: Readonly<Record<string, string>> = {
  apisix: NO_MODULE,
  appmesh: NO_MODULE,
  'appmesh:v1beta2': NO_MODULE,
  gloo: NO_MODULE,
  kuma: NO_MODULE,
  linkerd: 'this version of a TrafficSplit never had a schema',
  'smi:v1alpha1': 'this version of a TrafficSplit never had a schema',
};

/** Definitions of one's own, for providers that no public module covers. */
const given: readonly KubeObject[] = process.env['PROVIDER_CRDS'] ? definitionsIn(process.env['PROVIDER_CRDS']) : [];

const kindsOf = ({ provider, fixture, router }: Case): Kind[] =>
  router.refs(contextOf(canaryFor(provider, fixture))).map(({ kind }) => kind);

const [ofGatewayApi, others] = [true, false].map((wanted) =>
  CASES.filter(({ provider }) => provider.startsWith('gatewayapi') === wanted),
) as [Case[], Case[]];

let server: StrictServer;
let definitions: Definitions;

beforeAll(async () => {
  definitions = await providerDefinitions();
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
  const reason = WITHOUT_SCHEMA[one.provider];
  if (reason === undefined)
    it('refuses what it does not know', () => says(one, expect.stringContaining('unknown field')));
  else if (given.length === 0) it(`takes whatever comes: ${reason}`, () => says(one, 'taken'));
  it.each(rolloutsOf(one).map((rollout) => [rollout.what, rollout] as const))('%s', (_what, rollout) => play(rollout));
};

describe('what a router writes is taken, and kept whole, by a server with the definitions of', () => {
  beforeAll(async () => {
    const { contour, istio, knative, smi, traefik } = definitions;
    const all = [...contour, ...istio, ...knative, ...smi.map(modernised), ...traefik, ...given];
    await server.define(others.flatMap(kindsOf), all);
  });

  describe.each(others.map((one) => [one.provider, one] as const))('%s', (_provider, one) => plays(one));
});

describe.each(['gateway-api-standard', 'gateway-api-experimental'] as const)('the same of %s', (channel) => {
  beforeAll(() => server.define(ofGatewayApi.flatMap(kindsOf), definitions[channel]));

  describe.each(ofGatewayApi.map((one) => [one.provider, one] as const))('%s', (_provider, one) => plays(one));
});
