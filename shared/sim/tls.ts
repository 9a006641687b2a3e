/** A certificate for 127.0.0.1 with an authority of its own, for HTTPS without any file. */
import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import forge from 'node-forge';

export interface TestCertificate {
  /** PEM of the authority. */
  readonly authority: string;
  readonly cert: string;
  readonly key: string;
}

const generate = promisify(generateKeyPair);
const YEAR_MS = 365 * 86_400_000;

const newKey = async (): Promise<{
  pem: string;
  pair: { publicKey: forge.pki.rsa.PublicKey; privateKey: forge.pki.rsa.PrivateKey };
}> => {
  const { privateKey, publicKey } = await generate('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  const publicPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  return {
    pem,
    pair: {
      privateKey: forge.pki.privateKeyFromPem(pem),
      publicKey: forge.pki.publicKeyFromPem(publicPem),
    },
  };
};

const blank = (serial: string, name: string, nowMs: number): forge.pki.Certificate => {
  const certificate = forge.pki.createCertificate();
  certificate.serialNumber = `00${serial}`;
  certificate.validity.notBefore = new Date(nowMs - 60_000);
  certificate.validity.notAfter = new Date(nowMs + YEAR_MS);
  certificate.setSubject([{ name: 'commonName', value: name }]);
  return certificate;
};

const IP_ADDRESS = 7;
const DNS_NAME = 2;

/** A fresh pair, valid from now (milliseconds since 1970, real time) for a year. */
export const createTestCertificate = async (nowMs: number = Date.now()): Promise<TestCertificate> => {
  const [root, leaf] = [await newKey(), await newKey()];
  const authority = blank('a1', 'simulated authority', nowMs);
  authority.publicKey = root.pair.publicKey;
  authority.setIssuer(authority.subject.attributes);
  authority.setExtensions([
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
  ]);
  authority.sign(root.pair.privateKey, forge.md.sha256.create());
  const certificate = blank('b2', '127.0.0.1', nowMs);
  certificate.publicKey = leaf.pair.publicKey;
  certificate.setIssuer(authority.subject.attributes);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: false },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true },
    { name: 'extKeyUsage', serverAuth: true },
    {
      name: 'subjectAltName',
      altNames: [
        { type: IP_ADDRESS, ip: '127.0.0.1' },
        { type: DNS_NAME, value: 'localhost' },
      ],
    },
  ]);
  certificate.sign(root.pair.privateKey, forge.md.sha256.create());
  return {
    authority: forge.pki.certificateToPem(authority),
    cert: forge.pki.certificateToPem(certificate),
    key: leaf.pem,
  };
};
