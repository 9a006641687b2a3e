import type { Clock, Log, Timer } from '../../shared/engine/ports.ts';
import { hasCode, messageOf } from '../../shared/errors.ts';
import type { KeyPair } from './authority.ts';
import { advance, type RotationFacts, type RotationTimes } from './rotate.ts';
import { bundleOf, type CertState, type Stage } from './state.ts';
import type { CertStore } from './store.ts';

export interface KeeperOptions {
  readonly store: CertStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly randomBytes: (count: number) => Uint8Array;
  /** DNS names and addresses that the leaf must carry. */
  readonly names: readonly string[];
  readonly times: RotationTimes;
  /** Between two looks at the wall clock and the Secret, milliseconds. */
  readonly checkMs: number;
  /** Serves this leaf from now on. */
  readonly load: (leaf: KeyPair) => Promise<void> | void;
  /** Writes the bundle where API servers look; true when it was seen there. */
  readonly publish: (bundle: string, signal: AbortSignal) => Promise<boolean>;
  /** Told after each pass, for metrics. */
  readonly onPass?: (state: CertState) => void;
}

/** Keeps certificates alive for as long as the process runs. */
export interface Keeper {
  /** One look; used by the loop, and by tests. Throws when the Secret cannot be read or written. */
  pass(): Promise<void>;
  /** Undefined: all is well. Else why API servers may not trust us yet, in one line. */
  trouble(): string | undefined;
  stage(): Stage | undefined;
  start(): void;
  stop(): void;
}

const PASS_LIMIT_MS = 30_000;
/** A pass repeats itself after each own write and each lost race; more than this means that two sides disagree. */
const ROUNDS = 8;
const RETRY_MS = 2_000;

class Keeping implements Keeper {
  readonly #options: KeeperOptions;
  readonly #stop = new AbortController();
  #known: CertState | undefined;
  #trouble: string | undefined = 'no certificate yet';
  #timer: Timer | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  trouble(): string | undefined {
    return this.#trouble;
  }

  stage(): Stage | undefined {
    return this.#known?.stage;
  }

  start(): void {
    void this.#loop();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#stop.abort(new Error('stopped'));
  }

  async pass(): Promise<void> {
    const late = new AbortController();
    const alarm = this.#options.clock.after(PASS_LIMIT_MS, () =>
      late.abort(new Error('the pass over certificates took too long')),
    );
    const signal = AbortSignal.any([late.signal, this.#stop.signal]);
    try {
      for (let i = 0, again = true; again && i < ROUNDS; i++) again = await this.#round(signal).catch(lostRace);
    } finally {
      alarm.cancel();
    }
  }

  async #loop(): Promise<void> {
    const { clock, checkMs, log } = this.#options;
    try {
      await this.pass();
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      if (this.#known === undefined) this.#trouble = `no certificate yet: ${messageOf(error)}`;
      log.warn('certificates could not be checked', { reason: messageOf(error) });
    }
    if (this.#stop.signal.aborted) return;
    const waitMs = this.#trouble === undefined ? checkMs : Math.min(RETRY_MS, checkMs);
    this.#timer = clock.after(waitMs, () => void this.#loop());
  }

  /** True when something was written, so that another round must load and publish it. */
  async #round(signal: AbortSignal): Promise<boolean> {
    const { store } = this.#options;
    const stored = await store.read(signal);
    if (stored.state === undefined) {
      await store.write(this.#known ?? advance(undefined, this.#facts(false)), stored, signal);
      return true;
    }
    await this.#adopt(stored.state);
    const next = advance(stored.state, this.#facts(await this.#publish(bundleOf(stored.state), signal)));
    if (next === stored.state) return false;
    await store.write(next, stored, signal);
    return true;
  }

  #facts(published: boolean): RotationFacts {
    const { names, times, randomBytes, clock } = this.#options;
    return { names, times, randomBytes, now: clock.now(), published };
  }

  async #adopt(state: CertState): Promise<void> {
    const { load, log, onPass } = this.#options;
    if (state.leaf.cert !== this.#known?.leaf.cert) await load(state.leaf);
    if (state.stage !== this.#known?.stage) log.info('certificate stage', { stage: state.stage });
    this.#known = state;
    onPass?.(state);
  }

  /** A bundle that was only just written is read again: only what was seen counts as published. */
  async #publish(bundle: string, signal: AbortSignal): Promise<boolean> {
    const { publish, log } = this.#options;
    try {
      const seen = (await publish(bundle, signal)) || (await publish(bundle, signal));
      this.#trouble = seen ? undefined : 'the webhook configurations do not exist yet';
      return seen;
    } catch (error) {
      if (hasCode(error, 'API_CONFLICT', 'API_EXISTS')) throw error;
      this.#trouble = `caBundle could not be written: ${messageOf(error)}`;
      log.warn('caBundle could not be written', { reason: messageOf(error) });
      return false;
    }
  }
}

/** Another replica was quicker: read again and take what it wrote. */
const lostRace = (error: unknown): boolean => {
  if (hasCode(error, 'API_CONFLICT', 'API_EXISTS')) return true;
  throw error;
};

/** The loop over store, rotation and publishing. All state that matters is in the Secret. */
export const keepCertificates = (options: KeeperOptions): Keeper => new Keeping(options);
