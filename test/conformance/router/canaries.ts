/** The Canaries that every router is tried with; the unit lane and the lane of the real API server share them. */
import type { Canary, CanaryService, MatchEntry } from '../../../shared/api/canary.ts';
import type { MatchForm, RouteField } from '../../../shared/api/model.ts';
import { aCanary, withAnalysis, withService, withSpec, withWeights } from '../../make/canary.ts';
import type { Modifier } from '../../make/modify.ts';
import type { RouterFixture } from './fixture.ts';

/** 25 and 50 percent, and what the provider needs besides. */
export const canaryFor = (provider: string, fixture: RouterFixture, ...more: Modifier<Canary>[]): Canary =>
  aCanary(withSpec({ provider }), withWeights(), ...fixture.needs, ...more);

/** An entry of `analysis.match` for each form. */
export const ENTRIES: Readonly<Record<MatchForm, MatchEntry>> = {
  'header-exact': { headers: { 'x-canary': { exact: 'insider' } } },
  'header-prefix': { headers: { 'x-canary': { prefix: 'insider' } } },
  'header-suffix': { headers: { 'x-canary': { suffix: 'insider' } } },
  'header-regex': { headers: { 'x-canary': { regex: 'insider' } } },
  cookie: { headers: { cookie: { exact: 'insider' } } },
  query: { queryParams: { canary: { exact: 'insider' } } },
  'source-labels': { sourceLabels: { canary: 'insider' } },
};

export const FORMS = Object.keys(ENTRIES) as MatchForm[];

/** An A/B test of three iterations. */
export const matching = (...match: MatchEntry[]): Modifier<Canary> =>
  withAnalysis({
    iterations: 3,
    stepWeight: undefined,
    maxWeight: undefined,
    match,
  });

/** Whatever `spec.service` can say of routes at once. */
const ROUTING: Partial<CanaryService> = {
  hosts: ['app.example.com'],
  match: [{ uri: { prefix: '/api' } }, { uri: { exact: '/one' }, method: { exact: 'GET' } }],
  rewrite: { uri: '/v2', authority: 'inner.example.com' },
  retries: { attempts: 3, perTryTimeout: '1s', retryOn: 'gateway-error' },
  timeout: '15s',
  backendTimeout: '5s',
  headers: {
    request: {
      add: { 'x-b': '2', 'x-a': '1' },
      set: { 'x-c': '3' },
      remove: ['x-d'],
    },
    response: { add: { 'x-e': '5' }, set: { 'x-f': '6' }, remove: ['x-g'] },
  },
  corsPolicy: {
    allowOrigin: ['https://example.com'],
    allowMethods: ['GET', 'POST'],
    allowHeaders: ['x-a'],
    exposeHeaders: ['x-e'],
    allowCredentials: true,
    maxAge: '24h',
  },
  trafficPolicy: {
    connectionPool: {
      http: { http1MaxPendingRequests: 10, h2UpgradePolicy: 'UPGRADE' },
    },
    loadBalancer: { simple: 'LEAST_REQUEST' },
    outlierDetection: {
      consecutive5xxErrors: 5,
      interval: '10s',
      baseEjectionTime: '1m',
      maxEjectionPercent: 50,
    },
    tls: { mode: 'ISTIO_MUTUAL' },
  },
  gateways: ['infra/public'],
  mirror: [{ backendRef: { name: 'shadow', port: 80 } }],
  backends: ['backend.test'],
};

/** One thing that `spec.service` can say of routes, and hosts, which some of it is about. */
export const saying = (field: RouteField): Modifier<Canary> => {
  if (field === 'delegation') return withService({ delegation: true });
  const fields: readonly RouteField[] = field === 'hosts' ? ['hosts'] : ['hosts', field];
  return withService(Object.fromEntries(fields.map((name) => [name, ROUTING[name]])));
};

/** Whatever `spec.service` can say. */
export const FULL_SERVICE: Modifier<Canary> = withService({
  portName: 'http-web',
  portDiscovery: true,
  ports: [{ name: 'metrics', port: 9797 }],
  apex: { labels: { team: 'a' }, annotations: { note: 'b' } },
  ...ROUTING,
});

/** Session affinity with every attribute that a cookie can have. */
export const PINNED: Modifier<Canary> = withAnalysis({
  sessionAffinity: {
    cookieName: 'pin',
    primaryCookieName: 'stay',
    maxAge: 3600,
    domain: 'example.com',
    path: '/',
    sameSite: 'Strict',
    httpOnly: true,
    secure: true,
    partitioned: true,
  },
});

/** Further shapes that `spec.service` gives to routes, by what they are. */
export const SHAPES: Readonly<Record<string, Modifier<Canary>>> = {
  'nothing but a port': withService({}),
  'all that it can say': FULL_SERVICE,
  'a route for TCP': withService({
    appProtocol: 'tcp',
    match: [{ port: 9000 }, {}],
  }),
  'prefixes that are replaced': withService({
    match: [{ uri: { prefix: '/a' }, headers: { 'x-b': { regex: 'c.*' } } }, { uri: { prefix: '/d' } }],
    rewrite: { uri: '/', type: 'ReplacePrefixMatch' },
  }),
  'origins in every form, and pods by a cookie': withService({
    corsPolicy: {
      allowOrigins: [{ exact: 'https://a.example' }, { prefix: 'https://b.' }, { regex: 'https://c.*' }],
      allowMethods: ['GET'],
      maxAge: '10s',
    },
    trafficPolicy: {
      loadBalancer: {
        consistentHash: { httpCookie: { name: 'pod', path: '/', ttl: '60s' }, minimumRingSize: 512 },
        localityLbSetting: { enabled: true, failover: [{ from: 'here', to: 'there' }] },
      },
      tls: { mode: 'SIMPLE', sni: 'a.example', caCertificates: '/ca', subjectAltNames: ['a.example'] },
    },
  }),
  'every condition of a mesh': withService({
    gateways: ['infra/public', 'mesh'],
    match: [
      {
        uri: { prefix: '/a' },
        method: { exact: 'GET' },
        headers: { 'x-a': { exact: '1' }, 'x-b': { regex: '2.*' } },
        queryParams: { q: { exact: '3' }, r: { regex: '4.*' } },
      },
      {
        name: 'named',
        uri: { regex: '/b/.*' },
        scheme: { exact: 'https' },
        authority: { prefix: 'app' },
        withoutHeaders: { 'x-c': { exact: '5' } },
        sourceLabels: { app: 'front' },
        sourceNamespace: 'test',
        gateways: ['mesh'],
        port: 80,
        ignoreUriCase: true,
      },
    ],
  }),
  'a route that another one delegates to': withService({
    delegation: true,
    portDiscovery: true,
  }),
};
