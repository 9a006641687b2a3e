/** Session cookies as HTTP writes them. */
import type { Canary, SessionAffinity } from '../api/canary.ts';
import { affinityOf, cookieMaxAgeOf, intervalMsOf } from '../api/defaults.ts';
import type { Cookies, Routes } from '../api/model.ts';

export const SET_COOKIE = 'Set-Cookie';

const EXPIRED = -1;

/** The cookies that a route of these weights works with, each with the header that sets it. */
export interface Pins {
  /** Users who have it stay with the canary; `header` makes it theirs. */
  canary?: Pin;
  primary?: Pin;
  /** Of the analysis before; `header` takes it away. */
  previous?: Pin;
}

export interface Pin {
  /** `name=value` */
  cookie: string;
  /** Value of a Set-Cookie header. */
  header: string;
}

/** What of the cookies counts at these weights; empty where the Canary asks for no session affinity. */
export const pinsOf = (canary: Canary, routes: Routes): Pins => {
  const affinity = affinityOf(canary);
  const { cookies } = routes;
  if (!affinity || !cookies) return {};
  const pin = (cookie: string, maxAge: number): Pin => ({ cookie, header: setCookie(cookie, maxAge, affinity) });
  if (routes.canary === 0) return cookies.previous === undefined ? {} : { previous: pin(cookies.previous, EXPIRED) };
  return {
    ...(cookies.canary !== undefined && { canary: pin(cookies.canary, cookieMaxAgeOf(affinity)) }),
    ...(cookies.primary !== undefined && { primary: pin(cookies.primary, Math.trunc(intervalMsOf(canary) / 1000)) }),
  };
};

/** `maxAge` in seconds. A browser drops a cookie only where domain and path are those that it came with. */
const setCookie = (cookie: string, maxAge: number, affinity: SessionAffinity): string =>
  [
    cookie,
    `Max-Age=${maxAge}`,
    affinity.domain && `Domain=${affinity.domain}`,
    affinity.httpOnly === true && 'HttpOnly',
    affinity.partitioned === true && 'Partitioned',
    affinity.path && `Path=${affinity.path}`,
    affinity.sameSite && `SameSite=${affinity.sameSite}`,
    affinity.secure === true && 'Secure',
  ]
    .filter(Boolean)
    .join('; ');

/** A regular expression for the Cookie header of users who have this cookie. */
export const cookiePattern = (cookie: string): string => {
  const at = cookie.indexOf('=');
  // A dot may stay: as a wildcard it matches itself, and other drivers look for the name as it is.
  const name = cookie.slice(0, at).replace(/[$^*+|]/g, '\\$&');
  return `.*${name}.*${cookie.slice(at + 1)}.*`;
};

/** The cookies that the live headers set or take away. */
export const cookiesIn = (
  canary: Canary,
  found: { canary: unknown; primary: unknown; expired: unknown },
): Cookies | undefined => {
  const affinity = affinityOf(canary);
  if (!affinity) return undefined;
  const ofCanary = cookieIn(found.canary, affinity.cookieName);
  const ofPrimary = affinity.primaryCookieName ? cookieIn(found.primary, affinity.primaryCookieName) : undefined;
  const previous = isExpired(found.expired) ? cookieIn(found.expired, affinity.cookieName) : undefined;
  if (ofCanary === undefined && ofPrimary === undefined && previous === undefined) return undefined;
  return {
    ...(ofCanary !== undefined && { canary: ofCanary }),
    ...(ofPrimary !== undefined && { primary: ofPrimary }),
    ...(previous !== undefined && { previous }),
  };
};

const cookieIn = (header: unknown, name: string): string | undefined => {
  if (typeof header !== 'string' || !header.startsWith(`${name}=`)) return undefined;
  return header.split(';')[0]?.trim();
};

export const isExpired = (header: unknown): boolean => typeof header === 'string' && /; Max-Age=-1(;|$)/.test(header);
