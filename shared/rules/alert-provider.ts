import { isGiven } from './raw.ts';
import { type Draft, type Rule, type Subject, when } from './rule.ts';

const TYPE_MISSING: Draft = {
  path: 'spec.type',
  message: 'type is required. Write one of slack, msteams, discord, rocket, gchat.',
  reason: 'FieldValueRequired',
};

export const ALERT_PROVIDER_RULES: readonly Rule<Subject>[] = [
  {
    id: 'ALERTPROV-001',
    class: 'P',
    path: 'spec.type, spec.address, spec.secretRef',
    about: 'no type, or not exactly one of address and secretRef',
    check({ spec }) {
      if (!isGiven(spec['type'])) return [TYPE_MISSING];
      const address = isGiven(spec['address']);
      const secret = isGiven(spec['secretRef']);
      return when(address === secret, () => ({
        path: address ? 'spec.address' : 'spec',
        message: `sets ${address ? 'both address and secretRef' : 'neither address nor secretRef'}. Give exactly one: address, or secretRef with key "address".`,
        value: [address, secret],
        reason: address ? 'FieldValueForbidden' : 'FieldValueRequired',
      }));
    },
  },
];
