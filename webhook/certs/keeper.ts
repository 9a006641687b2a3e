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

/** The loop over store, rotation and publishing. All state that matters is in the Secret. */
export const keepCertificates = (options: KeeperOptions): Keeper => {
  let known: CertState | undefined;
  let trouble: string | undefined = 'no certificate yet';
  let timer: Timer | undefined;
  let stopped = false;
  const stop = new AbortController();

  const publish = async (bundle: string, signal: AbortSignal): Promise<boolean> => {
    try {
      const seen = (await options.publish(bundle, signal)) || (await options.publish(bundle, signal));
      trouble = seen ? undefined : 'the webhook configurations do not exist yet';
      return seen;
    } catch (error) {
      if (hasCode(error, 'API_CONFLICT', 'API_EXISTS')) throw error;
      trouble = `caBundle could not be written: ${messageOf(error)}`;
      options.log.warn('caBundle could not be written', { reason: messageOf(error) });
      return false;
    }
  };

  const adopt = async (state: CertState): Promise<void> => {
    if (state.leaf.cert !== known?.leaf.cert) await options.load(state.leaf);
    if (state.stage !== known?.stage) options.log.info('certificate stage', { stage: state.stage });
    known = state;
    options.onPass?.(state);
  };

  const factsNow = (published: boolean): RotationFacts => {
    const { names, times, randomBytes, clock } = options;
    return { names, times, randomBytes, now: clock.now(), published };
  };

  /** True when something was written, so that another round must load and publish it. */
  const round = async (signal: AbortSignal): Promise<boolean> => {
    const stored = await options.store.read(signal);
    const state = stored.state ?? known;
    if (state === undefined || stored.state === undefined) {
      await options.store.write(state ?? advance(undefined, factsNow(false)), stored, signal);
      return true;
    }
    await adopt(state);
    const next = advance(state, factsNow(await publish(bundleOf(state), signal)));
    if (next === state) return false;
    await options.store.write(next, stored, signal);
    return true;
  };

  const pass = async (): Promise<void> => {
    const limit = new AbortController();
    const alarm = options.clock.after(PASS_LIMIT_MS, () => limit.abort(new Error('the pass over certificates took too long')));
    const signal = AbortSignal.any([limit.signal, stop.signal]);
    try {
      for (let i = 0, again = true; again && i < ROUNDS; i++) {
        again = await round(signal).catch((error: unknown) => {
          if (hasCode(error, 'API_CONFLICT', 'API_EXISTS')) return true;
          throw error;
        });
      }
    } finally {
      alarm.cancel();
    }
  };

  const loop = async (): Promise<void> => {
    try {
      await pass();
    } catch (error) {
      if (stopped) return;
      if (known === undefined) trouble = `no certificate yet: ${messageOf(error)}`;
      options.log.warn('certificates could not be checked', { reason: messageOf(error) });
    }
    if (stopped) return;
    timer = options.clock.after(trouble === undefined ? options.checkMs : Math.min(RETRY_MS, options.checkMs), () => void loop());
  };

  return {
    pass,
    trouble: () => trouble,
    stage: () => known?.stage,
    start: () => void loop(),
    stop() {
      stopped = true;
      timer?.cancel();
      stop.abort(new Error('stopped'));
    },
  };
};
