/** The controller: the Canaries in scope, for as long as it holds the Leases of their shards. */
import type { Canary } from '../api/canary.ts';
import type { EngineDeps } from './deps.ts';
import { Driver, type DriverOptions } from './driver.ts';
import { shardOf } from './lease-names.ts';
import { checkCrds } from './preflight.ts';
import { type ShardLeases, Shards } from './shards.ts';
import { TerminalDrivers } from './step-aside.ts';

export interface ControllerDeps extends EngineDeps {
  /** Absent: there is no other controller, as in a simulation. */
  readonly shards?: ShardLeases;
}

export interface Controller {
  /** Ends after the work in hand, and gives its Leases back. */
  stop(): Promise<void>;
  /** True while it drives some; false while other controllers drive all. */
  isDriving(): boolean;
  /** How many Canaries it knows. */
  size(): number;
}

/** Checks the CRDs, then drives the Canaries of the shards that are its own. Throws CanaryErrors when it can't start. */
export const startController = async (deps: ControllerDeps, options: DriverOptions = {}): Promise<Controller> => {
  await checkCrds(deps.kube);
  const terminals = new TerminalDrivers(deps);
  const withTerminals: DriverOptions = { stepAside: (canary, signal) => terminals.check(canary, signal), ...options };
  return deps.shards ? startSharing(deps, deps.shards, withTerminals) : startDriving(deps, withTerminals);
};

const startDriving = async (deps: EngineDeps, options: DriverOptions): Promise<Controller> => {
  const driver = new Driver(deps, options);
  await driver.start();
  return { stop: () => driver.stop(), isDriving: () => true, size: () => driver.size };
};

/** Follows every Canary, and drives those of its shards. What another controller drives is at hand when that one ends. */
const startSharing = async (deps: EngineDeps, leases: ShardLeases, options: DriverOptions): Promise<Controller> => {
  const abort = new AbortController();
  const shards = new Shards(deps, leases, {
    gained: () => driver.wakeAll(),
    settled: (shard) => driver.settled((canary) => shardOf(canary, leases.leases.length) === shard),
  });
  const mayWrite = (canary: Canary): boolean => shards.mayWrite(canary);
  const driver = new Driver({ ...deps, mayWrite }, { ...options, isMine: (canary) => shards.isMine(canary) });
  await driver.start();
  const done = shards.run(abort.signal);
  return {
    isDriving: () => shards.count() > 0,
    size: () => driver.size,
    async stop() {
      abort.abort(new Error('stopped'));
      await done;
      await driver.stop();
      await shards.release();
    },
  };
};
