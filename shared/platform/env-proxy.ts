import { BlockList, isIP } from 'node:net';

/** Environment variables by name; `process.env` unless a test gives others. */
export type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host);

const inNetwork = (host: string, network: string): boolean => {
  const version = isIP(host);
  const [base = '', bits = ''] = network.split('/');
  if (version === 0 || isIP(base) !== version || !/^\d+$/.test(bits)) return false;
  const list = new BlockList();
  const family = version === 4 ? 'ipv4' : 'ipv6';
  list.addSubnet(base, Number(bits), family);
  return list.check(host, family);
};

/** One entry of NO_PROXY: `*`, an address, a network, `host`, `.suffix`, each with an optional port. */
const matches = (entry: string, host: string, port: string): boolean => {
  if (entry === '*') return true;
  if (entry.includes('/')) return inNetwork(host, entry);
  const withPort = /^(?:\[(.+)\]|([^:]+)):(\d+)$/.exec(entry);
  if (withPort !== null && withPort[3] !== port) return false;
  const name = (withPort?.[1] ?? withPort?.[2] ?? entry).replace(/^\*(?=\.)/, '').toLowerCase();
  if (isIP(name) !== 0) return name === host;
  return host === name || host.endsWith(name.startsWith('.') ? name : `.${name}`);
};

const read = (env: Environment, name: string): string => env[name.toUpperCase()] ?? env[name] ?? '';

/**
 * The proxy that the environment names for `url`, by the rules of Go programs: HTTPS_PROXY or HTTP_PROXY by scheme,
 * NO_PROXY with names, suffixes, addresses and networks, and never for a loopback address.
 */
export const proxyFor = (url: URL, env: Environment = process.env): string | undefined => {
  const proxy = read(env, url.protocol === 'https:' ? 'https_proxy' : 'http_proxy');
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (proxy === '' || isLoopback(host)) return undefined;
  const port = url.port === '' ? (DEFAULT_PORTS[url.protocol] ?? '') : url.port;
  const exempt = read(env, 'no_proxy')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  if (exempt.some((entry) => matches(entry, host, port))) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
};
