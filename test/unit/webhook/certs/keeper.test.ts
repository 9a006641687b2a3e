import { X509Certificate } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { KINDS } from '../../../../shared/api/kinds.ts';
import { CanaryError } from '../../../../shared/errors.ts';
import { silentLog } from '../../../../shared/platform/log.ts';
import type { KeyPair } from '../../../../webhook/certs/authority.ts';
import { type Keeper, keepCertificates } from '../../../../webhook/certs/keeper.ts';
import { ROTATION_TIMES } from '../../../../webhook/certs/rotate.ts';
import { secretStore } from '../../../../webhook/certs/store.ts';
import { createTestClock, type TestClock } from '../../../make/clock.ts';
import { createFakeKube, type FakeKube } from '../fake-kube.ts';
import { countedBytes, DAY, START } from './entropy.ts';

const NAMESPACE = 'canary-system';
const NAME = 'webhook-certs';

let kube: FakeKube;
let clock: TestClock;
/** What API servers trust. */
let trusted: string;

beforeEach(() => {
  kube = createFakeKube();
  clock = createTestClock(START);
  trusted = '';
});

interface Replica extends Keeper {
  readonly served: () => KeyPair | undefined;
}

const randomBytes = countedBytes();

const replica = (publish = async (bundle: string) => publishHere(bundle)): Replica => {
  let leaf: KeyPair | undefined;
  const keeper = keepCertificates({
    store: secretStore(kube, NAMESPACE, NAME),
    clock,
    log: silentLog,
    randomBytes,
    names: ['webhook.canary-system.svc'],
    times: ROTATION_TIMES,
    checkMs: 60_000,
    load: (next) => {
      leaf = next;
    },
    publish,
  });
  return Object.assign(keeper, { served: () => leaf });
};

const publishHere = (bundle: string): boolean => {
  const seen = trusted === bundle;
  trusted = bundle;
  return seen;
};

const isTrusted = (leaf: KeyPair | undefined): boolean => {
  const cas = trusted.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----\n/g) ?? [];
  return (
    leaf !== undefined && cas.some((ca) => new X509Certificate(leaf.cert).verify(new X509Certificate(ca).publicKey))
  );
};

const secretKeys = (): string[] => Object.keys(kube.find(KINDS.secret, NAMESPACE, NAME)?.['data'] ?? {});

test('the first pass makes certificates, keeps them in the Secret, serves them and has them trusted', async () => {
  const one = replica();
  expect(one.trouble()).toBe('no certificate yet');
  await one.pass();
  expect(secretKeys()).toContain('signer.key');
  expect(isTrusted(one.served())).toBe(true);
  expect(one.trouble()).toBeUndefined();
});

test('a restart goes on with the same certificates', async () => {
  const one = replica();
  await one.pass();
  const two = replica();
  await two.pass();
  expect(two.served()).toEqual(one.served());
});

test('replicas that start in the same instant agree on one authority', async () => {
  const replicas = [replica(), replica(), replica()];
  await Promise.all(replicas.map((one) => one.pass()));
  await Promise.all(replicas.map((one) => one.pass()));
  expect(new Set(replicas.map((one) => one.served()?.cert)).size).toBe(1);
  expect(replicas.every((one) => isTrusted(one.served()))).toBe(true);
});

test('a deleted Secret is written again from memory, so that nobody loses trust', async () => {
  const one = replica();
  await one.pass();
  const served = one.served();
  kube.drop(KINDS.secret, NAMESPACE, NAME);
  await one.pass();
  expect(one.served()).toEqual(served);
  expect(secretKeys()).toContain('signer.key');
});

test('a Secret with rubbish in it is replaced', async () => {
  kube.put(KINDS.secret, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: NAME, namespace: NAMESPACE },
    data: { stage: 'AAAA' },
  });
  const one = replica();
  await one.pass();
  expect(isTrusted(one.served())).toBe(true);
});

test('two replicas change the authority together, and what either serves is trusted at every moment', async () => {
  const [one, two] = [replica(), replica()];
  await one.pass();
  await two.pass();
  const first = one.served()?.cert;
  const stages = new Set<string | undefined>();
  clock.jumpWall(240 * DAY);
  for (let minute = 0; minute < 4 * 24 * 60; minute += 20) {
    await clock.advance(20 * 60_000);
    await Promise.all([one.pass(), two.pass()]);
    expect(isTrusted(one.served()) && isTrusted(two.served())).toBe(true);
    stages.add(one.stage()).add(two.stage());
  }
  expect([...stages].map(String).toSorted()).toEqual(['retire', 'settle', 'steady']);
  expect(one.served()?.cert).not.toBe(first);
  expect(one.served()).toEqual(two.served());
});

test('while the bundle cannot be written, the authority does not change and the reason is told', async () => {
  const denied = replica(async () => {
    throw new CanaryError('API_FORBIDDEN', 'may not patch mutatingwebhookconfigurations');
  });
  await denied.pass();
  expect(denied.trouble()).toBe('caBundle could not be written: may not patch mutatingwebhookconfigurations');
  clock.jumpWall(245 * DAY);
  await denied.pass();
  await denied.pass();
  expect(denied.stage()).toBe('publish');
});

test('the loop starts over after an unreachable API server, and then looks once a minute', async () => {
  let down = true;
  kube.before = () => {
    if (down) throw new CanaryError('API_UNREACHABLE', 'connection refused');
  };
  const one = replica();
  one.start();
  await clock.advance(0);
  expect(one.trouble()).toBe('no certificate yet: connection refused');
  down = false;
  await clock.advance(2_000);
  expect(one.trouble()).toBeUndefined();
  expect(clock.waits()).toEqual([60_000]);
  one.stop();
  expect(clock.pending()).toBe(0);
});

test('a pass gives up on an API server that does not answer', async () => {
  kube.before = (_verb, _path, signal) =>
    new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)));
  const pass = replica().pass();
  const ended = expect(pass).rejects.toThrow('took too long');
  await clock.advance(30_000);
  await ended;
});
