import { KINDS } from '../api/kinds.ts';
import { type KubeObject, refTo } from '../api/kube.ts';
import type { Lease, LeaseHolder, OtherHolder } from '../engine/lease-port.ts';
import { type Clock, type Kube, type Random, sleep } from '../engine/ports.ts';
import { CanaryError, hasCode, messageOf } from '../errors.ts';
import { within } from '../platform/within.ts';
import {
  claimedSpec,
  holderOf,
  type LeaseName,
  type LeaseSpec,
  newLease,
  releasedSpec,
  specOf,
} from './lease-record.ts';
import { versionOf } from './versions.ts';

export interface LeaseOptions extends LeaseName {
  readonly kube: Kube;
  readonly clock: Clock;
  readonly random: Random;
  /** Ours alone, such as host name and a uuid. */
  readonly identity: string;
  /** Others wait this long after the last renewal that they saw. */
  readonly durationMs: number;
  /** How often we renew, and look when it is not ours. Well below two thirds of the duration. */
  readonly renewMs: number;
}

/** We count ourselves out this much before others may count themselves in: room for a write on its way. */
const SAFE_SHARE = 2 / 3;
const FIELD_MANAGER = 'canary-controller';

/** What we saw of the Lease, and when by our own clock: the holder's clock is not trusted. */
interface Observed {
  readonly object: KubeObject;
  readonly at: number;
}

/** When our last renewal was sent, by both clocks: one stands still while the machine sleeps, the other may jump. */
interface Renewal {
  readonly monotonic: number;
  readonly wall: number;
}

const isRace = (error: unknown): boolean => hasCode(error, 'API_CONFLICT', 'API_EXISTS', 'API_NOT_FOUND');

class LeaseElection implements Lease {
  readonly #options: LeaseOptions;
  readonly #listeners = new Set<(why: string) => void>();
  #observed: Observed | undefined;
  #renewal: Renewal | undefined;
  #renewing: AbortController | undefined;

  constructor(options: LeaseOptions) {
    this.#options = options;
  }

  held(): boolean {
    const { clock, durationMs } = this.#options;
    if (this.#renewal === undefined) return false;
    const safe = durationMs * SAFE_SHARE;
    return clock.monotonic() - this.#renewal.monotonic < safe && clock.now() - this.#renewal.wall < durationMs;
  }

  holder(): LeaseHolder | undefined {
    return this.#observed === undefined ? undefined : holderOf(specOf(this.#observed.object));
  }

  onLost(listener: (why: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async tryAcquire(signal?: AbortSignal): Promise<boolean> {
    return this.#inTime(signal, async (limited) => {
      try {
        return await this.#claim(limited);
      } catch (error) {
        if (!isRace(error)) throw error;
      }
      // Somebody else wrote it or took it away: what we saw is worth nothing, one more look decides.
      const now = await this.#look(limited);
      if (now !== undefined && !this.#isOpen(specOf(now))) return this.#refuse();
      return this.#claim(limited).catch((error: unknown) => {
        if (!isRace(error)) throw error;
        return this.#refuse();
      });
    });
  }

  async look(signal?: AbortSignal): Promise<OtherHolder | undefined> {
    const { clock } = this.#options;
    return this.#inTime(signal, async (limited) => {
      const object = await this.#look(limited);
      if (object === undefined || this.#isOpen(specOf(object))) return undefined;
      const holder = holderOf(specOf(object));
      const since = clock.monotonic() - (this.#observed?.at ?? clock.monotonic());
      return { ...holder, remainingMs: holder.durationMs - since };
    });
  }

  async takeOver(signal?: AbortSignal): Promise<void> {
    await this.#inTime(signal, async (limited) => {
      const object = await this.#look(limited);
      const spec = object === undefined ? {} : specOf(object);
      await this.#write(object, spec, limited);
    });
    this.#startRenewing();
  }

  async acquire(signal?: AbortSignal): Promise<void> {
    const { clock, random, renewMs } = this.#options;
    while (!(await this.#attempt(signal))) await sleep(clock, renewMs * (1 + random.next() * 0.2), signal);
    this.#startRenewing();
  }

  async release(): Promise<void> {
    const { kube, clock, identity } = this.#options;
    this.#renewing?.abort();
    this.#renewing = undefined;
    const ours = this.#renewal !== undefined;
    this.#renewal = undefined;
    const observed = this.#observed;
    if (!ours || observed === undefined || specOf(observed.object).holderIdentity !== identity) return;
    const object = { ...observed.object, spec: releasedSpec(specOf(observed.object), clock.now()) };
    try {
      this.#note(
        await this.#inTime(undefined, (signal) =>
          kube.replace(KINDS.lease, object, { fieldManager: FIELD_MANAGER, signal }),
        ),
      );
    } catch {
      // Not given back: others wait for it to run out, as they would after a crash.
    }
  }

  #inTime<T>(signal: AbortSignal | undefined, work: (limited: AbortSignal) => Promise<T>): Promise<T> {
    const { clock, namespace, name, renewMs } = this.#options;
    const late = (): CanaryError =>
      new CanaryError(
        'API_UNREACHABLE',
        `the Lease ${namespace}/${name} could not be written within ${renewMs / 1000} s`,
      );
    return within({ clock, timeoutMs: renewMs, signal, late }, work);
  }

  #startRenewing(): void {
    this.#renewing?.abort();
    this.#renewing = new AbortController();
    void this.#keep(this.#renewing.signal);
  }

  #refuse(): false {
    this.#renewal = undefined;
    return false;
  }

  /** A failed request is no answer: it is asked again, unless the caller gave up. */
  async #attempt(signal?: AbortSignal): Promise<boolean> {
    try {
      return await this.tryAcquire(signal);
    } catch (error) {
      if (signal?.aborted === true || hasCode(error, 'API_FORBIDDEN', 'KIND_MISSING', 'API_UNAUTHORIZED')) throw error;
      return false;
    }
  }

  /** Renews until it is taken from us, cannot be renewed in time, or `signal` says so. */
  async #keep(signal: AbortSignal): Promise<void> {
    const { clock, renewMs } = this.#options;
    let pause = renewMs;
    while (!signal.aborted) {
      await sleep(clock, this.held() ? pause : 0, signal).catch(() => {});
      if (signal.aborted) return;
      let why: string;
      try {
        pause = renewMs;
        if (await this.tryAcquire(signal)) continue;
        why = `it is held by ${this.holder()?.identity ?? 'somebody else'}`;
      } catch (error) {
        pause = renewMs / 2;
        if (this.held()) continue;
        why = messageOf(error);
      }
      if (!signal.aborted) this.#lose(why);
      return;
    }
  }

  #lose(why: string): void {
    this.#renewal = undefined;
    for (const listener of this.#listeners) listener(why);
  }

  #note(object: KubeObject): void {
    const same = this.#observed !== undefined && versionOf(this.#observed.object) === versionOf(object);
    if (!same) this.#observed = { object, at: this.#options.clock.monotonic() };
  }

  async #look(signal?: AbortSignal): Promise<KubeObject | undefined> {
    const { kube, namespace, name } = this.#options;
    try {
      const object = await kube.get(refTo(KINDS.lease, namespace, name), signal === undefined ? {} : { signal });
      this.#note(object);
      return object;
    } catch (error) {
      if (!hasCode(error, 'API_NOT_FOUND')) throw error;
      this.#observed = undefined;
      return undefined;
    }
  }

  /** True when the Lease may be taken now: free, ours, or unrenewed for its duration by our own clock. */
  #isOpen(spec: LeaseSpec): boolean {
    const { clock, identity } = this.#options;
    const { identity: holder, durationMs } = holderOf(spec);
    if (holder === '' || holder === identity) return true;
    return this.#observed !== undefined && clock.monotonic() - this.#observed.at >= durationMs;
  }

  async #claim(signal: AbortSignal): Promise<boolean> {
    const ours =
      this.#observed !== undefined && specOf(this.#observed.object).holderIdentity === this.#options.identity;
    // While it is ours, nobody else has written it: the version that we wrote last is tried without looking first.
    const object = ours && this.held() ? this.#observed?.object : await this.#look(signal);
    const spec = object === undefined ? {} : specOf(object);
    return this.#isOpen(spec) ? this.#write(object, spec, signal) : this.#refuse();
  }

  /** Puts our name on it. Ends in API_CONFLICT or API_EXISTS when somebody else was faster. */
  async #write(before: KubeObject | undefined, spec: LeaseSpec, signal: AbortSignal): Promise<true> {
    const { kube, clock, identity, durationMs } = this.#options;
    const sent = { monotonic: clock.monotonic(), wall: clock.now() };
    const claimed = claimedSpec(spec, { identity, durationMs, now: sent.wall });
    const options = { fieldManager: FIELD_MANAGER, signal };
    const written =
      before === undefined
        ? await kube.create(KINDS.lease, newLease(this.#options, claimed), options)
        : await kube.replace(KINDS.lease, { ...before, spec: claimed }, options);
    this.#note(written);
    this.#renewal = sent;
    return true;
  }
}

/** A Lease in a namespace, taken by client-go's rules, so that its other clients and ours respect each other. */
export const createLease = (options: LeaseOptions): Lease => new LeaseElection(options);
