import { type ClientRequestArgs, Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect as tlsConnect } from 'node:tls';
import type { Access, TlsMaterial } from './connection.ts';

const KEEP_ALIVE = { keepAlive: true, keepAliveMsecs: 30_000, scheduling: 'lifo' } as const;
const PROXY_TIMEOUT_MS = 30_000;

type Connected = (error: Error | null, socket?: Duplex) => void;

/** Asks an HTTP proxy for a tunnel to `host:port`. */
const openTunnel = (proxy: URL, to: string, done: Connected): void => {
  const user = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  const send = proxy.protocol === 'https:' ? httpsRequest : httpRequest;
  const asked = send({
    host: proxy.hostname.replace(/^\[|\]$/g, ''),
    port: proxy.port === '' ? (proxy.protocol === 'https:' ? 443 : 80) : proxy.port,
    method: 'CONNECT',
    path: to,
    agent: false,
    timeout: PROXY_TIMEOUT_MS,
    headers: {
      host: to,
      ...(proxy.username === '' ? {} : { 'proxy-authorization': `Basic ${Buffer.from(user).toString('base64')}` }),
    },
  });
  const refused = (status: number | undefined): Error =>
    new Error(`the proxy ${proxy.host} answered ${status ?? 'nothing'}`);
  asked.once('timeout', () => asked.destroy(refused(undefined)));
  asked.once('error', (error) => done(error));
  asked.once('response', (response) => (response.resume(), done(refused(response.statusCode))));
  asked.once('connect', (response, socket) => {
    if (response.statusCode === 200) return done(null, socket);
    socket.destroy();
    return done(refused(response.statusCode));
  });
  asked.end();
};

/** Connects through a tunnel and speaks TLS inside it. */
class TunnelAgent extends HttpsAgent {
  private readonly proxy: URL;
  private readonly secure: boolean;

  constructor(proxy: URL, secure: boolean, tls: TlsMaterial) {
    super({ ...KEEP_ALIVE, ...tls });
    this.proxy = proxy;
    this.secure = secure;
  }

  override createConnection(options: ClientRequestArgs & ConnectionOptions, done: Connected): undefined {
    const host = String(options.host);
    const to = `${host.includes(':') ? `[${host}]` : host}:${options.port}`;
    openTunnel(this.proxy, to, (error, socket) => {
      if (error !== null || socket === undefined || !this.secure) return done(error, socket);
      const { path: _path, ...rest } = options;
      return done(null, tlsConnect({ ...(rest as ConnectionOptions), socket }));
    });
  }
}

/** All its connections are alike: without this Node tells them apart by a text of all certificates, twice per request. */
const named = <A extends HttpAgent>(agent: A): A => Object.assign(agent, { getName: () => 'server' });

const createAgent = (server: URL, tls: TlsMaterial, proxy: string | undefined): HttpAgent => {
  const secure = server.protocol === 'https:';
  if (proxy !== undefined) return named(new TunnelAgent(new URL(proxy), secure, tls));
  return named(secure ? new HttpsAgent({ ...KEEP_ALIVE, ...tls }) : new HttpAgent(KEEP_ALIVE));
};

/** Ends the connections that nobody uses; those with a request or a watch on them end with it. */
const retire = (agent: HttpAgent): void => {
  agent.maxFreeSockets = 0;
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
};

/** Connections to one server, kept open between requests. */
export interface Pools {
  /** The connections for these certificates; when the certificates have changed, new ones. */
  pick(access: Access): HttpAgent;
  /** Ends all of them, those in use too. */
  close(): void;
}

/** Opens nothing yet. `proxy` is the address of an HTTP proxy. */
export const createPools = (server: URL, proxy: string | undefined): Pools => {
  let current: { readonly fingerprint: string; readonly agent: HttpAgent } | undefined;
  const all = new Set<HttpAgent>();
  return {
    pick(access) {
      if (access.agent !== undefined) return access.agent;
      if (current?.fingerprint === access.fingerprint) return current.agent;
      if (current !== undefined) retire(current.agent);
      current = { fingerprint: access.fingerprint, agent: createAgent(server, access.tls, proxy) };
      for (const agent of all) if (Object.keys(agent.sockets).length === 0) all.delete(agent);
      all.add(current.agent);
      return current.agent;
    },
    close() {
      for (const agent of all) agent.destroy();
      all.clear();
      current = undefined;
    },
  };
};
