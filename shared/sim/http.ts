/** The server over sockets. */
import type { Context } from './context.ts';
import type { SimServer } from './server.ts';

export interface ListenOptions {
  readonly port?: number;
}

export interface Listening {
  readonly url: string;
  readonly kubeconfig: string;
  close(): Promise<void>;
}

/** Starts a listener on 127.0.0.1. */
export const listen = async (_context: Context, _server: Omit<SimServer, 'kube'>, _options: ListenOptions): Promise<Listening> => ({
  url: '',
  kubeconfig: '',
  close: async () => {},
});
