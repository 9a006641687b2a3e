/** Session affinity: which cookies go with a share of the traffic, and what the status keeps of them. */
import type { Canary, SessionAffinity } from '../api/canary.ts';
import { affinityOf } from '../api/defaults.ts';
import type { Cookies } from '../api/model.ts';
import { type Action, isProblem, type World } from './world.ts';

/** The fields of the status that hold cookies; null: it goes away. */
export interface CookieChange {
  sessionAffinityCookie?: string | null;
  previousSessionAffinityCookie?: string;
  primarySessionAffinityCookie?: string;
}

/** The cookies that the status knows. */
export const knownCookies = ({ status }: Canary): Cookies => ({
  ...(status?.sessionAffinityCookie && {
    canary: status.sessionAffinityCookie,
  }),
  ...(status?.primarySessionAffinityCookie && {
    primary: status.primarySessionAffinityCookie,
  }),
  ...(status?.previousSessionAffinityCookie && {
    previous: status.previousSessionAffinityCookie,
  }),
});

const LETTERS = 10;

/**
 * The actions with the cookies that their routes need, and what the status says of them in the same pass. A route that
 * was written before its status tells the cookie itself, so that a driver that comes later makes no second one.
 */
export const pinned = (
  world: World,
  actions: readonly Action[],
): { actions: readonly Action[]; change: CookieChange } => {
  const { sessionAffinity } = world.capabilities;
  const isOurs = sessionAffinity !== 'none' && sessionAffinity !== 'own-cookies';
  const affinity = affinityOf(world.canary);
  if (!affinity || !isOurs) return { actions, change: {} };
  const live = world.routes === undefined || isProblem(world.routes) ? {} : (world.routes.cookies ?? {});
  const known: Cookies = { ...knownCookies(world.canary), ...live };
  const moved = actions.find((action) => action.do === 'route');
  if (moved === undefined) return { actions, change: changeFor(live) };
  const next = moved.routes.canary > 0 ? withTraffic(world, affinity, known) : withoutTraffic(known);
  return {
    actions: actions.map((action) =>
      action.do === 'route' ? { ...action, routes: { ...action.routes, cookies: next } } : action,
    ),
    change: {
      sessionAffinityCookie: null,
      ...changeFor(next),
    },
  };
};

/** Each cookie is made once, with letters of its own: they are looked for in any place of a header. */
const withTraffic = (world: World, { cookieName, primaryCookieName }: SessionAffinity, known: Cookies): Cookies => {
  const isBoth = world.capabilities.sessionAffinity === 'canary-and-primary';
  return {
    canary: named(known.canary, cookieName) ?? `${cookieName}=${world.nonce.slice(0, LETTERS)}`,
    ...(primaryCookieName &&
      isBoth && {
        primary: named(known.primary, primaryCookieName) ?? `${primaryCookieName}=${world.nonce.slice(LETTERS)}`,
      }),
  };
};

const named = (cookie: string | undefined, name: string): string | undefined =>
  cookie?.startsWith(`${name}=`) ? cookie : undefined;

/** The cookie of the analysis is taken back; one of the analysis before it goes on being so. */
const withoutTraffic = ({ canary, ...others }: Cookies): Cookies => ({
  ...others,
  ...(canary !== undefined && { previous: canary }),
});

const changeFor = ({ canary, primary, previous }: Cookies): CookieChange => ({
  ...(canary !== undefined && { sessionAffinityCookie: canary }),
  ...(primary !== undefined && { primarySessionAffinityCookie: primary }),
  ...(previous !== undefined && { previousSessionAffinityCookie: previous }),
});
