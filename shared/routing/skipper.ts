import { type Kind, type KubeObject, type Ref, refTo, type StringMap } from '../api/kube.ts';
import type { Objects, Rendered, Routes } from '../api/model.ts';
import { isSameJson } from '../api/same-json.ts';
import { isOwn } from './ownership.ts';
import { liveOf, type RouteContext, type Router } from './router.ts';
import { type Fields, fieldsOf, itemsOf, numberOf, specOf } from './shape.ts';

const INGRESS: Kind = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', plural: 'ingresses', namespaced: true };
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const WEIGHTS = 'zalando.org/backend-weights';
const PREDICATE = 'zalando.org/skipper-predicate';

/** A predicate that outranks the same route without one, and one that never holds. */
const ACTIVE = 'Weight(100)';
const INACTIVE = 'False()';

const nameOf = (context: RouteContext): string => context.canary.spec.ingressRef?.name ?? '';
const sourceRef = (context: RouteContext): Ref => refTo(INGRESS, context.namespace, nameOf(context));
const canaryRef = (context: RouteContext): Ref => refTo(INGRESS, context.namespace, `${nameOf(context)}-canary`);

const refs = (context: RouteContext): readonly Ref[] =>
  nameOf(context) === '' ? [] : [sourceRef(context), canaryRef(context)];

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
  const name = nameOf(context);
  if (name === '') return { problem: 'ingress selector is empty' };
  const source = liveOf(objects, sourceRef(context));
  if (!source) {
    return {
      problem: `ingress ${name}.${context.namespace} get query error: ingresses.networking.k8s.io "${name}" not found`,
    };
  }
  const spec = canarySpec(specOf(source), context);
  if (spec === undefined) return { problem: `backend ${context.apex} not found in ingress ${name}` };
  const ref = canaryRef(context);
  const live = liveOf(objects, ref);
  if (!live) return { writes: [{ do: 'create', ref, object: newIngress(source, spec, context, routes) }] };
  const annotations = { ...live.metadata.annotations, ...marks(context, routes, live) };
  const isSame = isSameJson([specOf(live), live.metadata.annotations], [spec, annotations]);
  return {
    writes: isSame
      ? []
      : [{ do: 'replace', ref, object: { ...live, metadata: { ...live.metadata, annotations }, spec } }],
  };
};

/** The user's Ingress with each apex path leading to primary and canary; undefined: no path goes to the apex. */
const canarySpec = (source: Fields, context: RouteContext): Fields | undefined => {
  let isFound = false;
  const rules = itemsOf(source['rules']).map((rule) => {
    const http = fieldsOf(rule['http']);
    const paths = itemsOf(http['paths']);
    const ofApex = paths.filter((path) => backendOf(path)['name'] === context.apex);
    if (ofApex.length === 0) return rule;
    isFound = true;
    const toPrimary = paths.map((path) => (ofApex.includes(path) ? pathTo(path, context.primary) : path));
    return {
      ...rule,
      http: { ...http, paths: [...toPrimary, ...ofApex.map((path) => pathTo(path, context.canaryName))] },
    };
  });
  return isFound ? { ...source, rules } : undefined;
};

const backendOf = (path: Fields): Fields => fieldsOf(fieldsOf(path['backend'])['service']);

const pathTo = (path: Fields, name: string): Fields => ({
  ...path,
  backend: { ...fieldsOf(path['backend']), service: { ...backendOf(path), name } },
});

// eslint-disable-next-line max-params -- source, contents and weights of one new object
const newIngress = (source: KubeObject, spec: Fields, context: RouteContext, routes: Routes): KubeObject => {
  const { labels, annotations = {} } = source.metadata;
  const { [LAST_APPLIED]: _, ...copied } = annotations;
  return {
    apiVersion: INGRESS.apiVersion,
    kind: INGRESS.kind,
    metadata: {
      name: canaryRef(context).name,
      namespace: context.namespace,
      ...(labels && { labels }),
      annotations: {
        ...copied,
        [WEIGHTS]: weightsText(context, routes),
        [PREDICATE]: withPredicate(annotations[PREDICATE], ACTIVE),
      },
      ownerReferences: [context.owner],
    },
    spec,
  };
};

const weightsText = (context: RouteContext, routes: Routes): string =>
  JSON.stringify({ [context.canaryName]: routes.canary, [context.primary]: routes.primary });

/** Without traffic for the canary the user's own Ingress serves; a fresh one, which sends it none, may stay as it is. */
const marks = (context: RouteContext, routes: Routes, live: KubeObject): StringMap => {
  const weights = weightsText(context, routes);
  const { [WEIGHTS]: before, [PREDICATE]: predicate } = live.metadata.annotations ?? {};
  const isFresh = before === weights && predicate?.startsWith(ACTIVE) === true;
  const wanted = routes.canary > 0 || isFresh ? ACTIVE : INACTIVE;
  return { [WEIGHTS]: weights, [PREDICATE]: withPredicate(predicate, wanted) };
};

/** A text in quotes, which is passed over whole, a separator, or one character. */
const TOKEN = /"(?:[^"\\]|\\.)*"|`[^`]*`|&&|[^]/g;

const predicatesIn = (text: string): string[] => {
  const parts = [''];
  for (const token of text.match(TOKEN) ?? []) {
    if (token === '&&') parts.push('');
    else parts.push(`${parts.pop() ?? ''}${token}`);
  }
  return parts.map((part) => part.trim());
};

/** `wanted` before the user's own predicates. */
const withPredicate = (text: string | undefined, wanted: string): string => {
  const others = predicatesIn(text ?? '').filter((part) => part !== '' && part !== ACTIVE && part !== INACTIVE);
  return [wanted, ...others].join(' && ');
};

/** The user's own Ingress serves by itself once the second one is gone. */
const finalise = (context: RouteContext, objects: Objects): Rendered => {
  const ref = canaryRef(context);
  const live = nameOf(context) === '' ? undefined : liveOf(objects, ref);
  return { writes: live && isOwn(live, context) ? [{ do: 'delete', ref }] : [] };
};

/** Skipper: a second Ingress with weighted backends that outranks the user's, which is never changed. */
export const skipper: Router = {
  providers: ['skipper'],
  capabilities: {
    weights: true,
    match: [],
    mirror: 'none',
    mirrorWeight: false,
    sessionAffinity: 'none',
    needs: 'ingressRef',
    iterationsOnly: false,
    retired: false,
  },
  removes: [INGRESS],
  refs,
  parse,
  render,
  finalise,
};
