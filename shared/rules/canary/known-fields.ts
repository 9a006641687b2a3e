/**
 * The field names of `spec`, light enough to be loaded by a webhook or a short command; the schemas of `api`
 * are not. A test holds the two equal.
 */
export type Shape = 'any' | { readonly record: Fields } | { readonly list: Shape } | { readonly map: Shape };
export type Fields = ReadonlyMap<string, Shape>;

/** Fields without known parts by their names, then those with parts. */
const record = (plain: string, parts: Readonly<Record<string, Shape>> = {}): { readonly record: Fields } => ({
  record: new Map<string, Shape>([
    ...(plain === '' ? [] : plain.split(' ').map((name): [string, Shape] => [name, 'any'])),
    ...Object.entries(parts),
  ]),
});
const list = (shape: Shape): Shape => ({ list: shape });
const map = (shape: Shape): Shape => ({ map: shape });

const REF = 'apiVersion kind name';
const text = record('exact prefix regex');
const metadata = record('labels annotations');
const headerChange = record('add set remove');

const serviceMatch = record('name gateways port ignoreUriCase sourceLabels sourceNamespace', {
  uri: text,
  scheme: text,
  method: text,
  authority: text,
  headers: map(text),
  withoutHeaders: map(text),
  queryParams: map(text),
});

const trafficPolicy = record('', {
  connectionPool: record('', {
    http: record(
      'h2UpgradePolicy http1MaxPendingRequests http2MaxRequests idleTimeout maxRequestsPerConnection maxRetries',
    ),
  }),
  loadBalancer: record('simple warmupDurationSecs', {
    consistentHash: record('httpHeaderName useSourceIp httpQueryParameterName minimumRingSize', {
      httpCookie: record('name path ttl'),
    }),
    localityLbSetting: record('enabled', { distribute: list(record('from to')), failover: list(record('from to')) }),
  }),
  outlierDetection: record(
    'baseEjectionTime consecutive5xxErrors consecutiveErrors consecutiveGatewayErrors consecutiveLocalOriginFailures ' +
      'interval maxEjectionPercent minHealthPercent splitExternalLocalOriginErrors',
  ),
  tls: record('mode caCertificates clientCertificate privateKey sni subjectAltNames'),
});

const service = record(
  'name port portName targetPort appProtocol portDiscovery headless trafficDistribution hosts gateways delegation ' +
    'timeout backendTimeout meshName backends',
  {
    ports: list(record('name port targetPort protocol appProtocol')),
    gatewayRefs: list(record('group kind name namespace sectionName port')),
    match: list(serviceMatch),
    rewrite: record('uri authority type'),
    retries: record('attempts perTryTimeout retryOn'),
    headers: record('', { request: headerChange, response: headerChange }),
    mirror: list(record('', { backendRef: record('group kind name namespace port') })),
    corsPolicy: record('allowOrigin allowMethods allowHeaders exposeHeaders allowCredentials maxAge', {
      allowOrigins: list(text),
    }),
    trafficPolicy,
    apex: metadata,
    primary: metadata,
    canary: metadata,
    unmanagedMetadata: metadata,
  },
);

const match = list(
  record('sourceLabels', { headers: map(record('exact prefix suffix regex')), queryParams: map(text) }),
);

const analysis = record(
  'interval threshold iterations maxWeight stepWeight stepWeights stepWeightPromotion mirror mirrorWeight ' +
    'primaryReadyThreshold canaryReadyThreshold gracePeriod',
  {
    match,
    metrics: list(
      record('name interval threshold query templateVariables onInconclusive minSamples', {
        thresholdRange: record('min max'),
        templateRef: record('name namespace'),
        compare: record('with maxIncreasePercent maxDecreasePercent'),
      }),
    ),
    alerts: list(record('name severity', { providerRef: record('name namespace') })),
    webhooks: list(record('name type url timeout retries disableTLS muteAlert metadata')),
    sessionAffinity: record('cookieName primaryCookieName domain httpOnly maxAge partitioned path sameSite secure'),
    gates: list(record('name type timeout onTimeout')),
    preview: record('', { match }),
  },
);

/** Every field that a Canary's spec may have. */
export const CANARY_SPEC: Shape = record(
  'provider metricsServer progressDeadlineSeconds skipAnalysis revertOnDeletion suspend',
  {
    targetRef: record(REF),
    autoscalerRef: record(`${REF} primaryScalerQueries`, { primaryScalerReplicas: record('minReplicas maxReplicas') }),
    ingressRef: record(REF),
    routeRef: record(REF),
    upstreamRef: record(`${REF} namespace`),
    service,
    analysis,
  },
);
