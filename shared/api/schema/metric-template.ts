import { METRIC_PROVIDER_TYPES } from '../words.ts';
import { flag, list, map, optional, record, text, word } from './parts.ts';

const metricProvider = record(
  {
    type: word(METRIC_PROVIDER_TYPES, 'The kind of metrics service.'),
    address: optional(text('Address of the service.')),
    headers: optional(map(list(text('One value.'), 'Values of the header.'), 'Headers that are sent with each query.')),
    secretRef: optional(
      record(
        { name: text('Name of the Secret.') },
        'Secret with the credentials, in the namespace of the MetricTemplate.',
      ),
    ),
    region: optional(text('Region of the service.')),
    insecureSkipVerify: optional(flag('Do not verify the certificate of the address.')),
  },
  'Where the query is sent.',
);

export const metricTemplateSpecSchema = record(
  { provider: metricProvider, query: text('The query, with variables in {{ }}.') },
  'A query that Canaries refer to.',
);
