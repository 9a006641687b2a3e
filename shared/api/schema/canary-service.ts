import { TRAFFIC_DISTRIBUTIONS } from '../words.ts';
import { trafficPolicySchema } from './canary-traffic-policy.ts';
import {
  amount,
  exactlyOne,
  flag,
  gatewayApi,
  int32,
  intOrString,
  list,
  map,
  optional,
  record,
  stringMatch,
  text,
  textMap,
  texts,
  whole,
  word,
} from './parts.ts';

const metadata = (which: string) =>
  record(
    {
      labels: optional(textMap('Labels.', 'Value of the label.')),
      annotations: optional(textMap('Annotations.', 'Value of the annotation.')),
    },
    `Labels and annotations of the ${which} Service.`,
  );

const headerChange = (which: string) =>
  record(
    {
      add: optional(textMap('Headers to add.', 'Value of the header.')),
      set: optional(textMap('Headers to set.', 'Value of the header.')),
      remove: optional(texts('Headers to take away.', 'Name of the header.')),
    },
    `What is changed in the headers of the ${which}.`,
  );

export const serviceMatchSchema = record(
  {
    name: optional(text('Name of the rule.')),
    uri: optional(stringMatch('How the path is compared.')),
    scheme: optional(stringMatch('How the scheme is compared.')),
    method: optional(stringMatch('How the method is compared.')),
    authority: optional(stringMatch('How the authority is compared.')),
    headers: optional(map(stringMatch('How one header is compared.'), 'Headers that must match, by name.')),
    withoutHeaders: optional(map(stringMatch('How one header is compared.'), 'Headers that must not match, by name.')),
    queryParams: optional(
      map(stringMatch('How one query parameter is compared.'), 'Query parameters that must match, by name.'),
    ),
    gateways: optional(texts('Gateways that the rule is for.', 'Name of the gateway.')),
    port: optional(whole('Port that the request came to.')),
    ignoreUriCase: optional(flag('Compare the path without regard to case.')),
    sourceLabels: optional(textMap('Labels of the calling pods.', 'Value of the label.')),
    sourceNamespace: optional(text('Namespace of the calling pods.')),
  },
  'One condition; all its parts must hold.',
);

const gatewayRef = record(
  {
    group: optional(
      gatewayApi.group('Group of the parent; gateway.networking.k8s.io by default.', 'gateway.networking.k8s.io'),
    ),
    kind: optional(gatewayApi.kind('Kind of the parent; Gateway by default.', 'Gateway')),
    name: gatewayApi.name('Name of the parent.'),
    namespace: optional(gatewayApi.namespace('Namespace of the parent; that of the Canary by default.')),
    sectionName: optional(gatewayApi.sectionName('Listener of the gateway; all by default.')),
    port: optional(gatewayApi.port('Port of the gateway; all by default.')),
  },
  'One parent of the generated route.',
);

const mirrorTarget = record(
  {
    backendRef: optional(
      record(
        {
          group: optional(gatewayApi.group('Group of the backend; the core group by default.', '')),
          kind: optional(gatewayApi.kind('Kind of the backend; Service by default.', 'Service')),
          name: gatewayApi.name('Name of the backend.'),
          namespace: optional(gatewayApi.namespace('Namespace of the backend; that of the Canary by default.')),
          port: optional(gatewayApi.port('Port of the backend; required for a Service.')),
        },
        'Where the copies go.',
        {
          'x-kubernetes-validations': [
            {
              rule: "self.group != '' || self.kind != 'Service' || has(self.port)",
              message: 'Must have port for Service reference',
            },
          ],
        },
      ),
    ),
  },
  'One receiver of copied requests.',
);

const corsPolicy = record(
  {
    allowOrigin: optional(texts('Origins that are allowed, the older form.', 'One origin.')),
    allowOrigins: optional(
      list(
        record(
          {
            exact: optional(text('The origin must equal this.')),
            prefix: optional(text('The origin must start with this.')),
            regex: optional(text('The origin must match this regular expression.')),
          },
          'How an origin is compared; exactly one form.',
          exactlyOne('exact', 'prefix', 'regex'),
        ),
        'Origins that are allowed.',
      ),
    ),
    allowMethods: optional(texts('Methods that are allowed.', 'One method.')),
    allowHeaders: optional(texts('Headers that are allowed.', 'One header.')),
    exposeHeaders: optional(texts('Headers that a browser may read.', 'One header.')),
    allowCredentials: optional(flag('Whether credentials may be sent.')),
    maxAge: optional(text('How long a browser may keep the answer, for example 24h.')),
  },
  'Answers to cross-origin requests.',
);

export const servicePortSchema = record(
  {
    name: text('Name of the port.'),
    port: int32('Number of the port on the Services.', { minimum: 1, maximum: 65535 }),
    targetPort: optional(intOrString('Port of the container, number or name; port by default.')),
    protocol: optional(word(['TCP', 'UDP', 'SCTP'], 'Protocol of the port; TCP by default.')),
    appProtocol: optional(text('Application protocol of the port.')),
  },
  'One further port.',
);

const ports = {
  port: amount('Port of the generated Services.'),
  portName: optional(text('Name of that port; http by default.')),
  targetPort: optional(intOrString('Port of the container, number or name; port by default.')),
  appProtocol: optional(text('Application protocol of that port.')),
  portDiscovery: optional(flag('Add every other port of the containers to the Services.')),
  ports: optional(list(servicePortSchema, 'Further ports of the generated Services.')),
};

const routing = {
  hosts: optional(texts('Hosts that the route answers for.', 'One host.')),
  gateways: optional(texts('Istio gateways of the route.', 'Name of the gateway.')),
  gatewayRefs: optional(list(gatewayRef, 'Parents of the route in the Gateway API.', { maxItems: 32 })),
  delegation: optional(flag('Generate an Istio VirtualService that another one delegates to.')),
  match: optional(list(serviceMatchSchema, 'Requests that the route is for; all by default.')),
  rewrite: optional(
    record(
      {
        uri: optional(text('Path that the backend sees.')),
        authority: optional(text('Authority that the backend sees.')),
        type: optional(text('ReplacePrefixMatch replaces the matched prefix; anything else the whole path.')),
      },
      'What is rewritten before the backend sees the request.',
    ),
  ),
  retries: optional(
    record(
      {
        attempts: optional(int32('Attempts after a failed one.')),
        perTryTimeout: optional(text('Time for each attempt.')),
        retryOn: optional(text('Failures that are tried again.')),
      },
      'When a request is tried again.',
    ),
  ),
  timeout: optional(text('Time for the whole request.')),
  backendTimeout: optional(text('Time for one request to the backend, Gateway API only.')),
  headers: optional(
    record(
      { request: optional(headerChange('request')), response: optional(headerChange('response')) },
      'What is changed in the headers.',
    ),
  ),
  mirror: optional(list(mirrorTarget, 'Receivers of copied requests, Gateway API only.')),
  corsPolicy: optional(corsPolicy),
  trafficPolicy: optional(trafficPolicySchema),
  meshName: optional(text('Name of the App Mesh mesh.')),
  backends: optional(texts('App Mesh backends of the virtual node.', 'One backend.')),
};

export const canaryServiceSchema = record(
  {
    name: optional(text('Name of the apex Service, and prefix of the other two; the name of the target by default.')),
    ...ports,
    headless: optional(flag('Generate headless Services.')),
    trafficDistribution: optional(word(TRAFFIC_DISTRIBUTIONS, 'Traffic distribution of the generated Services.')),
    ...routing,
    apex: optional(metadata('apex')),
    primary: optional(metadata('primary')),
    canary: optional(metadata('canary')),
    unmanagedMetadata: optional(
      record(
        {
          labels: optional(texts('Labels that are left alone.', 'Key of the label.')),
          annotations: optional(texts('Annotations that are left alone.', 'Key of the annotation.')),
        },
        'Labels and annotations of generated objects that belong to others.',
      ),
    ),
  },
  'The Services and routes that are generated for the target.',
);
