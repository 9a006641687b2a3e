/** What the API server of the Gateway API writes where nothing is given: two specs that differ in nothing else are equal. */
import { type Fields, fieldsOf, itemsOf } from './shape.ts';

const DEFAULT_PATH: Fields = { type: 'PathPrefix', value: '/' };
const DEFAULT_MATCH: Fields = { path: DEFAULT_PATH };
const PARENT: Fields = { group: 'gateway.networking.k8s.io', kind: 'Gateway' };
const BACKEND: Fields = { group: '', kind: 'Service' };
const CORS_MAX_AGE = 5;

/** The same spec with every default written out, and nothing empty. */
export const withDefaults = (spec: Fields): unknown =>
  pruned({
    ...spec,
    parentRefs: itemsOf(spec['parentRefs']).map((ref) => ({ ...PARENT, ...ref })),
    rules: itemsOf(spec['rules']).map(rule),
  });

const rule = (given: Fields): Fields => {
  const matches = itemsOf(given['matches']);
  return {
    ...given,
    matches: (matches.length > 0 ? matches : [DEFAULT_MATCH]).map(match),
    filters: itemsOf(given['filters']).map(filter),
    backendRefs: itemsOf(given['backendRefs']).map(backend),
  };
};

const match = (given: Fields): Fields => ({
  ...given,
  path: { ...DEFAULT_PATH, ...fieldsOf(given['path']) },
  headers: itemsOf(given['headers']).map((one) => ({ type: 'Exact', ...one })),
  queryParams: itemsOf(given['queryParams']).map((one) => ({ type: 'Exact', ...one })),
});

const backend = (given: Fields): Fields => ({
  ...BACKEND,
  weight: 1,
  ...given,
  filters: itemsOf(given['filters']).map(filter),
});

const filter = (given: Fields): Fields => {
  const mirror = fieldsOf(given['requestMirror']);
  return {
    ...given,
    ...('requestMirror' in given && {
      requestMirror: { ...mirror, backendRef: { ...BACKEND, ...fieldsOf(mirror['backendRef']) } },
    }),
    ...('cors' in given && { cors: { maxAge: CORS_MAX_AGE, ...fieldsOf(given['cors']) } }),
  };
};

const pruned = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(pruned);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, pruned(inner)] as const);
  return Object.fromEntries(entries.filter(([, inner]) => !isNothing(inner)));
};

const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);
