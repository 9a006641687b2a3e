import { describe, expect, it } from 'vitest';
import type { Canary } from '../../../../shared/api/canary.ts';
import type { Capabilities, Cookies, LiveRoutes } from '../../../../shared/api/model.ts';
import { pinned } from '../../../../shared/rollout/affinity.ts';
import { decided, KEEP_WITH_ROUTES } from '../../../../shared/rollout/outcome.ts';
import type { Action, World } from '../../../../shared/rollout/world.ts';
import { aCanary, withAnalysis, withStatus, withWeights } from '../../../make/canary.ts';
import type { Modifier } from '../../../make/modify.ts';

const NONCE = 'abcdefghijklmnopqrst';
const affinity = withAnalysis({ sessionAffinity: { cookieName: 'pin', primaryCookieName: 'stay' } });
const canaryOnly = withAnalysis({ sessionAffinity: { cookieName: 'pin' } });

const worldOf = (
  canary: Canary,
  cookies?: Cookies,
  sessionAffinity: Capabilities['sessionAffinity'] = 'canary-and-primary',
): World => ({
  now: 0,
  nonce: NONCE,
  canary,
  settings: { provider: 'any', clusterName: '', observer: 'any' },
  capabilities: {
    weights: true,
    match: [],
    mirror: 'none',
    mirrorWeight: false,
    sessionAffinity,
    iterationsOnly: false,
    retired: false,
  },
  specProblem: undefined,
  target: { problem: '' },
  primary: undefined,
  scaler: undefined,
  configs: undefined,
  routes: { primary: 100, canary: 0, mirrored: false, ...(cookies && { cookies }) } satisfies LiveRoutes,
});

const to = (canary: number): Action => ({ do: 'route', routes: { primary: 100 - canary, canary, mirrored: false } });

/** The cookies of the route, and what the status says of them. */
const moved = (world: World, weight: number) => {
  const { actions, change } = pinned(world, [{ do: 'ensure-apex' }, to(weight)]);
  const route = actions.find((action) => action.do === 'route');
  return { cookies: route?.routes.cookies, change };
};

const weighted = (...more: Modifier<Canary>[]): Canary => aCanary(withWeights(), ...more);

describe('the first step with session affinity', () => {
  it('makes a cookie for each side, with letters of its own, in route and status alike', () => {
    expect(moved(worldOf(weighted(affinity)), 25)).toEqual({
      cookies: { canary: 'pin=abcdefghij', primary: 'stay=klmnopqrst' },
      change: { sessionAffinityCookie: 'pin=abcdefghij', primarySessionAffinityCookie: 'stay=klmnopqrst' },
    });
  });

  it('makes none where the provider makes its own', () => {
    expect(moved(worldOf(weighted(affinity), undefined, 'own-cookies'), 25)).toEqual({
      cookies: undefined,
      change: {},
    });
  });

  it.each<[string, World]>([
    ['nobody named one', worldOf(weighted(canaryOnly))],
    ['the provider can pin users to the canary alone', worldOf(weighted(affinity), undefined, 'canary')],
  ])('makes none for the primary where %s', (_why, world) => {
    expect(moved(world, 25).cookies).toEqual({ canary: 'pin=abcdefghij' });
  });

  it.each<[string, World]>([
    ['the Canary asks for none', worldOf(weighted())],
    ['the provider can pin nobody', worldOf(weighted(affinity), undefined, 'none')],
    [
      'a request says itself where it goes',
      worldOf(aCanary(affinity, withAnalysis({ match: [{ headers: { a: { exact: '1' } } }] }))),
    ],
  ])('makes no cookie where %s', (_why, world) => {
    expect(moved(world, 25)).toEqual({ cookies: undefined, change: {} });
  });
});

describe('a cookie that is there already', () => {
  const known = withStatus({
    sessionAffinityCookie: 'pin=fromstatus',
    primarySessionAffinityCookie: 'stay=fromstatus',
  });

  it('is that of the status for the whole analysis', () => {
    expect(moved(worldOf(weighted(affinity, known)), 50).cookies).toEqual({
      canary: 'pin=fromstatus',
      primary: 'stay=fromstatus',
    });
  });

  it('is that of the live route where its driver ended before the status was written', () => {
    const world = worldOf(weighted(canaryOnly), { canary: 'pin=fromroutes' });
    expect(moved(world, 50).cookies).toEqual({ canary: 'pin=fromroutes' });
    expect(moved(world, 0).cookies).toEqual({ previous: 'pin=fromroutes' });
    expect(pinned(world, KEEP_WITH_ROUTES).change).toEqual({ sessionAffinityCookie: 'pin=fromroutes' });
  });

  it.each([['renamed=abc'], ['=abc'], ['pinned=abc']])(
    'is made anew where it has another name: %s',
    (sessionAffinityCookie) => {
      const world = worldOf(weighted(canaryOnly, withStatus({ sessionAffinityCookie })));
      expect(moved(world, 50).cookies).toEqual({ canary: 'pin=abcdefghij' });
    },
  );

  it('is taken back once the canary has no traffic, and the status forgets it', () => {
    expect(moved(worldOf(weighted(canaryOnly, known)), 0)).toMatchObject({
      cookies: { previous: 'pin=fromstatus' },
      change: { sessionAffinityCookie: null, previousSessionAffinityCookie: 'pin=fromstatus' },
    });
  });

  it('of the analysis before goes on being taken back until the next one', () => {
    const world = worldOf(weighted(canaryOnly, withStatus({ previousSessionAffinityCookie: 'pin=longgone' })));
    expect(moved(world, 0).cookies).toEqual({ previous: 'pin=longgone' });
    expect(moved(world, 25).cookies).toEqual({ canary: 'pin=abcdefghij' });
  });
});

describe('routes that nobody can read', () => {
  it.each([undefined, { problem: 'broken' }])('(%j) hide no cookie that the status knows', (routes) => {
    const known = withStatus({ sessionAffinityCookie: 'pin=fromstatus' });
    const world = { ...worldOf(weighted(canaryOnly, known)), routes };
    expect(moved(world, 50).cookies).toEqual({ canary: 'pin=fromstatus' });
  });

  it('need a cookie from the first percent on', () => {
    expect(moved(worldOf(weighted(canaryOnly)), 1).cookies).toEqual({ canary: 'pin=abcdefghij' });
  });
});

describe('the status', () => {
  const statusOf = (world: World, actions: readonly Action[]) => {
    const outcome = decided(world, { actions, change: { canaryWeight: 0 } });
    return 'decision' in outcome ? outcome.decision.status : undefined;
  };

  it('holds the cookie with the very decision that routes by it', () => {
    expect(statusOf(worldOf(weighted(canaryOnly)), [to(25)])).toMatchObject({
      sessionAffinityCookie: 'pin=abcdefghij',
    });
  });

  it('holds the former one alone after the way back', () => {
    const status = statusOf(worldOf(weighted(canaryOnly, withStatus({ sessionAffinityCookie: 'pin=fromstatus' }))), [
      to(0),
    ]);
    expect(status).toMatchObject({ previousSessionAffinityCookie: 'pin=fromstatus' });
    expect(status).not.toHaveProperty('sessionAffinityCookie');
  });
});
