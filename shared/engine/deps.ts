import type { Canary } from '../api/canary.ts';
import type { Cache, Clock, Http, Kube, Log, Metrics, Random } from './ports.ts';
import type { EngineSettings } from './settings.ts';

/** Everything the engine composes. Only what implements the ports differs between controller, terminal and simulation. */
export interface EngineDeps {
  readonly kube: Kube;
  readonly cache: Cache;
  readonly http: Http;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly settings: EngineSettings;
  /** False once this driver's lease has run out: nothing more may be written. Absent: there is no other driver. */
  readonly mayWrite?: (canary: Canary) => boolean;
}

export const FIELD_MANAGER = 'canary-controller';
