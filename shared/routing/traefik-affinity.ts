/**
 * Session affinity on Traefik: a cookie of its own making tells which service of a weighted TraefikService a user has.
 *
 * Its value is made from namespace, name and port of that service as they are written, so it would be the same in every
 * rollout, and on the primary through all of its steps. A port can be written as its number or by its name: in its other
 * form a service is the same one, and the cookies that told of it before mean nothing any more.
 */
import type { Canary } from '../api/canary.ts';
import { affinityOf, cookieMaxAgeOf } from '../api/defaults.ts';
import type { StringMap } from '../api/kube.ts';
import type { Routes } from '../api/model.ts';
import { ANNOTATIONS } from '../api/names.ts';
import { mainPortNameOf } from './ports.ts';
import { compact, type Fields, fieldsOf } from './shape.ts';

type Form = 'number' | 'name';

const otherForm = (form: Form): Form => (form === 'number' ? 'name' : 'number');
const formOf = (entry: Fields | undefined): Form => (typeof entry?.['port'] === 'string' ? 'name' : 'number');

/** The two services as they stand, and percent that the canary gets by them. */
export interface LiveServices {
  primary: Fields | undefined;
  canary: Fields | undefined;
  percent: number;
}

export interface Ports {
  primary: number | string | undefined;
  canary: number | string | undefined;
}

/** How the ports of both services are to be written, so that users have the versions that these routes give them. */
export const portsFor = (canary: Canary, routes: Routes, live: LiveServices): Ports => {
  const number = canary.spec.service?.port;
  if (!affinityOf(canary)) return { primary: number, canary: number };
  const write = (form: Form): number | string | undefined =>
    form === 'number' ? number : mainPortNameOf(canary.spec.service ?? {});
  // Without traffic the canary is not named; the primary's port remembers how it was, and is how it will be.
  const ofCanary = live.canary ? formOf(live.canary) : formOf(live.primary);
  return {
    primary: write(primaryForm(routes, live, ofCanary)),
    canary: write(ofCanary),
  };
};

/** Users of the canary stay with it until it is done with; those of the primary are asked again at each weight. */
const primaryForm = (routes: Routes, live: LiveServices, ofCanary: Form): Form => {
  if (live.canary && (routes.canary === 0 || !live.primary)) return otherForm(ofCanary);
  const form = formOf(live.primary);
  return routes.canary === 0 || routes.canary === live.percent ? form : otherForm(form);
};

/** The cookie of the Canary's spec in Traefik's words; undefined where it asks for none. `Partitioned` is not known. */
export const stickyOf = (canary: Canary): Fields | undefined => {
  const affinity = affinityOf(canary);
  if (!affinity) return undefined;
  const { cookieName, domain, path, sameSite, httpOnly, secure } = affinity;
  const cookie = compact({
    name: cookieName,
    maxAge: cookieMaxAgeOf(affinity),
    domain: domain || undefined,
    path: path || undefined,
    sameSite: sameSite?.toLowerCase() || undefined,
    ...(httpOnly === true && { httpOnly }),
    ...(secure === true && { secure }),
  });
  return { cookie };
};

/** What marks the cookie as ours, for the day when the Canary no longer asks for it. */
export const markOf = (canary: Canary): StringMap => {
  const affinity = affinityOf(canary);
  return affinity ? { [ANNOTATIONS.affinity]: affinity.cookieName } : {};
};

/** Has the Canary asked for this cookie once? */
export const isOurs = (sticky: unknown, annotations: StringMap | undefined): boolean => {
  const mark = annotations?.[ANNOTATIONS.affinity];
  return mark !== undefined && fieldsOf(fieldsOf(sticky)['cookie'])['name'] === mark;
};
