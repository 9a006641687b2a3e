/** The loop that every small controller shares: changes -> keys -> sync, on a Clock. */
import type { KubeObject } from '../../api/kube.ts';
import type { Clock, Timer } from '../../engine/ports.ts';
import { type Caller, callerFor } from '../context.ts';
import type { ServedKind } from '../kinds.ts';
import type { Rest } from '../rest.ts';
import type { SimServer } from '../server.ts';
import { StatusError } from '../status.ts';
import type { Change } from '../store.ts';

export interface Controller {
  readonly name: string;
  /** The keys (`namespace/name`) that a change concerns. */
  keysOf(change: Change): readonly string[];
  /** Brings one object where it should be. Answers milliseconds after which to look again, if at all. */
  sync(namespace: string, name: string): Promise<number | undefined>;
}

export interface Workshop {
  readonly server: SimServer;
  readonly clock: Clock;
  readonly rest: Rest;
  readonly caller: Caller;
  kind(apiVersion: string, plural: string): ServedKind;
}

/** What a controller works with. */
export const createWorkshop = (server: SimServer, clock: Clock, manager = 'kube-controller-manager'): Workshop => ({
  server,
  clock,
  rest: server.rest,
  caller: callerFor(manager, { user: { username: `system:${manager}` } }),
  kind(apiVersion, plural) {
    const found = server.registry.find(apiVersion, plural);
    if (found === undefined) throw new Error(`${apiVersion} ${plural} is not served`);
    return found;
  },
});

export const keyOf = (object: KubeObject): string => `${object.metadata.namespace ?? ''}/${object.metadata.name}`;

/** The key of the owner of this kind, where there is one. */
export const ownerKeys = (object: KubeObject, kind: string): string[] =>
  (object.metadata.ownerReferences ?? [])
    .filter((owner) => owner.kind === kind && owner.controller === true)
    .map((owner) => `${object.metadata.namespace ?? ''}/${owner.name}`);

export const isOwnedBy = (object: KubeObject, owner: KubeObject): boolean =>
  (object.metadata.ownerReferences ?? []).some((reference) => reference.uid === owner.metadata.uid);

/** A reference that makes `owner` the controller of something. */
export const controllerOf = (owner: KubeObject): NonNullable<KubeObject['metadata']['ownerReferences']>[number] => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid ?? '',
  controller: true,
  blockOwnerDeletion: true,
});

/** The failures that only mean: look again. */
const passes = (error: unknown): boolean =>
  error instanceof StatusError && [403, 404, 409].includes(error.body.code ?? 0);

const RETRY_MS = 50;

class Runner {
  readonly #clock: Clock;
  readonly #controller: Controller;
  readonly #reactionMs: number;
  readonly #due = new Map<string, { at: number; timer: Timer }>();
  readonly #busy = new Set<string>();
  #isStopped = false;

  constructor(clock: Clock, controller: Controller, reactionMs: number) {
    this.#clock = clock;
    this.#controller = controller;
    this.#reactionMs = reactionMs;
  }

  notice(change: Change): void {
    for (const key of this.#controller.keysOf(change)) this.#schedule(key, this.#reactionMs);
  }

  stop(): void {
    this.#isStopped = true;
    for (const { timer } of this.#due.values()) timer.cancel();
    this.#due.clear();
  }

  /** The earliest wish counts. */
  #schedule(key: string, ms: number): void {
    if (this.#isStopped) return;
    const at = this.#clock.monotonic() + ms;
    const present = this.#due.get(key);
    if (present !== undefined && present.at <= at) return;
    present?.timer.cancel();
    this.#due.set(key, { at, timer: this.#clock.after(ms, () => void this.#run(key)) });
  }

  async #run(key: string): Promise<void> {
    this.#due.delete(key);
    if (this.#isStopped) return;
    if (this.#busy.has(key)) return this.#schedule(key, this.#reactionMs);
    this.#busy.add(key);
    try {
      const [namespace = '', name = ''] = key.split('/');
      const again = await this.#controller.sync(namespace, name);
      if (again !== undefined) this.#schedule(key, again);
    } catch (error) {
      if (!passes(error)) throw error;
      this.#schedule(key, RETRY_MS);
    } finally {
      this.#busy.delete(key);
    }
  }
}

/**
 * Runs a controller until stopped. A change is noticed `reactionMs` after it happened; one key is never synced twice
 * at once. A sync that fails on a conflict is repeated; any other failure is a defect and thrown.
 */
export const runController = (workshop: Workshop, controller: Controller, reactionMs: number): (() => void) => {
  const { clock, server } = workshop;
  const runner = new Runner(clock, controller, reactionMs);
  const unsubscribe = server.store.subscribe((change) => runner.notice(change));
  // What was there before the controller.
  const storages = new Set(server.registry.all().map((kind) => kind.storage));
  for (const resource of storages) {
    for (const object of server.store.list(resource, '')) {
      runner.notice({ revision: 0, type: 'ADDED', resource, object, before: undefined });
    }
  }
  return () => {
    unsubscribe();
    runner.stop();
  };
};
