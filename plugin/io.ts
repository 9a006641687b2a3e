/** The terminal as a port: commands never touch `process`, so that a test can run them whole. */
import type { Clock, Kube } from '../shared/engine/ports.ts';
import type { Input } from './cli/input.ts';

export interface OutStream {
  write(text: string): void;
  readonly isTTY: boolean;
  /** Cells per line; undefined when it is not a terminal. */
  columns(): number | undefined;
  rows(): number | undefined;
  /** Calls back when the terminal changed its size. Returns how to stop. */
  onResize(listener: () => void): () => void;
}

export interface InStream {
  readonly isTTY: boolean;
  /** All of it, as text. */
  read(): Promise<string>;
  /** One line, for a yes or a name. */
  line(): Promise<string>;
  /** Raw keys as they are pressed; only on a terminal. Returns how to stop, which restores the terminal. */
  keys(listener: (key: string) => void): () => void;
}

/** One API server, and where in it the user stands. */
export interface Connection {
  readonly kube: Kube;
  /** `-n`, else the context's, else `default`. */
  readonly namespace: string;
  /** Name of the context; `in-cluster` in a pod. */
  readonly context: string;
  close(): void;
}

export interface Io {
  readonly stdout: OutStream;
  readonly stderr: OutStream;
  readonly stdin: InStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly cwd: string;
  /** Reads the kubeconfig as the flags say; the Kubernetes client is loaded here, not before. Throws KUBECONFIG. */
  connect(input: Input): Promise<Connection>;
  /** Aborted by the first SIGINT or SIGTERM; a command then ends in order. */
  readonly signal: AbortSignal;
  /** The exit code that belongs to the signal that came; undefined while none came. */
  interruptedBy(): number | undefined;
  /** Runs at a hard exit (second Ctrl-C, crash): put the cursor back. Returns how to take it off again. */
  onHardExit(restore: () => void): () => void;
}
