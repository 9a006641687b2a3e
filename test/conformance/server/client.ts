/** A plain client of an API server, by its kubeconfig: no library in between, so that every answer is seen as sent. */
import { readFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { parse } from 'yaml';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  // Answers are looked into by tests only; a wrong path shows as undefined there.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

export interface Question {
  readonly body?: unknown;
  readonly type?: string;
  readonly accept?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type WatchLine = {
  readonly type: string;
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly object: any;
};

export interface OpenWatch {
  /** The next event; rejects after half a minute without one. */
  next(): Promise<WatchLine>;
  /** Resolves when the server has ended the stream. */
  readonly ended: Promise<void>;
  close(): void;
}

export interface Client {
  ask(method: string, path: string, question?: Question): Promise<Answer>;
  watch(path: string, accept?: string): Promise<OpenWatch>;
}

interface Entry {
  readonly server: string;
  readonly tls: Record<string, unknown>;
  readonly headers: Record<string, string>;
}

const PATIENCE_MS = 30_000;

const read = (file: unknown): Buffer | undefined => (typeof file === 'string' ? readFileSync(file) : undefined);
const decode = (data: unknown): Buffer | undefined =>
  typeof data === 'string' ? Buffer.from(data, 'base64') : undefined;

const entryOf = (kubeconfig: string): Entry => {
  const config = parse(kubeconfig);
  const cluster = config.clusters[0].cluster;
  const user = config.users[0].user;
  const token = user.token as string | undefined;
  return {
    server: cluster.server,
    tls: {
      ca: decode(cluster['certificate-authority-data']) ?? read(cluster['certificate-authority']),
      cert: decode(user['client-certificate-data']) ?? read(user['client-certificate']),
      key: decode(user['client-key-data']) ?? read(user['client-key']),
    },
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  };
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
};

const open = (entry: Entry, method: string, path: string, question: Question): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const text = question.body === undefined ? '' : JSON.stringify(question.body);
    const headers = {
      ...entry.headers,
      'user-agent': 'suite/1',
      accept: question.accept ?? 'application/json',
      ...(text === ''
        ? {}
        : { 'content-type': question.type ?? 'application/json', 'content-length': Buffer.byteLength(text) }),
      ...question.headers,
    };
    const send = entry.server.startsWith('https:') ? httpsRequest : httpRequest;
    const call = send(`${entry.server}${path}`, { method, headers, agent: false, ...entry.tls }, resolve);
    call.on('error', reject);
    call.end(text);
  });

const wholeOf = async (message: IncomingMessage): Promise<string> => {
  message.setEncoding('utf8');
  let text = '';
  for await (const part of message) text += part as string;
  return text;
};

const watchOver = (message: IncomingMessage): OpenWatch => {
  const lines: WatchLine[] = [];
  let rest = '';
  let wake: (() => void) | undefined;
  message.setEncoding('utf8');
  message.on('data', (part: string) => {
    const pieces = (rest + part).split('\n');
    rest = pieces.pop() ?? '';
    lines.push(...pieces.filter((piece) => piece !== '').map((piece) => JSON.parse(piece) as WatchLine));
    wake?.();
  });
  message.on('error', () => undefined);
  return {
    ended: new Promise((resolve) => message.once('close', resolve)),
    close: () => void message.destroy(),
    async next() {
      const late = AbortSignal.timeout(PATIENCE_MS);
      for (;;) {
        const line = lines.shift();
        if (line !== undefined) return line;
        if (message.closed) throw new Error('the watch has ended');
        await new Promise<void>((resolve, reject) => {
          wake = resolve;
          message.once('close', resolve);
          late.addEventListener('abort', () => reject(new Error('no event came')), { once: true });
        });
      }
    },
  };
};

/** A client for the first cluster and user of a kubeconfig text. */
export const openClient = (kubeconfig: string): Client => {
  const entry = entryOf(kubeconfig);
  return {
    async ask(method, path, question = {}) {
      const message = await open(entry, method, path, question);
      return { status: message.statusCode ?? 0, headers: message.headers, body: parsed(await wholeOf(message)) };
    },
    async watch(path, accept = 'application/json') {
      return watchOver(await open(entry, 'GET', path, { accept }));
    },
  };
};
