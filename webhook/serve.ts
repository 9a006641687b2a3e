import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import { type Cache, type Clock, type Kube, type Log, sleep } from '../shared/engine/ports.ts';
import { CanaryError, hasCode, messageOf } from '../shared/errors.ts';
import { capabilitiesOf, PROVIDER_NAMES } from '../shared/routing/index.ts';
import { MUTATE_PATH, VALIDATE_PATH, webhookConfigurations } from './admission/configuration.ts';
import { driverCheck } from './admission/driver.ts';
import { createHealthApp } from './admission/health.ts';
import { type LookupOptions, WATCHED_KINDS } from './admission/lookups.ts';
import { createMetrics, type WebhookMetrics } from './admission/metrics.ts';
import { createMutate } from './admission/mutate.ts';
import {
  type AdmissionServer,
  closeServer,
  createAdmissionServer,
  createHealthServer,
  listenOn,
} from './admission/server.ts';
import { createValidate } from './admission/validate.ts';
import type { KeyPair } from './certs/authority.ts';
import { publishBundle } from './certs/inject.ts';
import { keepCertFiles } from './certs/keep-files.ts';
import { keepCertificates } from './certs/keeper.ts';
import { lifeOf } from './certs/rotate.ts';
import { STAGES } from './certs/state.ts';
import { secretStore } from './certs/store.ts';
import type { Settings } from './settings.ts';

export interface World {
  readonly kube: Kube;
  readonly cache: Cache;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Webhook {
  readonly port: number;
  readonly healthPort: number;
  /** Not ready at once; serves on for the drain delay, then gives the answers under way, and ends. */
  stop(): Promise<void>;
}

/** Where API servers call, and the names that a certificate must carry for that. */
const namesOf = (settings: Settings): string[] => {
  if (settings.url !== undefined) return [settings.url.hostname.replace(/^\[|\]$/g, '')];
  const { serviceName, namespace } = settings;
  return [`${serviceName}.${namespace}.svc`, `${serviceName}.${namespace}`, serviceName];
};

const wantedConfigurations = (settings: Settings, port: number) => {
  const url = settings.url === undefined ? undefined : new URL(settings.url);
  if (url?.port === '0') url.port = String(port);
  return webhookConfigurations({
    name: settings.configName,
    target:
      url === undefined
        ? { service: { name: settings.serviceName, namespace: settings.namespace } }
        : { url: url.href },
    ownNamespace: settings.namespace,
    onlyNamespaces: settings.onlyNamespaces,
    failurePolicy: settings.failurePolicy,
    labels: { 'app.kubernetes.io/name': 'kubectl-canary', 'app.kubernetes.io/component': 'webhook' },
  });
};

const admissionHandlers = (settings: Settings, world: World, metrics: WebhookMetrics) => {
  const { meshProvider, selectorLabels, noCrossNamespaceRefs } = settings;
  const isDriver = driverCheck(settings.controllers);
  const judge = {
    settings: { meshProvider, selectorLabels, noCrossNamespaceRefs, providers: PROVIDER_NAMES, capabilitiesOf },
    isDriver,
  };
  const lookups: LookupOptions = { ...world, metrics, eachMs: settings.lookupMs, totalMs: settings.lookupBudgetMs };
  return { [VALIDATE_PATH]: createValidate(judge, lookups), [MUTATE_PATH]: createMutate(judge, lookups) };
};

interface CertKeeping {
  /** One look; the loop repeats it. */
  pass(): Promise<void>;
  trouble(): string | undefined;
  start(): void;
  stop(): void;
}

const certKeeper = (
  settings: Settings,
  world: World,
  metrics: WebhookMetrics,
  use: { load: (leaf: KeyPair) => Promise<void>; port: () => number },
): CertKeeping => {
  const { kube, clock, log } = world;
  const publish = (bundle: string, signal: AbortSignal) => {
    const wanted = settings.register ? { wanted: wantedConfigurations(settings, use.port()) } : {};
    return publishBundle({ kube, name: settings.configName, ...wanted }, bundle, signal);
  };
  const common = { clock, log, checkMs: settings.certCheckMs, load: use.load };
  if (settings.certFolder !== undefined) {
    return keepCertFiles({
      ...common,
      folder: settings.certFolder,
      ...(settings.register ? { publish } : {}),
      onPass: ({ leaf }) => metrics.certificate('leaf', lifeOf(leaf.cert).end),
    });
  }
  return keepCertificates({
    ...common,
    publish,
    store: secretStore(kube, settings.namespace, settings.secretName),
    randomBytes,
    names: namesOf(settings),
    times: settings.rotation,
    onPass: (state) => {
      metrics.certificate('ca', lifeOf(state.signer.cert).end);
      metrics.certificate('leaf', lifeOf(state.leaf.cert).end);
      metrics.stage(STAGES.indexOf(state.stage));
    },
  });
};

const RETRY_MS = 2_000;

/** Tries until it succeeds; gives up on what trying again cannot mend. */
const insist = async (what: string, world: World, signal: AbortSignal, run: () => Promise<unknown>): Promise<void> => {
  for (;;) {
    try {
      await run();
      return;
    } catch (error) {
      if (!(error instanceof CanaryError) || !error.retriable) throw error;
      world.log.warn(what, { reason: messageOf(error) });
    }
    await sleep(world.clock, RETRY_MS, signal);
  }
};

/** First reads of what is watched, so that the first review need not wait for them. */
const warmUp = async (world: World, signal: AbortSignal, done: () => void): Promise<void> => {
  const readAll = (kind: (typeof WATCHED_KINDS)[number]) =>
    world.cache.list(kind, signal).catch((error: unknown) => {
      if (!hasCode(error, 'KIND_MISSING')) throw error;
    });
  try {
    await insist('objects cannot be watched yet', world, signal, () => Promise.all(WATCHED_KINDS.map(readAll)));
    done();
  } catch (error) {
    if (!signal.aborted)
      world.log.error('objects cannot be watched: each review asks for what it needs', { reason: messageOf(error) });
    done();
  }
};

/** Everything of one process, wired and not yet started. */
class Process {
  readonly #settings: Settings;
  readonly #world: World;
  readonly #stopping = new AbortController();
  readonly #health: Server;
  readonly #server: AdmissionServer;
  readonly #keeper: CertKeeping;
  #port: number | undefined;
  #synced = false;

  constructor(settings: Settings, world: World) {
    const { clock, log } = world;
    const metrics = createMetrics();
    const app = createHealthApp(() => this.#missing(), metrics);
    this.#settings = settings;
    this.#world = world;
    this.#health = createHealthServer(app);
    this.#server = createAdmissionServer({
      handlers: admissionHandlers(settings, world, metrics),
      fallback: app,
      metrics,
      log,
      clock,
    });
    this.#keeper = certKeeper(settings, world, metrics, {
      load: (leaf) => this.#load(leaf),
      port: () => this.#port ?? settings.port,
    });
  }

  async start(signal: AbortSignal): Promise<Webhook> {
    const { healthPort, address } = this.#settings;
    signal.addEventListener('abort', () => this.#stopping.abort(signal.reason), { once: true });
    try {
      const health = await listenOn(this.#health, healthPort, address);
      void warmUp(this.#world, this.#stopping.signal, () => (this.#synced = true));
      await insist('no certificate yet', this.#world, this.#stopping.signal, () => this.#keeper.pass());
      this.#keeper.start();
      const port = this.#port ?? 0;
      this.#world.log.info('webhook serves', { port, healthPort: health });
      return { port, healthPort: health, stop: () => this.#stop() };
    } catch (error) {
      this.#stopping.abort(error);
      await this.#end(0);
      throw error;
    }
  }

  #missing(): string[] {
    const trouble = this.#keeper.trouble();
    return [
      ...(this.#stopping.signal.aborted ? ['shutting down'] : []),
      ...(this.#synced ? [] : ['objects are not watched yet']),
      ...(trouble === undefined ? [] : [trouble]),
    ];
  }

  async #load(leaf: KeyPair): Promise<void> {
    if (this.#port !== undefined) this.#server.load(leaf);
    else this.#port = await this.#server.listen(leaf, this.#settings.port, this.#settings.address);
  }

  async #stop(): Promise<void> {
    this.#stopping.abort(new Error('shutting down'));
    await sleep(this.#world.clock, this.#settings.drainDelayMs);
    await this.#end(this.#settings.drainLimitMs);
  }

  async #end(limitMs: number): Promise<void> {
    this.#keeper.stop();
    await Promise.all([this.#server.close(limitMs), closeServer(this.#health, this.#world.clock, limitMs)]);
    this.#world.cache.close();
  }
}

/**
 * Starts everything and resolves once admission is served. Rejects with the CanaryError that nobody can wait out:
 * a taken port, missing rights, unreadable certificate files; and with the signal's reason when that comes first.
 */
export const startWebhook = (settings: Settings, world: World, signal: AbortSignal): Promise<Webhook> =>
  new Process(settings, world).start(signal);
