/** A terminal in memory: what a command writes can be read, and keys and signals can be given. */
import { dispatch } from '../../../plugin/cli/dispatch.ts';
import { reportFailure } from '../../../plugin/failure.ts';
import type { Connection, Io, OutStream } from '../../../plugin/io.ts';
import type { Clock, Kube } from '../../../shared/engine/ports.ts';
import { CanaryError } from '../../../shared/errors.ts';
import { createVirtualClock } from '../../../shared/sim/clock.ts';

export interface TerminalOptions {
  readonly kube?: Kube;
  readonly clock?: Clock;
  readonly env?: Readonly<Record<string, string>>;
  /** A terminal of this size; absent: pipes. */
  readonly size?: { readonly columns: number; readonly rows: number };
  /** What stands on standard input, or is typed as one line. */
  readonly input?: string;
  readonly namespace?: string;
  readonly context?: string;
}

export interface TestTerminal {
  readonly io: Io;
  out(): string;
  err(): string;
  /** Forgets what was written. */
  clear(): void;
  press(...keys: string[]): void;
  interrupt(): void;
  /** Runs a command as the program would; answers the exit code. */
  run(...argv: string[]): Promise<number>;
}

export const createTestTerminal = (options: TerminalOptions = {}): TestTerminal => {
  const written = { out: '', err: '' };
  const listeners = new Set<(key: string) => void>();
  const abort = new AbortController();
  let code: number | undefined;
  const isTTY = options.size !== undefined;
  const stream = (name: 'out' | 'err'): OutStream => ({
    write: (text) => void (written[name] += text),
    isTTY,
    columns: () => options.size?.columns,
    rows: () => options.size?.rows,
    onResize: () => () => undefined,
  });
  const connect = async (input: { text(name: string): string | undefined }): Promise<Connection> => {
    if (options.kube === undefined) throw new CanaryError('KUBECONFIG', 'no kubeconfig found');
    const namespace = input.text('namespace') ?? options.namespace ?? 'test';
    return { kube: options.kube, namespace, context: options.context ?? 'sim', close: () => undefined };
  };
  const io: Io = {
    stdout: stream('out'),
    stderr: stream('err'),
    stdin: {
      isTTY,
      read: async () => options.input ?? '',
      line: async () => options.input ?? '',
      keys: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
    env: options.env ?? {},
    clock: options.clock ?? createVirtualClock(),
    cwd: process.cwd(),
    connect,
    signal: abort.signal,
    interruptedBy: () => code,
    onHardExit: () => () => undefined,
  };
  return {
    io,
    out: () => written.out,
    err: () => written.err,
    clear: () => Object.assign(written, { out: '', err: '' }),
    press: (...keys) => {
      for (const key of keys) for (const listener of listeners) listener(key);
    },
    interrupt: () => {
      code = 130;
      abort.abort(new CanaryError('INTERRUPTED', 'interrupted'));
    },
    run: (...argv) => dispatch(argv, io).catch((error: unknown) => reportFailure(error, argv, io)),
  };
};
