import type { Http, Kube, WatchEvent } from '../../../shared/engine/ports.ts';
import type { DriverPorts } from '../../golden/runner/virtual-stage.ts';

/** When a process dies: before its write reached the server, or before it saw the answer. */
export type Death = 'before' | 'after';

export interface MortalPorts extends DriverPorts {
  /** Writes that reached the server. */
  writes(): number;
  isDead(): boolean;
  kill(): void;
}

/** What a dead process waits for. */
const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

async function* whileAlive(events: AsyncIterable<WatchEvent>, isDead: () => boolean): AsyncGenerator<WatchEvent> {
  for await (const event of events) {
    if (isDead()) await never();
    yield event;
  }
}

/**
 * Ports of a process that is killed around its write number `fatal` (1 is the first; 0: never by itself). From then on
 * no call of it returns, and nothing of it reaches anybody.
 */
export const createMortalPorts = ({ kube, http }: DriverPorts, fatal: number, death: Death): MortalPorts => {
  let writes = 0;
  let dead = false;
  const isDead = (): boolean => dead;

  const read = async <T>(call: () => Promise<T>): Promise<T> => {
    if (dead) return never();
    const answer = await call();
    return dead ? never() : answer;
  };

  const write = async <T>(call: () => Promise<T>): Promise<T> => {
    if (!dead && death === 'before' && writes + 1 === fatal) dead = true;
    if (dead) return never();
    writes += 1;
    const last = writes === fatal;
    const answer = await call();
    if (last) dead = true;
    return dead ? never() : answer;
  };

  const mortal: Kube = {
    get: (...args) => read(() => kube.get(...args)),
    list: (...args) => read(() => kube.list(...args)),
    watch: (...args) => whileAlive(kube.watch(...args), isDead),
    create: (...args) => write(() => kube.create(...args)),
    replace: (...args) => write(() => kube.replace(...args)),
    patch: (...args) => write(() => kube.patch(...args)),
    remove: (...args) => write(() => kube.remove(...args)),
    raw: (...args) => read(() => kube.raw(...args)),
  };
  const mortalHttp: Http = { send: (...args) => read(() => http.send(...args)) };
  return {
    kube: mortal,
    http: mortalHttp,
    writes: () => writes,
    isDead,
    kill() {
      dead = true;
    },
  };
};
