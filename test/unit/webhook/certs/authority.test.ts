import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { createAuthority, issueLeaf } from '../../../../webhook/certs/authority.ts';
import { DAY, entropyAt, START } from './entropy.ts';

const NAMES = ['webhook.canary-system.svc', 'webhook.canary-system', 'webhook', '127.0.0.1', '2001:db8::1'];

const pair = () => {
  const entropy = entropyAt(START);
  const ca = createAuthority(entropy);
  return { ca, leaf: issueLeaf(ca, NAMES, entropy) };
};

test('an authority is a certificate authority that signed itself with P-256', () => {
  const x509 = new X509Certificate(pair().ca.cert);
  expect(x509.ca).toBe(true);
  expect(x509.checkIssued(x509)).toBe(true);
  expect(x509.verify(x509.publicKey)).toBe(true);
  expect(x509.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
});

test('a leaf is issued by its authority, is no authority, and serves exactly its names', () => {
  const { ca, leaf } = pair();
  const x509 = new X509Certificate(leaf.cert);
  expect(x509.ca).toBe(false);
  expect(x509.checkIssued(new X509Certificate(ca.cert))).toBe(true);
  expect(x509.verify(new X509Certificate(ca.cert).publicKey)).toBe(true);
  expect(x509.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  expect(NAMES.slice(0, 3).map((name) => x509.checkHost(name))).toEqual(NAMES.slice(0, 3));
  expect(x509.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(x509.checkIP('2001:db8::1')).toBe('2001:db8::1');
  expect(x509.checkHost('other.canary-system.svc')).toBeUndefined();
});

test('another authority did not issue it', () => {
  const entropy = entropyAt(START);
  const [one, two] = [createAuthority(entropy), createAuthority(entropy)];
  const leaf = new X509Certificate(issueLeaf(one, NAMES, entropy).cert);
  expect(leaf.checkIssued(new X509Certificate(two.cert))).toBe(false);
  expect(leaf.verify(new X509Certificate(two.cert).publicKey)).toBe(false);
});

test('certificates begin an hour early; a leaf lives a week and never longer than its authority', () => {
  const entropy = entropyAt(START);
  const ca = createAuthority(entropy, 3 * DAY);
  const short = new X509Certificate(issueLeaf(ca, NAMES, entropy).cert);
  const long = new X509Certificate(pair().leaf.cert);
  expect(Date.parse(long.validFrom)).toBe(START - 3_600_000);
  expect(Date.parse(long.validTo)).toBe(START + 7 * DAY);
  expect(short.validTo).toBe(new X509Certificate(ca.cert).validTo);
});

test.each([
  ['a first bit of one is not a minus sign', [0x80, 0xff], '80FF'],
  ['leading zeros are left out', [0x00, 0x00, 0x05, 0x01], '0501'],
  ['zero becomes one', [0x00, 0x00], '01'],
])('serial numbers: %s', (_, bytes, serial) => {
  const ca = createAuthority({ now: START, randomBytes: () => Uint8Array.from(bytes) });
  expect(new X509Certificate(ca.cert).serialNumber).toBe(serial);
});

test('dates after 2049 have four-digit years', () => {
  const ca = createAuthority(entropyAt(Date.UTC(2049, 6, 1)));
  expect(new Date(new X509Certificate(ca.cert).validTo).getUTCFullYear()).toBe(2050);
});
