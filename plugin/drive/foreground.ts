/** `run`, and `--drive` of the verbs: take the Lease of one Canary, drive it, give the Lease back. */
import type { Canary } from '../../shared/api/canary.ts';
import type { EngineDeps } from '../../shared/engine/deps.ts';
import { type DriveEnd, driveOne } from '../../shared/engine/drive-one.ts';
import { LEASE_RENEW_MS, terminalLease } from '../../shared/engine/lease-names.ts';
import type { Lease } from '../../shared/engine/lease-port.ts';
import { type Metrics, sleep } from '../../shared/engine/ports.ts';
import type { EngineSettings } from '../../shared/engine/settings.ts';
import { CanaryError, messageOf } from '../../shared/errors.ts';
import { createCache } from '../../shared/kube/cache.ts';
import { createHttp } from '../../shared/platform/http.ts';
import { systemRandom } from '../../shared/platform/random.ts';
import { describeDriver, findDrivers } from '../drivers.ts';
import type { Connection, Io } from '../io.ts';
import { plain } from '../view/columns.ts';
import type { Style } from '../view/style.ts';
import { summarize } from '../view/summary.ts';
import { canaryLease } from './leases.ts';
import { missingRights } from './rights.ts';
import { type Sight, terminalLog } from './sight.ts';

export interface Foreground {
  readonly connection: Connection;
  readonly io: Io;
  readonly settings: EngineSettings;
  readonly sight: Sight;
  readonly style: Style;
  /** Ends where a person is needed; otherwise it waits there. */
  readonly untilGate: boolean;
  readonly takeOver: boolean;
}

const NO_METRICS: Metrics = {
  set: () => undefined,
  add: () => undefined,
  observe: () => undefined,
  forget: () => undefined,
};

const refuse = (name: string, who: string): CanaryError =>
  new CanaryError('LEASE_HELD', `${name} is driven by ${who}; add --take-over to drive it from here`);

const LOOK_MS = 1000;
/** A renewal as old as this by our own clock is no question of clocks any more. */
const SURELY_DEAD_MS = 60_000;

/**
 * A terminal that was killed leaves its Lease behind. One that is renewed is alive and wins; one that is not runs out
 * within its duration, and then it is ours.
 */
const waitOut = async (
  name: string,
  lease: Lease,
  { io, connection }: Foreground,
  namespace: string,
): Promise<void> => {
  if (await lease.tryAcquire(io.signal)) return;
  const seen = lease.holder();
  if (io.clock.now() - Date.parse(seen?.renewTime ?? '') > SURELY_DEAD_MS) return lease.takeOver(io.signal);
  io.stderr.write(
    `the lease ${terminalLease(name)} is held by ${seen?.identity ?? 'somebody'}; waiting to see whether that is alive\n`,
  );
  while (!(await lease.tryAcquire(io.signal))) {
    if (lease.holder()?.renewTime !== seen?.renewTime) {
      const [driver] = await findDrivers(connection, { namespace, canary: name }, io);
      throw refuse(name, driver === undefined ? 'another terminal' : describeDriver(driver));
    }
    await sleep(io.clock, LOOK_MS, io.signal);
  }
};

const takeLease = async (canary: Canary, lease: Lease, foreground: Foreground): Promise<void> => {
  const { connection, io, takeOver } = foreground;
  const { name, namespace = '' } = canary.metadata;
  if (takeOver) {
    await lease.takeOver(io.signal);
    return;
  }
  const controller = (await findDrivers(connection, { namespace }, io)).find((driver) => driver.is === 'controller');
  if (controller !== undefined) throw refuse(name, describeDriver(controller));
  await waitOut(name, lease, foreground, namespace);
  await lease.acquire(io.signal);
};

const whereItStands = (canary: Canary, now: number): string => {
  const { isRunning, progress, weight, word } = summarize(canary, now);
  return isRunning ? `at ${progress.unit} ${progress.step}/${progress.total}, weight ${weight}` : `in ${word}`;
};

/** How to go on after Ctrl-C. */
const farewell = (canary: Canary, io: Io): void => {
  const where = `${canary.metadata.name} -n ${canary.metadata.namespace ?? ''}`;
  const running = summarize(canary, io.clock.now()).isRunning;
  io.stderr.write(`lease released ${whereItStands(canary, io.clock.now())}. Traffic stays as it is.\n`);
  io.stderr.write(
    `go on: kubectl canary run ${where}${running ? `        undo: kubectl canary rollback ${where} --drive` : ''}\n`,
  );
};

const greet = async (canary: Canary, { connection, io, sight }: Foreground): Promise<void> => {
  const { name, namespace } = canary.metadata;
  const missing = await missingRights(canary, connection, io);
  const rights = missing.length === 0 ? 'rights: all present' : `missing rights: ${missing.join(', ')}`;
  sight.say(
    plain(
      `driving ${namespace}/${name} from this machine (lease ${terminalLease(name)}, renewed every ${LEASE_RENEW_MS / 1000} s), ${rights}; stop with Ctrl-C`,
    ),
  );
};

/**
 * Drives until nothing is left to do, or with `untilGate` until a person is needed; how it ended. Throws LEASE_HELD,
 * LEASE_LOST, KIND_MISSING, API_NOT_FOUND when the Canary is gone, and the signal's reason.
 */
export const driveInForeground = async (first: Canary, foreground: Foreground): Promise<DriveEnd> => {
  const { connection, io, settings, style, sight, untilGate } = foreground;
  const { kube } = connection;
  const { name, namespace = '' } = first.metadata;
  const log = terminalLog(io, style);
  const lease = canaryLease({ kube, clock: io.clock, namespace }, name);
  await takeLease(first, lease, foreground);
  const cache = createCache({ kube, clock: io.clock, random: systemRandom, log, namespace });
  const http = createHttp({ clock: io.clock, env: io.env });
  const deps: EngineDeps = {
    kube,
    cache,
    http,
    clock: io.clock,
    random: systemRandom,
    log,
    metrics: NO_METRICS,
    settings,
  };
  try {
    await greet(first, foreground);
    const end = await driveOne(deps, {
      namespace,
      name,
      lease,
      stop: io.signal,
      onPass: (pass) => pass.canary !== undefined && sight.saw(pass.canary, pass.dueAt),
      onFailure: (error) => log.warn(`${messageOf(error)}; trying again`),
      ...(untilGate
        ? { isDone: (pass) => pass.canary !== undefined && summarize(pass.canary, io.clock.now()).needsPerson }
        : {}),
    });
    if (end.why !== 'stopped') return end;
    await lease.release();
    farewell(end.canary, io);
    throw io.signal.reason;
  } finally {
    await lease.release();
    cache.close();
    await http.close();
  }
};
