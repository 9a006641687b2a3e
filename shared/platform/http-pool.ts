import type { Dispatcher } from 'undici';
import { type Environment, proxyFor } from './env-proxy.ts';

/** Connections shared by all requests that travel the same way. */
export interface HttpPool {
  /** `proxy` wins over the environment; without certificate checks the environment's proxies are not used. */
  pick(url: URL, way: { readonly proxy?: string; readonly insecureSkipVerify?: boolean }): Promise<Dispatcher>;
  close(): Promise<void>;
}

/** More ways than a cluster has proxies; a bound all the same, since canaries may name them. */
const MAX_WAYS = 64;

/** Starts empty; opens nothing before the first request. */
export const createHttpPool = (env: Environment): HttpPool => {
  const ways = new Map<string, Dispatcher>();

  const open = async (proxy: string | undefined, rejectUnauthorized: boolean): Promise<Dispatcher> => {
    const { Agent, ProxyAgent } = await import('undici');
    if (proxy === undefined) return new Agent({ connect: { rejectUnauthorized } });
    return new ProxyAgent({ uri: proxy, requestTls: { rejectUnauthorized } });
  };

  return {
    async pick(url, { proxy, insecureSkipVerify = false }) {
      const through = proxy ?? (insecureSkipVerify ? undefined : proxyFor(url, env));
      const key = `${insecureSkipVerify} ${through ?? ''}`;
      const known = ways.get(key);
      if (known !== undefined) return known;
      const opened = await open(through, !insecureSkipVerify);
      const oldest = ways.keys().next().value;
      if (ways.size >= MAX_WAYS && oldest !== undefined) {
        void ways.get(oldest)?.close();
        ways.delete(oldest);
      }
      const raced = ways.get(key);
      if (raced !== undefined) return raced;
      ways.set(key, opened);
      return opened;
    },
    async close() {
      const open = [...ways.values()];
      ways.clear();
      await Promise.all(open.map((dispatcher) => dispatcher.destroy()));
    },
  };
};
