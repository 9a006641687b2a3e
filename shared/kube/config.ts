import type { Clock } from '../engine/ports.ts';
import { CanaryError } from '../errors.ts';
import { systemClock } from '../platform/clock.ts';
import { type Environment, proxyFor } from '../platform/env-proxy.ts';
import { chooseTarget, type TargetFlags } from './choose-target.ts';
import type { Connection, Credentials } from './connection.ts';
import { createCredentials, noCredentials } from './credentials.ts';
import { createExecRunner } from './exec-credential.ts';
import { inClusterTarget, SERVICE_ACCOUNT_FOLDER } from './in-cluster.ts';
import type { Kubeconfig, Target } from './kubeconfig.ts';
import { type KubeconfigPlaces, placesOf, readKubeconfig } from './kubeconfig-files.ts';

export const DEFAULT_REQUEST_TIMEOUT_MS = 30_000;

export interface ConnectionOptions extends TargetFlags {
  /** Path of the only kubeconfig to read. */
  readonly kubeconfig?: string;
  /** Limit of each request in milliseconds; 0 means none. */
  readonly requestTimeoutMs?: number;
  readonly env?: Environment;
  readonly clock?: Clock;
  /** May credential helpers talk to a person? By default when standard input is a terminal. */
  readonly interactive?: boolean;
  readonly serviceAccountFolder?: string;
}

const noTarget = (config: Kubeconfig, places: KubeconfigPlaces): CanaryError => {
  const names = config.contexts.map((one) => one.name).join(', ');
  if (config.files.length === 0) {
    return new CanaryError('KUBECONFIG', `no kubeconfig found (looked for ${places.paths.join(', ')})`, {
      because: 'neither a kubeconfig nor --server names a cluster, and this is not a pod',
    });
  }
  if (config.currentContext === '' && names !== '') {
    return new CanaryError('KUBECONFIG', `${config.files.join(', ')} has no current-context; name one with --context`, {
      because: `known: ${names}`,
    });
  }
  return new CanaryError('KUBECONFIG', `${config.files.join(', ')} names no API server`);
};

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

const parseServer = (server: string): URL => {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new CanaryError(
      'KUBECONFIG',
      'the address of the API server cannot be read; it must start with https:// or http://',
    );
  }
  if (url.username !== '')
    throw new CanaryError('KUBECONFIG', 'credentials in the address of the API server are not supported');
  return url;
};

const findTarget = async (options: ConnectionOptions, env: Environment): Promise<Target> => {
  const places = placesOf(options.kubeconfig, env);
  const config = await readKubeconfig(places);
  const target = chooseTarget(config, options);
  if (target !== undefined) return target;
  const folder = options.serviceAccountFolder ?? SERVICE_ACCOUNT_FOLDER;
  const inCluster = places.mustExist ? undefined : inClusterTarget(env, folder, options);
  if (inCluster === undefined) throw noTarget(config, places);
  return inCluster;
};

const credentialsFor = (target: Target, options: ConnectionOptions, env: Environment): Promise<Credentials> => {
  const clock = options.clock ?? systemClock;
  const { exec } = target.user;
  if (exec === undefined || exec === null) return createCredentials(target, undefined, clock);
  // Asked only here: to open standard input costs milliseconds.
  const interactive = options.interactive ?? process.stdin.isTTY === true;
  return createCredentials(target, createExecRunner(exec, target, { clock, env, interactive }), clock);
};

/**
 * Finds the cluster as kubectl does: flags, kubeconfig files, then the pod's own service account. Nothing is sent yet.
 * Rejects with KUBECONFIG, CONTEXT_MISSING, CREDENTIALS or USAGE.
 */
export const loadConnection = async (options: ConnectionOptions = {}): Promise<Connection> => {
  const env = options.env ?? process.env;
  const found = await findTarget(options, env);
  const { server } = found.cluster;
  const url = parseServer(server);
  const plain = url.protocol === 'http:';
  const proxy = [found.cluster['proxy-url'], proxyFor(url, env)].find((one) => one !== undefined && one !== '');
  const cluster = proxy === undefined ? found.cluster : { ...found.cluster, 'proxy-url': proxy };
  const target = { ...found, cluster };
  return {
    server,
    namespace: target.namespace,
    contextName: target.contextName,
    ...(target.userName === '' ? {} : { user: target.userName }),
    credentials: plain ? noCredentials : await credentialsFor(target, options, env),
    requestTimeoutMs: options.requestTimeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS,
    ...(proxy !== undefined && /^https?:/.test(proxy) ? { proxy } : {}),
    warnings:
      plain && !LOOPBACK.test(url.hostname) ? [`${server} is not encrypted; no credentials are sent to it`] : [],
  };
};
