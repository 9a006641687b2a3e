/** The certificates of one control plane: a CA and what its programs and its administrator need. */
import { generateKeyPair } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import forge from 'node-forge';

interface Key {
  readonly pem: string;
  readonly publicPem: string;
}

const DAY_MS = 86_400_000;

const makeKey = async (): Promise<Key> => {
  const pair = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  return { pem: pair.privateKey, publicPem: pair.publicKey };
};

interface Subject {
  readonly commonName: string;
  readonly organization?: string;
  /** DNS names and IPv4 addresses of a server. */
  readonly hosts?: readonly string[];
}

const attributesOf = (subject: Subject): forge.pki.CertificateField[] => [
  ...(subject.organization === undefined ? [] : [{ name: 'organizationName', value: subject.organization }]),
  { name: 'commonName', value: subject.commonName },
];

const alternativeName = (host: string): object =>
  /^[\d.]+$/.test(host) ? { type: 7, ip: host } : { type: 2, value: host };

const extensionsOf = (subject: Subject, authority: boolean): object[] =>
  authority
    ? [
        { name: 'basicConstraints', cA: true, critical: true },
        { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
        { name: 'subjectKeyIdentifier' },
      ]
    : [
        { name: 'basicConstraints', cA: false },
        { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
        { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
        ...(subject.hosts === undefined
          ? []
          : [{ name: 'subjectAltName', altNames: subject.hosts.map(alternativeName) }]),
      ];

let serial = 0;

const certify = (subject: Subject, key: Key, issuer: { readonly subject: Subject; readonly key: Key }): string => {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(key.publicPem);
  serial += 1;
  certificate.serialNumber = `01${serial.toString(16).padStart(8, '0')}`;
  certificate.validity.notBefore = new Date(Date.now() - DAY_MS);
  certificate.validity.notAfter = new Date(Date.now() + 7 * DAY_MS);
  certificate.setSubject(attributesOf(subject));
  certificate.setIssuer(attributesOf(issuer.subject));
  certificate.setExtensions(extensionsOf(subject, subject === issuer.subject));
  certificate.sign(forge.pki.privateKeyFromPem(issuer.key.pem), forge.md.sha256.create());
  return forge.pki.certificateToPem(certificate);
};

/** Files of a certificate and its key. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
}

export interface Pki {
  readonly caFile: string;
  /** Signs the tokens of service accounts. */
  readonly serviceAccountKey: string;
  readonly apiServer: Identity;
  readonly frontProxy: Identity;
  readonly admin: Identity;
  /** Serves on localhost; for programs other than the API server. */
  readonly localhost: Identity;
}

const API_SERVER_HOSTS = ['localhost', 'kubernetes.default', 'kubernetes.default.svc', '127.0.0.1', '10.0.0.1'];

/** Writes every certificate into `folder`, valid for a week. */
export const writePki = async (folder: string): Promise<Pki> => {
  const [caKey, leafKey, accountKey] = await Promise.all([makeKey(), makeKey(), makeKey()]);
  const write = (name: string, text: string): string => {
    const file = join(folder, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  const ca: Subject = { commonName: 'control-plane-ca' };
  const keyFile = write('leaf.key', leafKey.pem);
  const leaf = (name: string, subject: Subject): Identity => ({
    certificate: write(`${name}.crt`, certify(subject, leafKey, { subject: ca, key: caKey })),
    key: keyFile,
  });
  return {
    caFile: write('ca.crt', certify(ca, caKey, { subject: ca, key: caKey })),
    serviceAccountKey: write('service-accounts.key', accountKey.pem),
    apiServer: leaf('api-server', { commonName: 'kube-apiserver', hosts: API_SERVER_HOSTS }),
    frontProxy: leaf('front-proxy', { commonName: 'front-proxy' }),
    admin: leaf('admin', { commonName: 'admin', organization: 'system:masters' }),
    localhost: leaf('localhost', { commonName: 'localhost', hosts: ['localhost', '127.0.0.1'] }),
  };
};
