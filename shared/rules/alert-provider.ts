import { isGiven } from './raw.ts';
import { type Draft, each, type Rule, type Subject, when } from './rule.ts';
import { httpUrlOf } from './url.ts';

const TYPE_MISSING: Draft = {
  path: 'spec.type',
  message: 'type is required. Write one of slack, msteams, discord, rocket, gchat.',
  reason: 'FieldValueRequired',
};

/** Addresses of chat services are passwords: a long word that nobody would choose stands in path or query. */
const isSecret = ({ pathname, search, password }: URL): boolean =>
  password !== '' ||
  /[?&](key|token|sig|secret)=/i.test(search) ||
  pathname.split('/').some((word) => word.length >= 20 && /\d/.test(word) && /[A-Za-z]/.test(word));

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
  {
    id: 'ALERTPROV-002',
    class: 'D',
    path: 'spec.address, spec.proxy',
    about: 'an address that cannot be called',
    check: ({ spec }) =>
      each(['address', 'proxy'], (field) => {
        const value = spec[field];
        if (!isGiven(value) || value === '' || httpUrlOf(value) !== undefined) return undefined;
        return {
          path: `spec.${field}`,
          // What somebody took for an address may be a password.
          message: 'is not an http(s) URL; no alert would be sent. Write one such as https://chat.example.com/hook.',
          value,
        };
      }),
  },
  {
    id: 'ALERTPROV-003',
    class: 'W',
    path: 'spec.address',
    about: 'a password that everybody can read',
    check({ spec }) {
      const url = httpUrlOf(spec['address']);
      return when(url !== undefined && isSecret(url), () => ({
        path: 'spec.address',
        message: 'the URL of a hook is a password. Move it to a Secret, and name that in secretRef.',
      }));
    },
  },
];
