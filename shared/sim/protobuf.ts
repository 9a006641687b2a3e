/**
 * The few protobuf bodies that kubectl's imperative commands send without an alternative (`create namespace`,
 * `auth can-i`, `auth whoami`): the kind and the name are read, which is all that these kinds need.
 */
import type { Fields } from './json.ts';
import { unsupportedMediaType } from './status.ts';

const MAGIC = Buffer.from([0x6b, 0x38, 0x73, 0x00]);
const READABLE = new Set(['Namespace', 'SelfSubjectReview', 'SelfSubjectAccessReview', 'DeleteOptions']);
const LENGTH_DELIMITED = 2;

/** The length-delimited fields of a message, by number; others are skipped. */
const fieldsOf = (bytes: Buffer): Map<number, Buffer> => {
  const fields = new Map<number, Buffer>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; at < bytes.length; shift += 7) {
      const byte = bytes[at] ?? 0;
      at += 1;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (at < bytes.length) {
    const tag = varint();
    const type = tag & 7;
    if (type === LENGTH_DELIMITED) {
      const length = varint();
      fields.set(tag >>> 3, bytes.subarray(at, at + length));
      at += length;
    } else if (type === 0) varint();
    else at += type === 1 ? 8 : 4;
  }
  return fields;
};

const textOf = (bytes: Buffer | undefined): string => bytes?.toString('utf8') ?? '';

/** The object behind a protobuf body; 415 for kinds that this server reads as JSON only. */
export const readProtobuf = (body: Buffer): Fields => {
  if (!body.subarray(0, 4).equals(MAGIC))
    throw unsupportedMediaType('the body is no protobuf that a Kubernetes client sends');
  const envelope = fieldsOf(body.subarray(4));
  const type = fieldsOf(envelope.get(1) ?? Buffer.alloc(0));
  const [apiVersion, kind] = [textOf(type.get(1)), textOf(type.get(2))];
  if (!READABLE.has(kind))
    throw unsupportedMediaType('this simulated server takes JSON; write the object to a file and use kubectl apply -f');
  if (kind === 'DeleteOptions') return {};
  const metadata = fieldsOf(fieldsOf(envelope.get(2) ?? Buffer.alloc(0)).get(1) ?? Buffer.alloc(0));
  const name = kind === 'Namespace' ? textOf(metadata.get(1)) : '';
  return { apiVersion, kind, metadata: name === '' ? {} : { name } };
};
