import {
  ALERT_SEVERITIES,
  GATE_TIMEOUTS,
  GATE_TYPES,
  HOOK_TYPES,
  INCONCLUSIVE_POLICIES,
  SAME_SITES,
} from '../words.ts';
import {
  amount,
  exactlyOne,
  flag,
  GO_DURATION,
  list,
  map,
  optional,
  REFERENCE_DURATION,
  record,
  stringMatch,
  text,
  textMap,
  word,
} from './parts.ts';

const namedRef = (what: string) =>
  record(
    {
      name: text(`Name of the ${what}.`),
      namespace: optional(text(`Namespace of the ${what}; that of the Canary by default.`)),
    },
    `Names the ${what}.`,
  );

const headerMatch = record(
  {
    exact: optional(text('The header must equal this.')),
    prefix: optional(text('The header must start with this.')),
    suffix: optional(text('The header must end with this.')),
    regex: optional(text('The header must match this regular expression.')),
  },
  'How one header is compared; exactly one form.',
  exactlyOne('exact', 'prefix', 'suffix', 'regex'),
);

export const matchEntrySchema = record(
  {
    headers: optional(map(headerMatch, 'Headers that must match, by name; "cookie" looks into the Cookie header.')),
    queryParams: optional(
      map(stringMatch('How one query parameter is compared.'), 'Query parameters that must match, by name.'),
    ),
    sourceLabels: optional(textMap('Labels of the calling pods.', 'Value of the label.')),
  },
  'One condition; all its parts must hold.',
);

export const analysisMetricSchema = record(
  {
    name: text('Name of the metric: request-success-rate, request-duration, or a name for the query.'),
    interval: optional(text('Window of the query, for example 30s; 1m by default.', { pattern: REFERENCE_DURATION })),
    threshold: optional(
      amount('Highest value that passes, for request-success-rate the lowest; thresholdRange replaces it.'),
    ),
    thresholdRange: optional(
      record(
        { min: optional(amount('Lowest value that passes.')), max: optional(amount('Highest value that passes.')) },
        'Bounds of the values that pass.',
      ),
    ),
    query: optional(text('Prometheus query whose first value is judged.')),
    templateRef: optional(namedRef('MetricTemplate')),
    templateVariables: optional(textMap('Variables handed to the MetricTemplate.', 'Value of the variable.')),
    onInconclusive: optional(
      word(
        INCONCLUSIVE_POLICIES,
        'What a check without a verdict does: count as failed (default), hold the rollout, or count as passed.',
      ),
    ),
    minSamples: optional(
      amount(
        'With fewer requests than this in the window the check has no verdict; 0 by default. They are counted by the built-in series of the traffic provider, in a comparison on both sides.',
      ),
    ),
    compare: optional(
      record(
        {
          with: word(
            ['primary'],
            'The workload whose value is the measure. It is asked the same query with names of its own: {{ target }} and {{ service }} end in -primary, and so does what ends in -canary.',
          ),
          maxIncreasePercent: optional(
            amount('Percent of that value by which the canary may lie above it, 0 or more; open by default.'),
          ),
          maxDecreasePercent: optional(
            amount('Percent of that value by which the canary may lie below it, 0 or more; open by default.'),
          ),
        },
        'Judges the value against that of another workload at the same time; at least one of the two percentages is needed. Fixed bounds hold besides where they are set. A side without data, or a query that asks the same of both, leaves the check without a verdict.',
      ),
    ),
  },
  'One metric that is judged at each step.',
);

export const analysisAlertSchema = record(
  {
    name: text('Name of the alert.'),
    severity: optional(word(ALERT_SEVERITIES, 'Least severity that is sent; info by default.')),
    providerRef: namedRef('AlertProvider'),
  },
  'One chat channel that is told of the rollout.',
);

export const analysisWebhookSchema = record(
  {
    name: text('Name of the hook.'),
    type: optional(word(HOOK_TYPES, 'When the hook is called, and what its answer means; rollout by default.')),
    url: text('Address that is called with POST.'),
    timeout: optional(
      text('How long to wait for the answer, for example 5s; 10s by default.', { pattern: REFERENCE_DURATION }),
    ),
    retries: optional(amount('Further attempts after a failed one; 0 by default.')),
    disableTLS: optional(flag('Do not verify the certificate of the address.')),
    muteAlert: optional(flag('Send no alert when the hook fails.')),
    metadata: optional(textMap('Handed to the hook as it stands.', 'Value of the key.')),
  },
  'One HTTP service that is told, or asked.',
);

export const analysisGateSchema = record(
  {
    name: text('Name of the gate, as approve and reject use it.'),
    type: word(GATE_TYPES, 'The transition that waits for the approval.'),
    timeout: optional(
      text('How long the gate may stay closed, for example 2h; for ever by default.', { pattern: GO_DURATION }),
    ),
    onTimeout: optional(word(GATE_TIMEOUTS, 'What happens after the timeout; reject by default.')),
  },
  'One approval by a person, without an HTTP service.',
);

const sessionAffinitySchema = record(
  {
    cookieName: text('Name of the cookie that pins a user to the canary.'),
    primaryCookieName: optional(text('Name of the cookie that pins a user to the primary for the analysis.')),
    domain: optional(text('Domain attribute of the cookie.')),
    httpOnly: optional(flag('HttpOnly attribute of the cookie.')),
    maxAge: optional(amount('Lifetime of the cookie in seconds; 86400 by default.', { default: 86400 })),
    partitioned: optional(flag('Partitioned attribute of the cookie.')),
    path: optional(text('Path attribute of the cookie.')),
    sameSite: optional(word(SAME_SITES, 'SameSite attribute of the cookie.')),
    secure: optional(flag('Secure attribute of the cookie.')),
  },
  'Keeps a user on the version that the first answer came from.',
);

const steps = {
  iterations: optional(amount('How many intervals blue/green or A/B testing takes; more than 0 selects them.')),
  maxWeight: optional(amount('Percent at which the canary is promoted; 100 by default.')),
  stepWeight: optional(amount('Percent by which the weight of the canary grows at each interval.')),
  stepWeights: optional(
    list(amount('Percent of the traffic.'), 'Weights of the canary, one per interval, instead of stepWeight.'),
  ),
  stepWeightPromotion: optional(
    amount('Percent by which traffic moves back to the primary at promotion; 0 moves all at once.'),
  ),
  match: optional(list(matchEntrySchema, 'Requests that go to the canary in A/B testing; one entry must hold.')),
  mirror: optional(flag('Copy requests of the primary to the canary before it gets traffic of its own.')),
  mirrorWeight: optional(amount('Percent of the requests that are copied; the mesh decides by default.')),
};

export const analysisSchema = record(
  {
    interval: optional(text('Time between two steps, for example 30s; at least 10s.', { pattern: REFERENCE_DURATION })),
    threshold: optional(amount('How many checks may fail in one analysis before the rollback; at least 1.')),
    ...steps,
    primaryReadyThreshold: optional(amount('Percent of the primary pods that must be ready; 100 by default.')),
    canaryReadyThreshold: optional(amount('Percent of the canary pods that must be ready; 100 by default.')),
    metrics: optional(list(analysisMetricSchema, 'Metrics that are judged at each step.')),
    alerts: optional(list(analysisAlertSchema, 'Chat channels that are told of the rollout.')),
    webhooks: optional(list(analysisWebhookSchema, 'HTTP services that are told or asked during the rollout.')),
    sessionAffinity: optional(sessionAffinitySchema),
    gracePeriod: optional(
      text(
        'How long after its first step the canary is not judged, for example 1m; 0s by default. Hooks and metrics are asked all the same and their results shown, but none counts, and no further step is taken before that time is over. Rollback hooks, deadlines and people are heard as always.',
        { pattern: GO_DURATION },
      ),
    ),
    gates: optional(list(analysisGateSchema, 'Approvals by a person that the rollout waits for.')),
    preview: optional(
      record(
        { match: list(matchEntrySchema, 'Requests that always go to the canary; one entry must hold.') },
        'Lets chosen requests reach the canary beside a weighted rollout.',
      ),
    ),
  },
  'How a new revision is judged; exactly one of iterations, stepWeight and stepWeights.',
  {
    oneOf: ['iterations', 'stepWeight', 'stepWeights'].map((progress) => ({
      required: ['interval', 'threshold', progress],
    })),
  },
);
