import type { KubeObject, Ref, StringMap } from '../api/kube.ts';
import type { Objects, Rendered, Routes, Write } from '../api/model.ts';
import { isSameJson } from '../api/same-json.ts';
import {
  canaryRef,
  INGRESS,
  ingressBeside,
  ingressNameOf,
  ingressRefs,
  LAST_APPLIED,
  leadsToApex,
  NO_NAME,
  noBackend,
  noSource,
  serviceIn,
  sourceRef,
} from './ingress.ts';
import { entriesOf, isMatching, unmatchable } from './match.ts';
import { BY_PROXY, type Observer } from './observer.ts';
import { isOwn } from './ownership.ts';
import { liveOf, type RouteContext, type Router, WEIGHTS_ONLY } from './router.ts';
import { type Fields, fieldsOf, itemsOf, numberOf, specOf } from './shape.ts';
import { ACTIVE, INACTIVE, MATCH_FORMS, predicatesOf, withPredicates } from './skipper-predicates.ts';
import { isLeftOver, type Preview, previewPredicates, previewRef, previewWrites } from './skipper-preview.ts';

const WEIGHTS = 'zalando.org/backend-weights';
const PREDICATE = 'zalando.org/skipper-predicate';

const refs = (context: RouteContext): readonly Ref[] =>
  ingressNameOf(context) === '' ? [] : [...ingressRefs(context), previewRef(context)];

/** An Ingress whose weights nobody can read is set right like any other drift. */
const parse = (context: RouteContext, objects: Objects): Routes | undefined => {
  const canary = weightsIn(liveOf(objects, canaryRef(context)))[context.canaryName];
  const weight = numberOf(canary);
  if (weight === undefined || weight < 0 || weight > 100) return undefined;
  return { primary: 100 - weight, canary: weight, mirrored: false };
};

const weightsIn = (live: KubeObject | undefined): Fields => {
  try {
    return fieldsOf(JSON.parse(live?.metadata.annotations?.[WEIGHTS] ?? ''));
  } catch {
    return {};
  }
};

const render = (context: RouteContext, routes: Routes, objects: Objects): Rendered => {
  if (ingressNameOf(context) === '') return NO_NAME;
  const source = liveOf(objects, sourceRef(context));
  if (!source) return noSource(context);
  const spec = canarySpec(specOf(source), context);
  if (spec === undefined) return noBackend(context, specOf(source));
  const chosen = chosenBy(context);
  if (chosen === undefined && routes.canary > 0) return unmatchable('skipper');
  const ref = canaryRef(context);
  const live = liveOf(objects, ref);
  const preview = previewOf(context, routes, source);
  const after = isLeftOver(context, preview, objects)
    ? [removal(previewRef(context))]
    : previewWrites(context, preview, objects);
  const annotations = {
    ...(live ? live.metadata.annotations : copied(source)),
    ...marks(context, routes, { source, live, chosen: chosen ?? [] }),
  };
  if (!live) {
    return {
      writes: [{ do: 'create', ref, object: ingressBeside(context, source, { ref, annotations, spec }) }, ...after],
    };
  }
  if (isSameJson([specOf(live), live.metadata.annotations], [spec, annotations])) return { writes: after };
  return {
    writes: [{ do: 'replace', ref, object: { ...live, metadata: { ...live.metadata, annotations }, spec } }, ...after],
  };
};

/** Predicates of the requests that take part; none: all do. Undefined: they can't be told from others. */
const chosenBy = ({ canary }: RouteContext): readonly string[] | undefined => {
  if (!isMatching(canary)) return [];
  const [entry] = entriesOf(canary, MATCH_FORMS);
  return entry && predicatesOf(entry);
};

const copied = (source: KubeObject): StringMap => {
  const { [LAST_APPLIED]: _, ...others } = source.metadata.annotations ?? {};
  return others;
};

/** The user's Ingress with each apex path leading to primary and canary; undefined: no path goes to the apex. */
const canarySpec = (source: Fields, context: RouteContext): Fields | undefined => {
  const both = (paths: readonly Fields[], ofApex: readonly Fields[]): Fields[] => [
    ...paths.map((path) => (ofApex.includes(path) ? pathTo(path, context.primary) : path)),
    ...ofApex.map((path) => pathTo(path, context.canaryName)),
  ];
  return withPaths(source, context, both);
};

/** The spec with the paths of each rule that has some to the apex made anew; undefined: none has. */
const withPaths = (
  source: Fields,
  context: RouteContext,
  change: (paths: readonly Fields[], ofApex: readonly Fields[]) => Fields[],
): Fields | undefined => {
  let isFound = false;
  const rules = itemsOf(source['rules']).map((rule) => {
    const http = fieldsOf(rule['http']);
    const paths = itemsOf(http['paths']);
    const ofApex = paths.filter((path) => leadsToApex(context, path));
    if (ofApex.length === 0) return rule;
    isFound = true;
    return { ...rule, http: { ...http, paths: change(paths, ofApex) } };
  });
  return isFound ? { ...source, rules } : undefined;
};

const pathTo = (path: Fields, name: string): Fields => ({
  ...path,
  backend: { ...fieldsOf(path['backend']), service: { ...serviceIn(path), name } },
});

interface Marked {
  source: KubeObject;
  live: KubeObject | undefined;
  chosen: readonly string[];
}

/** Without traffic for the canary the user's own Ingress serves; a fresh one, which sends it none, may stay as it is. */
const marks = (context: RouteContext, routes: Routes, { source, live, chosen }: Marked): StringMap => {
  const weights = JSON.stringify({ [context.canaryName]: routes.canary, [context.primary]: routes.primary });
  const { [WEIGHTS]: before, [PREDICATE]: predicate } = live?.metadata.annotations ?? {};
  const isFresh = !live || (before === weights && predicate?.startsWith(ACTIVE) === true);
  const ours = routes.canary > 0 ? [ACTIVE, ...chosen] : [isFresh ? ACTIVE : INACTIVE];
  return { [WEIGHTS]: weights, [PREDICATE]: withPredicates(source.metadata.annotations?.[PREDICATE], ours) };
};

const previewOf = (context: RouteContext, routes: Routes, source: KubeObject): Preview | undefined => {
  const predicates = previewPredicates(context, routes);
  const toCanary = (paths: readonly Fields[], ofApex: readonly Fields[]): Fields[] =>
    paths.map((path) => (ofApex.includes(path) ? pathTo(path, context.canaryName) : path));
  const spec = withPaths(specOf(source), context, toCanary);
  if (predicates === undefined || spec === undefined) return undefined;
  const { [WEIGHTS]: _, ...others } = copied(source);
  return { source, spec, annotations: { ...others, [PREDICATE]: withPredicates(others[PREDICATE], predicates) } };
};

const removal = (ref: Ref): Write => ({ do: 'delete', ref });

/** The user's own Ingress serves by itself once the others are gone. */
const finalise = (context: RouteContext, objects: Objects): Rendered => {
  const ours = refs(context)
    .slice(1)
    .filter((ref) => {
      const live = liveOf(objects, ref);
      return live !== undefined && isOwn(live, context);
    });
  return { writes: ours.map(removal) };
};

const SERIES = 'route=~"kube(ew)?_{{ namespace }}__{{ ingress }}_canary__.*__{{ service }}_canary(_[0-9]+)?"';

/** The rate of a series of our routes; `more` are further labels. */
const rateOf = (metric: string, more = ''): string => `sum(rate(skipper_${metric}{${SERIES}${more}}[{{ interval }}]))`;

const OBSERVER: Observer = {
  ...BY_PROXY,
  successRate:
    ` ${rateOf('response_duration_seconds_bucket', ',code!~"5..",le="+Inf"')}` +
    ` / ${rateOf('response_duration_seconds_bucket', ',le="+Inf"')} * 100`,
  duration: ` ${rateOf('serve_route_duration_seconds_sum')} / ${rateOf('serve_route_duration_seconds_count')} * 1000`,
  requests: ` sum(increase(skipper_response_duration_seconds_bucket{${SERIES},le="+Inf"}[{{ interval }}]))`,
  wordsOnly: true,
};

/** Skipper: a second Ingress with weighted backends that outranks the user's, which is never changed. */
export const skipper: Router = {
  provider: 'skipper',
  capabilities: {
    ...WEIGHTS_ONLY,
    match: MATCH_FORMS,
    entries: 'one',
    preview: true,
    needs: 'ingressRef',
    everyPort: true,
  },
  removes: [INGRESS],
  observer: () => OBSERVER,
  refs,
  parse,
  render,
  finalise,
};
