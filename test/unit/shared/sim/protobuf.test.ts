import { describe, expect, it } from 'vitest';
import { readProtobuf } from '../../../../shared/sim/protobuf.ts';

const field = (number: number, bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
const text = (number: number, value: string): Buffer => field(number, Buffer.from(value));
const magic = Buffer.from('k8s\0');

const envelope = (apiVersion: string, kind: string, object: Buffer): Buffer =>
  Buffer.concat([magic, field(1, Buffer.concat([text(1, apiVersion), text(2, kind)])), field(2, object)]);

describe('a protobuf body', () => {
  it('of a Namespace gives its name, past other fields', () => {
    const other = Buffer.from([(7 << 3) | 0, 0x96, 0x01]);
    const body = envelope('v1', 'Namespace', field(1, Buffer.concat([other, text(1, 'team-a')])));
    expect(readProtobuf(body)).toEqual({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team-a' } });
  });

  it('of an access review is an empty review', () => {
    const body = envelope('authorization.k8s.io/v1', 'SelfSubjectAccessReview', Buffer.alloc(0));
    expect(readProtobuf(body)).toEqual({
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      metadata: {},
    });
  });

  it('of any other kind is refused with a way out', () => {
    expect(() => readProtobuf(envelope('apps/v1', 'Deployment', Buffer.alloc(0)))).toThrow('kubectl apply -f');
  });

  it('without its mark is refused', () => {
    expect(() => readProtobuf(Buffer.from('{}  '))).toThrow('no protobuf');
  });
});
