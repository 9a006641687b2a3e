import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '../platform/env-proxy.ts';
import { clusterWith, type TargetFlags, userWith } from './choose-target.ts';
import type { Target } from './kubeconfig.ts';

export const SERVICE_ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

const readTrimmed = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8').trim() : '');

/**
 * The target that a pod is given by its cluster: address from the environment, certificate, namespace and (rotating)
 * token from the service account's folder. Undefined outside a pod.
 */
export const inClusterTarget = (env: Environment, folder: string, flags: TargetFlags): Target | undefined => {
  const host = env['KUBERNETES_SERVICE_HOST'] ?? '';
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '';
  const tokenFile = join(folder, 'token');
  if (host === '' || port === '' || !existsSync(tokenFile)) return undefined;
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const namespace = flags.namespace ?? readTrimmed(join(folder, 'namespace'));
  return {
    contextName: 'in-cluster',
    userName: '',
    namespace: namespace === '' ? 'default' : namespace,
    cluster: { server, ...clusterWith({ 'certificate-authority': join(folder, 'ca.crt') }, flags) },
    user: userWith({ tokenFile }, flags),
  };
};
