/** Sends HTTPS requests as fast as they are answered, over connections that stay open, at little cost of its own. */
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';

export interface Aim {
  readonly port: number;
  readonly path: string;
  /** PEM of the authority behind the server's certificate. */
  readonly ca: string;
  /** Bodies that take turns. */
  readonly bodies: readonly string[];
  /** What each answer must contain: a server that answers something else is not measured. */
  readonly expect: string;
}

export interface Volley {
  readonly seconds: number;
  /** Milliseconds from request to answer, of each. */
  readonly latencies: readonly number[];
}

const HEAD_END = '\r\n\r\n';

const messageOf = ({ path, port }: Aim, body: string): Buffer =>
  Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );

/** One connection: asks, waits for the whole answer, asks again, until nothing is left to ask. */
const converse = (socket: TLSSocket, next: () => Buffer | undefined, seen: (ms: number, answer: string) => void) =>
  new Promise<void>((resolve, reject) => {
    let text = '';
    let asked = 0;
    const ask = (): void => {
      const message = next();
      if (message === undefined) return resolve();
      text = '';
      asked = performance.now();
      socket.write(message);
    };
    socket.setEncoding('latin1');
    socket.on('data', (part: string) => {
      text += part;
      const head = text.indexOf(HEAD_END);
      if (head < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1]);
      if (text.length < head + HEAD_END.length + length) return;
      try {
        seen(performance.now() - asked, text);
        ask();
      } catch (error) {
        reject(error);
      }
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the server closed a connection')));
    ask();
  });

/** Sends `count` requests over `connections` connections, each waiting for its answer. */
export const fire = async (aim: Aim, count: number, connections: number): Promise<Volley> => {
  const messages = aim.bodies.map((body) => messageOf(aim, body));
  const sockets = Array.from({ length: connections }, () =>
    connect({ host: '127.0.0.1', port: aim.port, ca: aim.ca, checkServerIdentity: () => undefined }),
  );
  await Promise.all(sockets.map((socket) => once(socket, 'secureConnect')));
  const latencies: number[] = [];
  let sent = 0;
  const next = (): Buffer | undefined => (sent < count ? messages[sent++ % messages.length] : undefined);
  const seen = (ms: number, answer: string): void => {
    if (!answer.startsWith('HTTP/1.1 200') || !answer.includes(aim.expect)) throw new Error(`unexpected: ${answer}`);
    latencies.push(ms);
  };
  const started = performance.now();
  try {
    await Promise.all(sockets.map((socket) => converse(socket, next, seen)));
    return { seconds: (performance.now() - started) / 1000, latencies };
  } finally {
    for (const socket of sockets) socket.destroy();
  }
};
