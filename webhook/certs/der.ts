import forge from 'node-forge';

/** One node of a DER structure. node-forge writes the bytes; nothing here is ever asked to read hostile input. */
export type Node = forge.asn1.Asn1;

const { Class, Type } = forge.asn1;

const universal = (type: forge.asn1.Type, value: string | Node[]): Node =>
  forge.asn1.create(Class.UNIVERSAL, type, Array.isArray(value), value);

/** Bytes as the latin-1 string that forge calls bytes. */
const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

export const sequence = (...members: Node[]): Node => universal(Type.SEQUENCE, members);
export const set = (...members: Node[]): Node => universal(Type.SET, members);
export const oid = (dotted: string): Node => universal(Type.OID, forge.asn1.oidToDer(dotted).getBytes());
export const octets = (bytes: Uint8Array): Node => universal(Type.OCTETSTRING, latin1(bytes));
export const utf8 = (text: string): Node => universal(Type.UTF8, forge.util.encodeUtf8(text));
export const truth = (): Node => universal(Type.BOOLEAN, '\xff');
export const smallInteger = (value: number): Node => universal(Type.INTEGER, forge.asn1.integerToDer(value).getBytes());

/**
 * A positive integer from any bytes, in its shortest form: DER knows no leading zeros, except the one in front of a
 * first bit of 1, which would mean a negative number (Go refuses a certificate with such a serial). Zero becomes one.
 */
export const unsignedInteger = (bytes: Uint8Array): Node => {
  const start = bytes.findIndex((byte) => byte !== 0);
  const digits = start < 0 ? Uint8Array.of(1) : bytes.subarray(start);
  return universal(Type.INTEGER, `${(digits[0] ?? 0) >= 0x80 ? '\0' : ''}${latin1(digits)}`);
};

/** A bit string; `unused` counts the bits at the end that do not belong to it. */
export const bits = (bytes: Uint8Array, unused = 0): Node =>
  universal(Type.BITSTRING, String.fromCharCode(unused) + latin1(bytes));

/** `[tag]` around members (explicit), or around raw bytes (implicit, primitive). */
export const tagged = (tag: number, value: Node[] | Uint8Array): Node => {
  const raw = value instanceof Uint8Array ? latin1(value) : value;
  return forge.asn1.create(Class.CONTEXT_SPECIFIC, tag, Array.isArray(raw), raw);
};

/** A date of X.509: two-digit years up to 2049, the long form after that. */
export const time = (ms: number): Node => {
  const date = new Date(ms);
  return date.getUTCFullYear() < 2050
    ? universal(Type.UTCTIME, forge.asn1.dateToUtcTime(date))
    : universal(Type.GENERALIZEDTIME, forge.asn1.dateToGeneralizedTime(date));
};

export const encode = (node: Node): Buffer => Buffer.from(forge.asn1.toDer(node).getBytes(), 'latin1');

/** Reads DER that we made ourselves a moment ago (a public key as node:crypto exports it). */
export const decode = (bytes: Uint8Array): Node => forge.asn1.fromDer(latin1(bytes));
