import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { advance, lifeOf, ROTATION_TIMES, type RotationFacts } from '../../../../webhook/certs/rotate.ts';
import { bundleOf, type CertState, stateOfData, stateToData } from '../../../../webhook/certs/state.ts';
import { countedBytes, DAY, START } from './entropy.ts';

const NAMES = ['webhook.canary-system.svc'];
const randomBytes = countedBytes();

const facts = (now: number, more: Partial<RotationFacts> = {}): RotationFacts => ({
  now,
  randomBytes,
  names: NAMES,
  published: true,
  times: ROTATION_TIMES,
  ...more,
});

const secretOf = (state: CertState) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'x' },
  data: stateToData(state),
});

const certificatesIn = (pem: string): X509Certificate[] =>
  (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/g) ?? []).map(
    (one) => new X509Certificate(one),
  );

const trusts = (bundle: string, leaf: string): boolean =>
  certificatesIn(bundle).some((ca) => new X509Certificate(leaf).verify(ca.publicKey));

const first = advance(undefined, facts(START));
const caDue = lifeOf(first.signer.cert).renewAt;
const publishing = advance(first, facts(caDue));
const settling = advance(publishing, facts(caDue + 1));
const retiring = advance(settling, facts(caDue + 1 + ROTATION_TIMES.settleMs));

test('without a state there is one authority and a leaf that it signed', () => {
  expect(first.stage).toBe('steady');
  expect(bundleOf(first)).toBe(first.signer.cert);
  expect(trusts(bundleOf(first), first.leaf.cert)).toBe(true);
});

test('nothing changes before two thirds of a life', () => {
  const due = lifeOf(first.leaf.cert).renewAt;
  expect(due).toBe(START + (7 * DAY * 2) / 3);
  expect(advance(first, facts(due - 1))).toBe(first);
});

test('a leaf is renewed at two thirds of its life, by the same authority', () => {
  const renewed = advance(first, facts(lifeOf(first.leaf.cert).renewAt));
  expect(renewed.signer).toBe(first.signer);
  expect(renewed.stage).toBe('steady');
  expect(renewed.leaf.cert).not.toBe(first.leaf.cert);
  expect(trusts(bundleOf(first), renewed.leaf.cert)).toBe(true);
});

test.each([
  ['another host', ['webhook.other.svc']],
  ['a host beside the old one', [...NAMES, 'webhook.other.svc']],
  ['an address', ['127.0.0.1']],
  ['another address', ['::1']],
])('%s to serve under means a new leaf, of the same authority', (_, names) => {
  const wanted = facts(START + 1, { names });
  const moved = advance(first, wanted);
  expect(moved.signer).toBe(first.signer);
  expect(moved.leaf).not.toBe(first.leaf);
  expect(advance(moved, wanted)).toBe(moved);
});

test('a leaf that lacks a name is replaced at once', () => {
  const wanted = facts(START + 1, { names: [...NAMES, '127.0.0.1'] });
  const replaced = advance(first, wanted);
  expect(new X509Certificate(replaced.leaf.cert).checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(advance(replaced, wanted)).toBe(replaced);
});

test('a change of authority goes publish, settle, retire, steady', () => {
  expect(publishing.stage).toBe('publish');
  expect(bundleOf(publishing)).toBe(first.signer.cert + publishing.next?.cert);
  expect(settling.stage).toBe('settle');
  expect(retiring.stage).toBe('retire');
  expect(retiring.signer).toBe(publishing.next);
  expect(bundleOf(retiring)).toBe(retiring.signer.cert + first.signer.cert);
  const done = advance(retiring, facts(retiring.since + ROTATION_TIMES.retireMs));
  expect(done.stage).toBe('steady');
  expect(bundleOf(done)).toBe(retiring.signer.cert);
});

test.each([
  ['publish', publishing],
  ['settle', settling],
] as const)('stage %s waits for as long as some caBundle lacks the new authority', (_, state) => {
  const later = facts(state.since + 10 * ROTATION_TIMES.settleMs, { published: false });
  expect(advance(state, later).stage).toBe(state.stage);
  expect(advance(state, later).signer).toBe(first.signer);
});

test('the switch waits for API servers to notice, the end for replicas that lag', () => {
  expect(advance(settling, facts(settling.since + ROTATION_TIMES.settleMs - 1)).stage).toBe('settle');
  expect(advance(retiring, facts(retiring.since + ROTATION_TIMES.retireMs - 1)).stage).toBe('retire');
});

test('an authority that ended before the switch gives way to the next one at once', () => {
  const end = lifeOf(first.signer.cert).end;
  expect(advance(publishing, facts(end + 1, { published: false })).signer).toBe(publishing.next);
  expect(advance(first, facts(end + 1)).signer).not.toBe(first.signer);
});

test('an authority from the future, made under a wrong clock, is not used', () => {
  expect(advance(first, facts(START - 2 * DAY)).signer).not.toBe(first.signer);
});

test.each([
  ['steady', first],
  ['publish', publishing],
  ['settle', settling],
  ['retire', retiring],
] as const)('a Secret in stage %s gives back the same state', (_, state) => {
  expect(stateOfData(secretOf(state))).toEqual(state);
});

test.each([
  ['nothing', {}],
  ['a foreign stage', { ...stateToData(first), stage: Buffer.from('dancing').toString('base64') }],
  ['no certificate', { ...stateToData(first), 'tls.crt': Buffer.from('hello').toString('base64') }],
  ['a key of another certificate', { ...stateToData(first), 'tls.key': stateToData(publishing)['next.key'] ?? '' }],
  ['publish without the next authority', { ...stateToData(publishing), 'next.crt': '' }],
])('a Secret with %s counts as unreadable', (_, data) => {
  expect(stateOfData({ ...secretOf(first), data })).toBeUndefined();
});

test('over eighteen months, with API servers one step behind and a restart at every step, no call could fail', () => {
  let state = first;
  const stages = new Set<string>();
  let authorities = 0;
  for (let now = START; now < START + 540 * DAY; now += DAY) {
    const next = advance(state, facts(now));
    expect(lifeOf(next.leaf.cert).end).toBeGreaterThan(now + DAY);
    if (next === state) continue;
    expect(trusts(bundleOf(state), next.leaf.cert)).toBe(true);
    expect(trusts(bundleOf(next), state.leaf.cert)).toBe(true);
    if (next.signer.cert !== state.signer.cert) authorities += 1;
    stages.add(next.stage);
    state = stateOfData(secretOf(next)) as CertState;
  }
  expect([...stages].sort()).toEqual(['publish', 'retire', 'settle', 'steady']);
  expect(authorities).toBe(2);
});
