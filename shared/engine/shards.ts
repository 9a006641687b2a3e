/**
 * Which shares of the Canaries are this controller's. Each shard is a Lease; whoever holds it drives what is in it, and
 * a shard changes hands only when its former holder can't write any more. Free shards are taken by anybody, but where a
 * controller stands by with fewer than the others, these go to it, and others give it some of theirs.
 */
import type { KubeObject } from '../api/kube.ts';
import { messageOf } from '../errors.ts';
import { LEASE_RENEW_MS, shardOf } from './lease-names.ts';
import type { Lease, OtherHolder } from './lease-port.ts';
import { type Clock, type Log, type Random, sleep } from './ports.ts';

export interface ShardLeases {
  /** One for each shard, in their order. */
  readonly leases: readonly Lease[];
  /** Absent: nobody else is there to share with. */
  readonly standby?: Lease;
}

interface ShardDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

interface ShardHooks {
  /** There is more to drive. */
  readonly gained: () => void;
  /** Resolves once nothing of this shard is at work. */
  readonly settled: (shard: number) => Promise<void>;
}

/** How often others' shards are looked at; sooner where one is about to run out. */
const LOOK_MS = 2000;
/** Giving away waits this long for the work in hand, or is left for another time. */
const PATIENCE_MS = 10_000;
/** A difference in shards that moving one makes smaller. */
const UNEVEN = 2;

type Place = Pick<KubeObject, 'metadata'>;

/** What one look at all Leases showed. */
interface View {
  readonly free: readonly number[];
  /** How many shards others hold, by who they are. */
  readonly others: ReadonlyMap<string, number>;
  readonly waiting: OtherHolder | undefined;
  /** When to look again at the latest, in milliseconds. */
  readonly againMs: number;
}

export class Shards {
  readonly #deps: ShardDeps;
  readonly #leases: readonly Lease[];
  readonly #standby: Lease | undefined;
  readonly #hooks: ShardHooks;
  readonly #owned = new Set<number>();
  /** Shards for which work was turned away although we have them: it must be taken up again. */
  readonly #refused = new Set<number>();
  #leaving: number | undefined;

  // eslint-disable-next-line max-params -- what it needs, what it divides, and whom it tells
  constructor(deps: ShardDeps, { leases, standby }: ShardLeases, hooks: ShardHooks) {
    this.#deps = deps;
    this.#leases = leases;
    this.#standby = standby;
    this.#hooks = hooks;
    for (const [shard, lease] of leases.entries()) lease.onLost((why) => this.#lose(shard, why));
  }

  /** May a pass for it begin? */
  isMine(canary: Place): boolean {
    const shard = shardOf(canary, this.#leases.length);
    const isMine = shard !== this.#leaving && this.#isHeld(shard);
    if (!isMine && this.#owned.has(shard)) this.#refused.add(shard);
    return isMine;
  }

  /** May anything of it be written now? Costs nothing. */
  mayWrite(canary: Place): boolean {
    return this.#isHeld(shardOf(canary, this.#leases.length));
  }

  /** How many shards are ours. */
  count(): number {
    return [...this.#owned].filter((shard) => this.#isHeld(shard)).length;
  }

  /** Takes, keeps and shares until `signal` says so; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let againMs = LOOK_MS;
      try {
        againMs = await this.#round(signal);
      } catch (error) {
        if (!signal.aborted) this.#deps.log.error(`leases could not be looked at: ${messageOf(error)}`);
      }
      const jitter = 1 + this.#deps.random.next() * 0.1;
      await sleep(this.#deps.clock, againMs * jitter, signal).catch(() => undefined);
    }
  }

  /** Gives everything back. Nothing may be at work any more. */
  async release(): Promise<void> {
    this.#owned.clear();
    await Promise.all([...this.#leases, ...(this.#standby ? [this.#standby] : [])].map((lease) => lease.release()));
  }

  #isHeld(shard: number): boolean {
    return this.#owned.has(shard) && this.#leases[shard]?.held() === true;
  }

  #lose(shard: number, why: string): void {
    if (this.#owned.delete(shard)) this.#deps.log.warn('shard lost', { shard, why });
  }

  async #round(signal: AbortSignal): Promise<number> {
    const view = await this.#look(signal);
    if (view.waiting === undefined) for (const shard of view.free) await this.#take(shard, signal);
    await this.#share(view, signal);
    this.#takeUpAgain();
    return view.againMs;
  }

  /** A process that stood still for a while may find its Lease still there. */
  #takeUpAgain(): void {
    const shards = [...this.#refused].filter((shard) => this.#isHeld(shard));
    this.#refused.clear();
    if (shards.length > 0) this.#hooks.gained();
  }

  async #look(signal: AbortSignal): Promise<View> {
    const free: number[] = [];
    const others = new Map<string, number>();
    const elsewhere = [...this.#leases.keys()].filter((shard) => !this.#isHeld(shard));
    const found = await Promise.all(elsewhere.map(async (shard) => this.#leases[shard]?.look(signal)));
    let againMs = elsewhere.length === 0 ? LEASE_RENEW_MS : LOOK_MS;
    for (const [at, shard] of elsewhere.entries()) {
      const holder = found[at];
      if (holder === undefined) free.push(shard);
      else {
        others.set(holder.identity, (others.get(holder.identity) ?? 0) + 1);
        againMs = Math.min(againMs, Math.max(0, holder.remainingMs));
      }
    }
    const waiting = this.#standby?.held() === false ? await this.#standby.look(signal) : undefined;
    return { free, others, waiting, againMs };
  }

  async #take(shard: number, signal: AbortSignal): Promise<void> {
    const lease = this.#leases[shard];
    if (!lease || !(await this.#acquire(lease, signal))) return;
    this.#owned.add(shard);
    this.#deps.log.info('shard taken', { shard });
    this.#hooks.gained();
  }

  /** One attempt, and the renewals after it. */
  async #acquire(lease: Lease, signal: AbortSignal): Promise<boolean> {
    const limit = new AbortController();
    const timer = this.#deps.clock.after(LEASE_RENEW_MS, () => limit.abort(new Error('too late')));
    try {
      await lease.acquire(AbortSignal.any([signal, limit.signal]));
      return true;
    } catch (error) {
      if (signal.aborted || !limit.signal.aborted) throw error;
      return false;
    } finally {
      timer.cancel();
    }
  }

  /** Asks others for some, or gives one away, where moving it makes the shares more even. */
  async #share({ free, others, waiting }: View, signal: AbortSignal): Promise<void> {
    if (!this.#standby) return;
    const mine = this.count();
    if (waiting !== undefined) {
      // What is free goes to whoever waits: it counts as theirs already.
      const theirs = (others.get(waiting.identity) ?? 0) + free.length;
      if (mine - theirs >= UNEVEN) await this.#giveAway(Math.max(...this.#owned));
      return;
    }
    const isBehind = Math.max(0, ...others.values()) - mine >= UNEVEN;
    if (isBehind && !this.#standby.held()) await this.#acquire(this.#standby, signal);
    if (!isBehind && this.#standby.held()) await this.#standby.release();
  }

  async #giveAway(shard: number): Promise<void> {
    const { clock, log } = this.#deps;
    this.#leaving = shard;
    try {
      const limit = new AbortController();
      const settled = this.#hooks.settled(shard).then(() => true);
      const late = sleep(clock, PATIENCE_MS, limit.signal).then(
        () => false,
        () => false,
      );
      const isFree = await Promise.race([settled, late]);
      limit.abort();
      if (!isFree) return;
      this.#owned.delete(shard);
      await this.#leases[shard]?.release();
      log.info('shard given away', { shard });
    } finally {
      this.#leaving = undefined;
    }
  }
}
