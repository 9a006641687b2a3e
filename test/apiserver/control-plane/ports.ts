/** Free TCP ports on the loopback address. */
import { createServer } from 'node:net';

/**
 * Below the range from which the system picks ports for whoever asks for any, so that nobody is given one of ours before
 * its program listens there, and above those that programs of Kubernetes take by themselves (10248 to 10259) and that
 * fetch refuses (10080). Each process has a block of its own: tests run side by side.
 */
const [FIRST, BLOCKS, SIZE] = [12_000, 800, 25];

let tried = 0;

const next = (): number => {
  const place = tried % SIZE;
  tried += 1;
  return FIRST + (process.pid % BLOCKS) * SIZE + place;
};

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

/** Different ports that nothing listens on. Throws when too few of this process's own are free. */
export const freePorts = async (count: number): Promise<number[]> => {
  const ports: number[] = [];
  for (let look = 0; look < SIZE && ports.length < count; look += 1) {
    const port = next();
    if (await isFree(port)) ports.push(port);
  }
  if (ports.length < count) throw new Error(`fewer than ${count} ports are free`);
  return ports;
};
