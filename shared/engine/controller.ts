/** The controller: every Canary in scope, for as long as it runs. */
import { checkCrds } from './preflight.ts';
import type { EngineDeps } from './deps.ts';
import { Driver, type DriverOptions } from './driver.ts';

export interface Controller {
  /** Ends after the work in hand. */
  stop(): Promise<void>;
  readonly driver: Driver;
}

/** Checks the CRDs, lists the Canaries and drives them. Throws CanaryErrors when it can't start. */
export const startController = async (deps: EngineDeps, options: DriverOptions = {}): Promise<Controller> => {
  await checkCrds(deps.kube);
  const driver = new Driver(deps, options);
  await driver.start();
  return { stop: () => driver.stop(), driver };
};
