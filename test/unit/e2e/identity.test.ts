import { describe, expect, it } from 'vitest';
import { identityOf, readIdentity, writeIdentity } from '../../e2e/pods/identity.ts';

const pod = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, annotations: { 'e2e/revision': '7' } },
});

describe('who answers', () => {
  it.each([
    ['podinfo-primary-5d9-x2', 'primary'],
    ['podinfo-5d9-x2', 'canary'],
  ])('%s is the %s', (name, side) => {
    expect(identityOf(pod(name))).toEqual({ revision: '7', side, pod: name });
  });

  it('is read from what podinfo answers', () => {
    const identity = identityOf(pod('podinfo-5d9-x2'));
    expect(readIdentity(`{\n  "message": "${writeIdentity(identity)}",\n  "goos": "linux"\n}`)).toEqual(identity);
  });

  it.each(['', '{"message": "greetings from podinfo v6"}', 'no healthy upstream'])('is nobody of ours: %s', (body) => {
    expect(readIdentity(body)).toBeUndefined();
  });
});
