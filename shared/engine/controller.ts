/** The controller: every Canary in scope, for as long as it holds its Lease. */
import { messageOf } from '../errors.ts';
import type { EngineDeps } from './deps.ts';
import { Driver, type DriverOptions } from './driver.ts';
import type { Lease } from './lease-port.ts';
import { sleep } from './ports.ts';
import { checkCrds } from './preflight.ts';
import { TerminalDrivers } from './step-aside.ts';

export interface ControllerDeps extends EngineDeps {
  /** Absent: there is no other controller, as in a simulation. */
  readonly lease?: Lease;
}

export interface Controller {
  /** Ends after the work in hand, and gives the Lease back. */
  stop(): Promise<void>;
  /** True while it drives; false while another controller does. */
  isDriving(): boolean;
  /** How many Canaries it knows. */
  size(): number;
}

/** Checks the CRDs, then drives the Canaries while the Lease is its own. Throws CanaryErrors when it can't start. */
export const startController = async (deps: ControllerDeps, options: DriverOptions = {}): Promise<Controller> => {
  await checkCrds(deps.kube);
  const terminals = new TerminalDrivers(deps);
  const withTerminals: DriverOptions = { stepAside: (canary, signal) => terminals.check(canary, signal), ...options };
  return deps.lease ? new LeasedController(deps, deps.lease, withTerminals).start() : startDriving(deps, withTerminals);
};

const startDriving = async (deps: EngineDeps, options: DriverOptions): Promise<Controller> => {
  const driver = new Driver(deps, options);
  await driver.start();
  return { stop: () => driver.stop(), isDriving: () => true, size: () => driver.size };
};

const RETRY_MS = 5000;

class LeasedController implements Controller {
  readonly #deps: ControllerDeps;
  readonly #lease: Lease;
  readonly #options: DriverOptions;
  readonly #abort = new AbortController();
  #driver: Driver | undefined;
  #done: Promise<void> = Promise.resolve();

  constructor(deps: ControllerDeps, lease: Lease, options: DriverOptions) {
    this.#deps = { ...deps, mayWrite: () => lease.held() };
    this.#lease = lease;
    this.#options = options;
  }

  start(): this {
    this.#done = this.#run();
    return this;
  }

  isDriving(): boolean {
    return this.#driver !== undefined && this.#lease.held();
  }

  size(): number {
    return this.#driver?.size ?? 0;
  }

  async stop(): Promise<void> {
    this.#abort.abort(new Error('stopped'));
    await this.#done;
    await this.#lease.release();
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        await this.#lease.acquire(signal);
        this.#deps.log.info('lease acquired');
        await this.#driveUntilLost();
      } catch (error) {
        if (signal.aborted) return;
        this.#deps.log.error(`driving stopped: ${messageOf(error)}`);
        await sleep(this.#deps.clock, RETRY_MS, signal).catch(() => undefined);
      }
    }
  }

  async #driveUntilLost(): Promise<void> {
    const { signal } = this.#abort;
    const driver = new Driver(this.#deps, this.#options);
    this.#driver = driver;
    try {
      const ended = this.#whenOver(signal);
      await driver.start();
      const why = await ended;
      if (why !== undefined) this.#deps.log.warn(`lease lost: ${why}`);
    } finally {
      this.#driver = undefined;
      await driver.stop();
    }
  }

  /** Resolves with the reason when the Lease is lost, with nothing when we are stopped. */
  #whenOver(signal: AbortSignal): Promise<string | undefined> {
    return new Promise((resolve) => {
      const unlisten = this.#lease.onLost((why) => {
        unlisten();
        resolve(why);
      });
      if (signal.aborted) resolve(undefined);
      signal.addEventListener('abort', () => resolve(undefined), { once: true });
    });
  }
}
