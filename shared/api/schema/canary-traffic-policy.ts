/** Istio's traffic policy, as far as the reference passes it on. Field names and values are Istio's. */
import { exactlyOne, flag, int32, list, map, optional, record, text, texts, whole, word } from './parts.ts';

const connectionPool = record(
  {
    http: optional(
      record(
        {
          h2UpgradePolicy: optional(
            word(['DEFAULT', 'DO_NOT_UPGRADE', 'UPGRADE'], 'Whether HTTP/1.1 is upgraded to HTTP/2.'),
          ),
          http1MaxPendingRequests: optional(int32('Requests that may wait for a connection.')),
          http2MaxRequests: optional(int32('Requests that may be open at once.')),
          idleTimeout: optional(text('How long an unused connection stays open.')),
          maxRequestsPerConnection: optional(int32('Requests after which a connection is closed.')),
          maxRetries: optional(int32('Retries that may be open at once.')),
        },
        'Limits for HTTP.',
      ),
    ),
  },
  'Limits on connections to a destination.',
);

const HASHES = ['httpHeaderName', 'httpCookie', 'useSourceIp', 'httpQueryParameterName'] as const;

const consistentHash = record(
  {
    httpHeaderName: optional(text('Hash by this header.')),
    httpCookie: optional(
      record(
        {
          name: optional(text('Name of the cookie.')),
          path: optional(text('Path of the cookie.')),
          ttl: optional(text('Lifetime of the cookie.')),
        },
        'Hash by a cookie.',
      ),
    ),
    useSourceIp: optional(flag('Hash by the source address.')),
    httpQueryParameterName: optional(text('Hash by this query parameter.')),
    minimumRingSize: optional(whole('Least number of virtual nodes of the ring.')),
  },
  'Sends equal requests to the same pod.',
);

const localityLbSetting = record(
  {
    enabled: optional(flag('Whether locality is respected.')),
    distribute: optional(
      list(
        record(
          {
            from: optional(text('Locality that the request comes from.')),
            to: optional(map(whole('Percent of the requests.'), 'Shares by locality.')),
          },
          'Shares for one origin.',
        ),
        'How requests are spread over localities.',
      ),
    ),
    failover: optional(
      list(
        record(
          { from: optional(text('Region that failed.')), to: optional(text('Region that takes over.')) },
          'One failover.',
        ),
        'Where requests go when a region fails.',
      ),
    ),
  },
  'Load balancing by locality.',
);

const loadBalancer = record(
  {
    simple: optional(
      word(['ROUND_ROBIN', 'LEAST_CONN', 'RANDOM', 'PASSTHROUGH', 'LEAST_REQUEST'], 'Standard algorithm.'),
    ),
    consistentHash: optional(consistentHash),
    localityLbSetting: optional(localityLbSetting),
    warmupDurationSecs: optional(text('How long a new pod gets less than its share.')),
  },
  'How a pod is chosen: either simple or consistentHash.',
  {
    oneOf: [
      { required: ['simple'] },
      { required: ['consistentHash'], properties: { consistentHash: exactlyOne(...HASHES) } },
    ],
  },
);

const outlierDetection = record(
  {
    baseEjectionTime: optional(text('Least time that a pod is left out.')),
    consecutive5xxErrors: optional(whole('Answers 5xx in a row before a pod is left out.')),
    consecutiveErrors: optional(int32('Errors in a row before a pod is left out; the older name.')),
    consecutiveGatewayErrors: optional(int32('Gateway errors in a row before a pod is left out.')),
    consecutiveLocalOriginFailures: optional(int32('Failures on our own side in a row before a pod is left out.')),
    interval: optional(text('Time between two looks at the pods.')),
    maxEjectionPercent: optional(int32('Most percent of the pods that may be left out.')),
    minHealthPercent: optional(int32('Below this percent of healthy pods none is left out.')),
    splitExternalLocalOriginErrors: optional(flag('Count failures on our own side apart.')),
  },
  'When a pod is left out.',
);

const tls = record(
  {
    mode: optional(word(['DISABLE', 'SIMPLE', 'MUTUAL', 'ISTIO_MUTUAL'], 'Whether and how TLS is used.')),
    caCertificates: optional(text('File of the authorities that are trusted.')),
    clientCertificate: optional(text('File of the client certificate.')),
    privateKey: optional(text('File of the client key.')),
    sni: optional(text('Server name that is asked for.')),
    subjectAltNames: optional(texts('Names that the certificate may carry.', 'One name.')),
  },
  'TLS towards the destination.',
);

export const trafficPolicySchema = record(
  {
    connectionPool: optional(connectionPool),
    loadBalancer: optional(loadBalancer),
    outlierDetection: optional(outlierDetection),
    tls: optional(tls),
  },
  'Istio traffic policy of the generated DestinationRules.',
);
