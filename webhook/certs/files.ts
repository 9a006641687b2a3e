import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CanaryError, messageOf } from '../../shared/errors.ts';
import type { KeyPair } from './authority.ts';

/** What an issuer such as cert-manager mounts. `ca` is undefined where the folder has no `ca.crt`. */
export interface CertFiles {
  readonly leaf: KeyPair;
  readonly ca: string | undefined;
}

/**
 * Reads `tls.crt`, `tls.key` and `ca.crt` from a mounted folder.
 * INPUT_UNREADABLE when the pair is missing, INPUT_INVALID when it is no certificate.
 */
export const readCertFiles = async (folder: string): Promise<CertFiles> => {
  const read = (name: string) => readFile(join(folder, name), 'utf8');
  let leaf: KeyPair;
  try {
    leaf = { cert: await read('tls.crt'), key: await read('tls.key') };
  } catch (cause) {
    throw new CanaryError('INPUT_UNREADABLE', `certificate files in ${folder} cannot be read`, {
      because: messageOf(cause),
      cause,
    });
  }
  try {
    void new X509Certificate(leaf.cert);
  } catch (cause) {
    throw new CanaryError('INPUT_INVALID', `${join(folder, 'tls.crt')} is not a certificate`, { cause });
  }
  return { leaf, ca: await read('ca.crt').catch(() => undefined) };
};
