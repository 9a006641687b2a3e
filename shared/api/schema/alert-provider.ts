import { ALERT_PROVIDER_TYPES } from '../words.ts';
import { optional, record, text, word } from './parts.ts';

export const alertProviderSpecSchema = record(
  {
    type: optional(word(ALERT_PROVIDER_TYPES, 'The chat service.')),
    channel: optional(text('Channel that is written to; general by default.')),
    username: optional(text('Name that the messages come from; flagger by default.')),
    address: optional(text('Address of the incoming webhook.')),
    proxy: optional(text('HTTP proxy that is used.')),
    secretRef: optional(
      record(
        { name: text('Name of the Secret.') },
        'Secret with the key address and optionally token, in the namespace of the AlertProvider.',
      ),
    ),
  },
  'A chat channel; either address or secretRef.',
  { oneOf: [{ required: ['type', 'address'] }, { required: ['type', 'secretRef'] }] },
);
