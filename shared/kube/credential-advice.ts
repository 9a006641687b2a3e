import { X509Certificate } from 'node:crypto';
import { CanaryError } from '../errors.ts';
import type { Access } from './connection.ts';

const expiryOfToken = (authorization: unknown): number | undefined => {
  const [, payload] = typeof authorization === 'string' ? authorization.split('.') : [];
  if (payload === undefined) return undefined;
  try {
    const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { exp?: unknown };
    return typeof exp === 'number' ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
};

const expiryOfCertificate = (cert: string | Buffer | undefined): number | undefined => {
  if (cert === undefined) return undefined;
  try {
    return Date.parse(new X509Certificate(cert).validTo);
  } catch {
    return undefined;
  }
};

interface Asker {
  readonly contextName: string;
  readonly user?: string;
  readonly now: number;
}

/** Says of a 401 what we can see ourselves: which user, and whether its token or certificate has run out. */
export const explainUnauthorized = (
  error: CanaryError,
  access: Access,
  { contextName, user, now }: Asker,
): CanaryError => {
  if (error.code !== 'API_UNAUTHORIZED') return error;
  const who = user === undefined ? 'these credentials' : `the credentials of user "${user}"`;
  const where = contextName === '' ? '' : ` (context ${contextName})`;
  const token = expiryOfToken(access.headers['Authorization']);
  const certificate = expiryOfCertificate(access.tls.cert);
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
  const reasons = [
    ...(token !== undefined && token < now ? [`the token expired at ${day(token)} UTC`] : []),
    ...(certificate !== undefined && certificate < now
      ? [`the client certificate expired at ${day(certificate)} UTC`]
      : []),
    ...(Object.keys(access.headers).length === 0 && access.tls.cert === undefined ? ['no credentials were sent'] : []),
  ];
  return new CanaryError('API_UNAUTHORIZED', `the API server does not accept ${who}${where}`, {
    because: reasons[0] ?? error.because ?? 'Unauthorized',
    remedy: 'sign in again, or renew the kubeconfig, then: kubectl auth whoami',
    status: 401,
  });
};
