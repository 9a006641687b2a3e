import type { Http, Kube, Random, WatchEvent } from '../../shared/engine/ports.ts';
import { sleep } from '../../shared/engine/ports.ts';
import { CanaryError } from '../../shared/errors.ts';
import type { VirtualClock } from '../../shared/sim/clock.ts';
import type { Ports } from './world.ts';

export interface Faults {
  /** Chance of each fault per call, 0 to 1. */
  readonly rate: number;
  /** Nothing fails any more once this much virtual time has passed. */
  readonly untilMs: number;
}

type Fault = (call: () => Promise<unknown>, clock: VirtualClock) => Promise<unknown>;

const refuse =
  (
    code: ConstructorParameters<typeof CanaryError>[0],
    details: ConstructorParameters<typeof CanaryError>[2] = {},
  ): Fault =>
  () =>
    Promise.reject(new CanaryError(code, `injected ${code}`, details));

/** What can happen to a request. The last two reach the server, and nobody hears of it. */
const FAULTS: readonly Fault[] = [
  refuse('API_CONFLICT', { status: 409 }),
  refuse('API_UNAVAILABLE', { status: 429, retryAfterMs: 2000 }),
  refuse('API_UNAVAILABLE', { status: 500 }),
  refuse('API_UNREACHABLE'),
  async (call) => {
    await call();
    throw new CanaryError('API_UNREACHABLE', 'injected: the answer was lost');
  },
  async (call, clock) => {
    await call();
    await sleep(clock, 30_000);
    throw new CanaryError('API_UNREACHABLE', 'injected: no answer within 30 s');
  },
];

const LONGEST_DELAY_MS = 10_000;

/** Ports on which requests fail by chance, and watches end or lag by chance. */
export const createFaultyPorts = (
  ports: Ports,
  { rate, untilMs }: Faults,
  { clock, random }: { clock: VirtualClock; random: Random },
): Ports & { faults(): number } => {
  let faults = 0;
  const isUnlucky = (): boolean => clock.monotonic() < untilMs && random.next() < rate;
  const draw = (): Fault => FAULTS[Math.floor(random.next() * FAULTS.length)] as Fault;

  const through = async <T>(call: () => Promise<T>): Promise<T> => {
    if (!isUnlucky()) return call();
    faults += 1;
    return (await draw()(call, clock)) as T;
  };

  /** Streams that are cut, and streams that hold back what they know: whoever reads them acts on yesterday's news. */
  async function* disturbed(events: AsyncIterable<WatchEvent>): AsyncGenerator<WatchEvent> {
    for await (const event of events) {
      if (isUnlucky()) {
        faults += 1;
        if (random.next() < 0.5) throw new CanaryError('API_UNREACHABLE', 'injected: the watch was cut');
        await sleep(clock, random.next() * LONGEST_DELAY_MS);
      }
      yield event;
    }
  }

  const { kube, http } = ports;
  const faulty: Kube = {
    get: (...args) => through(() => kube.get(...args)),
    list: (...args) => through(() => kube.list(...args)),
    watch: (...args) => disturbed(kube.watch(...args)),
    create: (...args) => through(() => kube.create(...args)),
    replace: (...args) => through(() => kube.replace(...args)),
    patch: (...args) => through(() => kube.patch(...args)),
    remove: (...args) => through(() => kube.remove(...args)),
    raw: (...args) => kube.raw(...args),
  };
  // Hooks and metrics are the rollout's own judges: their failures are verdicts, not faults.
  const same: Http = http;
  return { kube: faulty, http: same, faults: () => faults };
};
