import { createHash, generateKeyPairSync, type KeyObject, sign, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import forge from 'node-forge';
import {
  bits,
  decode,
  encode,
  type Node,
  octets,
  oid,
  sequence,
  set,
  smallInteger,
  tagged,
  time,
  truth,
  unsignedInteger,
  utf8,
} from './der.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** What certificate making takes from the world. */
export interface Entropy {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Random bytes for a serial number. */
  readonly randomBytes: (count: number) => Uint8Array;
}

/** Every certificate begins this long before it was made, because clocks differ. */
export const BACKDATE_MS = HOUR;
export const CA_LIFE_MS = 365 * DAY;
export const LEAF_LIFE_MS = 7 * DAY;

const OID = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  basicConstraints: '2.5.29.19',
  keyUsage: '2.5.29.15',
  extKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  subjectAltName: '2.5.29.17',
  subjectKeyId: '2.5.29.14',
  authorityKeyId: '2.5.29.35',
} as const;

interface Body {
  readonly serial: Uint8Array;
  readonly issuer: Node;
  readonly subject: Node;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly publicKey: Buffer;
  readonly extensions: Node[];
}

const nameOf = (commonName: string): Node =>
  sequence(
    set(sequence(oid(OID.organization), utf8('kubectl-canary'))),
    set(sequence(oid(OID.commonName), utf8(commonName))),
  );

const extension = (id: string, value: Node, critical = false): Node =>
  sequence(oid(id), ...(critical ? [truth()] : []), octets(encode(value)));

/** The identifier of a key: SHA-1 over its bits, as RFC 5280 suggests. It names, it protects nothing. */
const keyIdOf = (spki: Buffer): Buffer => {
  const bitString = (decode(spki).value as Node[])[1]?.value as string;
  return createHash('sha1').update(Buffer.from(bitString, 'latin1').subarray(1)).digest();
};

const algorithm = (): Node => sequence(oid(OID.ecdsaWithSha256));

const tbsOf = (body: Body): Node =>
  sequence(
    tagged(0, [smallInteger(2)]),
    unsignedInteger(body.serial),
    algorithm(),
    body.issuer,
    sequence(time(body.notBefore), time(body.notAfter)),
    body.subject,
    decode(body.publicKey),
    tagged(3, [sequence(...body.extensions)]),
  );

const signed = (body: Body, signer: KeyObject | string): string => {
  const tbs = tbsOf(body);
  const signature = sign('sha256', encode(tbs), signer);
  const der = encode(sequence(tbs, algorithm(), bits(signature)));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
};

const newKey = (): { key: string; publicKey: Buffer } => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: pair.publicKey.export({ type: 'spki', format: 'der' }),
  };
};

/** forge has it; its type declarations do not. */
const { bytesFromIP } = forge.util as unknown as { bytesFromIP(ip: string): string };

const altName = (name: string): Node =>
  isIP(name) === 0 ? tagged(2, Buffer.from(name, 'latin1')) : tagged(7, Buffer.from(bytesFromIP(name), 'latin1'));

/**
 * A new certificate authority: P-256, valid from an hour ago (clocks differ) for a year.
 * Its name carries the serial, so that two authorities in one bundle never look alike.
 */
export const createAuthority = (entropy: Entropy, lifeMs = CA_LIFE_MS): KeyPair => {
  const { key, publicKey } = newKey();
  const serial = entropy.randomBytes(16);
  const name = nameOf(`kubectl-canary-ca-${Buffer.from(serial).toString('hex', 0, 4)}`);
  const keyId = keyIdOf(publicKey);
  const cert = signed(
    {
      serial,
      issuer: name,
      subject: name,
      notBefore: entropy.now - BACKDATE_MS,
      notAfter: entropy.now + lifeMs,
      publicKey,
      extensions: [
        extension(OID.basicConstraints, sequence(truth()), true),
        extension(OID.keyUsage, bits(Uint8Array.of(0x04), 2), true),
        extension(OID.subjectKeyId, octets(keyId)),
        extension(OID.authorityKeyId, sequence(tagged(0, keyId))),
      ],
    },
    key,
  );
  return { cert, key };
};

/** The subject of a certificate that we made, in DER, and its key identifier. */
const issuerOf = (certificate: string): { name: Node; keyId: Buffer } => {
  const x509 = new X509Certificate(certificate);
  const tbs = (decode(x509.raw).value as Node[])[0]?.value as Node[];
  return { name: tbs[5] as Node, keyId: keyIdOf(x509.publicKey.export({ type: 'spki', format: 'der' })) };
};

/**
 * A serving certificate for `names` (DNS names and IP addresses), signed by `authority`: seven days,
 * and never beyond the authority's own end.
 */
export const issueLeaf = (
  authority: KeyPair,
  names: readonly string[],
  entropy: Entropy,
  lifeMs = LEAF_LIFE_MS,
): KeyPair => {
  const { key, publicKey } = newKey();
  const issuer = issuerOf(authority.cert);
  const caEnd = Date.parse(new X509Certificate(authority.cert).validTo);
  const cert = signed(
    {
      serial: entropy.randomBytes(16),
      issuer: issuer.name,
      subject: nameOf('kubectl-canary-webhook'),
      notBefore: entropy.now - BACKDATE_MS,
      notAfter: Math.min(entropy.now + lifeMs, caEnd),
      publicKey,
      extensions: [
        extension(OID.basicConstraints, sequence(), true),
        extension(OID.keyUsage, bits(Uint8Array.of(0x80), 7), true),
        extension(OID.extKeyUsage, sequence(oid(OID.serverAuth))),
        extension(OID.subjectAltName, sequence(...names.map(altName))),
        extension(OID.subjectKeyId, octets(keyIdOf(publicKey))),
        extension(OID.authorityKeyId, sequence(tagged(0, issuer.keyId))),
      ],
    },
    authority.key,
  );
  return { cert, key };
};
