/**
 * Session affinity on NGINX: the canary Ingress gives its users a cookie, which brings them back before any weight is
 * looked at. The user's Ingress gives none: users of the primary are asked again at each request.
 *
 * The cookie names the backend as namespace, Service and port as they are written, so it would be the same in every
 * rollout. A port can be written as its number or by its name: in its other form the backend is the same one, and the
 * cookies of the rollout before mean nothing any more.
 */

import { affinityOf, cookieMaxAgeOf } from '../api/defaults.ts';
import type { StringMap } from '../api/kube.ts';
import type { Routes } from '../api/model.ts';
import { turnedPort } from './ports.ts';
import type { RouteContext } from './router.ts';
import { type Fields, fieldsOf } from './shape.ts';

const BEHAVIOUR = 'affinity-canary-behavior';
/** Without it the ingress controller puts the affinity of the user's Ingress in the place of that of the canary's. */
const APART = 'legacy';

const KEYS = [
  'affinity',
  'affinity-mode',
  BEHAVIOUR,
  'session-cookie-name',
  'session-cookie-max-age',
  'session-cookie-expires',
  'session-cookie-path',
  'session-cookie-domain',
  'session-cookie-samesite',
  'session-cookie-secure',
  'session-cookie-conditional-samesite-none',
  'session-cookie-change-on-failure',
];

const keyOf = (context: RouteContext, name: string): string => `${context.settings.ingressAnnotationsPrefix}/${name}`;

/** `annotations` of the canary Ingress with the session cookie that these routes ask for; `source`: the user's own. */
export const withAffinity = (
  context: RouteContext,
  routes: Routes,
  annotations: StringMap,
  source: StringMap = {},
): StringMap => {
  const behaviour = keyOf(context, BEHAVIOUR);
  const wasOurs = annotations[behaviour] === APART && source[behaviour] !== APART;
  if (!affinityOf(context.canary) && !wasOurs) return annotations;
  const keys = new Set(KEYS.map((name) => keyOf(context, name)));
  const pick = (from: StringMap, isIn: boolean): StringMap =>
    Object.fromEntries(Object.entries(from).filter(([key]) => keys.has(key) === isIn));
  return { ...pick(annotations, false), ...(cookieMarks(context, routes) ?? pick(source, true)) };
};

/** Undefined: nobody is pinned. A cookie counts before weights do, so it must go where the canary gets nothing. */
const cookieMarks = (context: RouteContext, routes: Routes): StringMap | undefined => {
  const affinity = affinityOf(context.canary);
  if (!affinity || routes.canary === 0) return undefined;
  const { cookieName, domain, path, sameSite, secure } = affinity;
  const marks: StringMap = {
    affinity: 'cookie',
    // A cookie that nobody gave for these pods is given anew; the other mode would keep it.
    'affinity-mode': 'persistent',
    [BEHAVIOUR]: APART,
    'session-cookie-name': cookieName,
    'session-cookie-max-age': String(cookieMaxAgeOf(affinity)),
    // One cookie for all paths of the Ingress: users stay with one version on all of them.
    'session-cookie-path': path || '/',
    ...(domain && { 'session-cookie-domain': domain }),
    ...(sameSite && { 'session-cookie-samesite': sameSite }),
    ...(secure === true && { 'session-cookie-secure': 'true' }),
  };
  return Object.fromEntries(Object.entries(marks).map(([name, value]) => [keyOf(context, name), value]));
};

/** A backend of the canary with its port in the other form; the same one where that is not known. */
export const turnedBackend = (context: RouteContext, service: Fields): Fields => {
  const port = turnedPort(context.canary.spec.service ?? {}, fieldsOf(service['port']));
  return port === undefined ? service : { ...service, port };
};
