/**
 * The few forms that our schemas are made of. What they build is at once a TypeScript type (`Static`) and the
 * plain JSON Schema that a CRD may hold: enums carry a type, maps are `additionalProperties`, nothing is closed.
 * Only `crd.ts`, scripts and tests import this folder as values; programs import the types of `../canary.ts`.
 */

import Type, { type Static, type TProperties, type TSchema } from 'typebox';
import { DNS_LABEL, DNS_SUBDOMAIN } from '../dns-names.ts';

type Extra = Readonly<Record<string, unknown>>;

/** A field that may be absent. */
export const optional = Type.Optional;

export const text = (description: string, extra: Extra = {}) => Type.String({ description, ...extra });

export const flag = (description: string) => Type.Boolean({ description });

/** A `number`, where the reference's schema has one: fractions are the webhook's to refuse. */
export const amount = (description: string, extra: Extra = {}) => Type.Number({ description, ...extra });

export const whole = (description: string, extra: Extra = {}) => Type.Integer({ description, ...extra });

/** A signed 32-bit whole number. */
export const int32 = (description: string, extra: Extra = {}) => whole(description, { format: 'int32', ...extra });

/** A point in time, RFC 3339. */
export const instant = (description: string) => text(description, { format: 'date-time' });

/** One of a fixed set of words. */
export const word = <const V extends readonly string[]>(values: V, description: string) =>
  Type.Unsafe<V[number]>({ type: 'string', enum: [...values], description });

/** A number, or the name of one, as Kubernetes writes ports. */
export const intOrString = (description: string) =>
  Type.Unsafe<number | string>({
    anyOf: [{ type: 'integer' }, { type: 'string' }],
    'x-kubernetes-int-or-string': true,
    description,
  });

export const list = <T extends TSchema>(items: T, description: string, extra: Extra = {}) =>
  Type.Array(items, { description, ...extra });

export const map = <T extends TSchema>(values: T, description: string) =>
  Type.Unsafe<Record<string, Static<T>>>({ type: 'object', additionalProperties: values, description });

export const record = <P extends TProperties>(properties: P, description: string, extra: Extra = {}) =>
  Type.Object(properties, { description, ...extra });

export const texts = (description: string, each: string) => list(text(each), description);

export const textMap = (description: string, each: string) => map(text(each), description);

/** Go durations as the reference's pattern admits them: it is not anchored at the end. */
export const REFERENCE_DURATION = '^[0-9]+(m|s)';

/** A whole Go duration without sign, for fields of our own. */
export const GO_DURATION = '^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$';

/** A field set of which exactly one must be given. */
export const exactlyOne = (...fields: readonly string[]): Extra => ({
  oneOf: fields.map((field) => ({ required: [field] })),
});

/** A field set of which one may be given, or none. */
export const atMostOne = (...fields: readonly string[]): Extra => {
  const each = fields.map((field) => ({ required: [field] }));
  return { oneOf: [{ not: { anyOf: each } }, ...each] };
};

/** How a text is compared: at most one of exact, prefix and regex. */
export const stringMatch = (description: string) =>
  record(
    {
      exact: optional(text('The whole text must equal this.')),
      prefix: optional(text('The text must start with this.')),
      regex: optional(text('The whole text must match this regular expression.')),
    },
    description,
    atMostOne('exact', 'prefix', 'regex'),
  );

/** The parts of a Gateway API reference, each with that API's own limits. */
export const gatewayApi = {
  group: (description: string, byDefault: string) =>
    text(description, { default: byDefault, maxLength: 253, pattern: `^$|${DNS_SUBDOMAIN}` }),
  kind: (description: string, byDefault: string) =>
    text(description, {
      default: byDefault,
      minLength: 1,
      maxLength: 63,
      pattern: '^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$',
    }),
  name: (description: string) => text(description, { minLength: 1, maxLength: 253 }),
  namespace: (description: string) => text(description, { minLength: 1, maxLength: 63, pattern: DNS_LABEL }),
  sectionName: (description: string) => text(description, { minLength: 1, maxLength: 253, pattern: DNS_SUBDOMAIN }),
  port: (description: string) => int32(description, { minimum: 1, maximum: 65535 }),
};

/** Names another object of one of `kinds`; all three fields are required. */
export const kindRef = <const K extends readonly string[]>(kinds: K, what: string) => ({
  apiVersion: text(`API version of the ${what}, for example apps/v1.`),
  kind: word(kinds, `Kind of the ${what}.`),
  name: text(`Name of the ${what}.`),
});
