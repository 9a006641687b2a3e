/** The process as an `Io`: the only file of the plugin, beside main.ts, that touches `process`. */
import { CanaryError, EXIT } from '../shared/errors.ts';
import { systemClock } from '../shared/platform/clock.ts';
import type { InStream, Io, OutStream } from './io.ts';

type WriteStream = NodeJS.WriteStream;

/** Node makes a standard stream when it is first touched, which takes milliseconds: not before it is needed. */
const outStream = (open: () => WriteStream, prepare: (stream: WriteStream) => void): OutStream => {
  let opened: WriteStream | undefined;
  const stream = (): WriteStream => {
    if (opened === undefined) {
      opened = open();
      prepare(opened);
    }
    return opened;
  };
  return {
    write: (text) => void stream().write(text),
    get isTTY() {
      return stream().isTTY === true;
    },
    columns: () => (stream().isTTY ? stream().columns : undefined),
    rows: () => (stream().isTTY ? stream().rows : undefined),
    onResize: (listener) => {
      stream().on('resize', listener);
      return () => stream().off('resize', listener);
    },
  };
};

const readAll = async (stdin: NodeJS.ReadStream): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk as Buffer));
  return Buffer.concat(chunks).toString('utf8');
};

const readLine = async (): Promise<string> => {
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: process.stdin });
  try {
    return await new Promise((resolve) => {
      lines.once('line', resolve);
      lines.once('close', () => resolve(''));
    });
  } finally {
    lines.close();
  }
};

const listenToKeys = (stdin: NodeJS.ReadStream, listener: (key: string) => void): (() => void) => {
  const onData = (data: Buffer) => listener(data.toString('utf8'));
  stdin.setRawMode(true);
  stdin.on('data', onData);
  stdin.resume();
  return () => {
    stdin.off('data', onData);
    stdin.setRawMode(false);
    stdin.pause();
  };
};

const inStream = (): InStream => ({
  get isTTY() {
    return process.stdin.isTTY === true;
  },
  read: () => readAll(process.stdin),
  line: readLine,
  keys: (listener) => listenToKeys(process.stdin, listener),
});

const SIGNALS = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated } as const;

export interface Terminal extends Io {
  /** Puts cursor and screen back, for an exit that cannot wait. */
  restore(): void;
}

/** Wires signals, closed pipes and the terminal of this process. */
export const createTerminal = (): Terminal => {
  const abort = new AbortController();
  const restorers = new Set<() => void>();
  let code: number | undefined;
  const restore = () => {
    for (const one of restorers) one();
    restorers.clear();
  };
  for (const [signal, exitCode] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      if (code !== undefined) {
        restore();
        process.exit(exitCode);
      }
      code = exitCode;
      abort.abort(new CanaryError('INTERRUPTED', 'interrupted'));
    });
  }
  const endQuietly = (stream: WriteStream): void => {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      restore();
      process.exit(EXIT.done);
    });
  };
  const io: Io = {
    stdout: outStream(() => process.stdout, endQuietly),
    stderr: outStream(() => process.stderr, endQuietly),
    stdin: inStream(),
    env: process.env,
    clock: systemClock,
    cwd: process.cwd(),
    connect: async (input) => (await import('./connect.ts')).connect(input, io),
    signal: abort.signal,
    interruptedBy: () => code,
    onHardExit: (one) => {
      restorers.add(one);
      return () => void restorers.delete(one);
    },
  };
  return { ...io, restore };
};
