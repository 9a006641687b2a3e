/** A controller leaves a Canary alone while somebody drives it from a terminal. */
import type { Canary } from '../api/canary.ts';
import { refKey } from '../api/kube.ts';
import { hasCode } from '../errors.ts';
import type { EngineDeps } from './deps.ts';
import type { StepAside } from './driver.ts';
import { terminalLeaseRef } from './lease-names.ts';

interface LeaseSpec {
  holderIdentity?: string;
  leaseDurationSeconds?: number;
  renewTime?: string;
}

/** Judged by when we saw a renewal, on our own clock: the holder's may differ. */
export class TerminalDrivers {
  readonly #deps: Pick<EngineDeps, 'cache' | 'clock' | 'log'>;
  readonly #seen = new Map<string, { renewTime: string; at: number }>();
  #mayRead = true;

  constructor(deps: Pick<EngineDeps, 'cache' | 'clock' | 'log'>) {
    this.#deps = deps;
  }

  /** `retryAt` is set while a terminal holds the Canary's Lease. */
  async check(canary: Canary, signal: AbortSignal): Promise<StepAside | undefined> {
    if (!this.#mayRead) return undefined;
    const ref = terminalLeaseRef(canary.metadata.namespace ?? '', canary.metadata.name);
    const key = refKey(ref);
    const reads = [key];
    let spec: LeaseSpec | undefined;
    try {
      spec = (await this.#deps.cache.get(ref, signal))?.['spec'] as LeaseSpec | undefined;
    } catch (error) {
      if (!hasCode(error, 'API_FORBIDDEN')) throw error;
      this.#mayRead = false;
      this.#deps.log.warn('leases may not be read: rollouts driven from terminals will not be noticed');
      return undefined;
    }
    if (!spec?.holderIdentity) {
      this.#seen.delete(key);
      return { reads, retryAt: undefined };
    }
    const remaining =
      this.#observe(key, spec.renewTime ?? '') + (spec.leaseDurationSeconds ?? 0) * 1000 - this.#deps.clock.monotonic();
    return { reads, retryAt: remaining > 0 ? this.#deps.clock.now() + remaining : undefined };
  }

  /** When this renewal was first seen, on the monotonic clock. */
  #observe(key: string, renewTime: string): number {
    const seen = this.#seen.get(key);
    if (seen?.renewTime === renewTime) return seen.at;
    const at = this.#deps.clock.monotonic();
    this.#seen.set(key, { renewTime, at });
    return at;
  }
}
