import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect as connectTo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createKube } from '../../../../shared/kube/client.ts';
import type { Access, Connection, TlsMaterial } from '../../../../shared/kube/connection.ts';
import { createTestCertificate, type TestCertificate } from '../../../../shared/sim/tls.ts';
import { json, serveOn } from '../../../make/http-server.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

let certificate: TestCertificate;
let another: TestCertificate;
beforeAll(async () => {
  [certificate, another] = await Promise.all([createTestCertificate(), createTestCertificate()]);
});

const serve = async () => {
  const { cert, key } = certificate;
  const seen: string[] = [];
  const secure = createSecureServer({ cert, key, requestCert: true, rejectUnauthorized: false });
  const server = await serveOn(secure, 'https', (response, { message }) => {
    const peer = (message.socket as TLSSocket).getPeerCertificate();
    seen.push(Object.keys(peer).length === 0 ? 'nobody' : peer.serialNumber + peer.fingerprint);
    json(response, 200, {});
  });
  closing.push(() => server.close());
  return { ...server, seen };
};

const kubeTo = (server: string, tls: () => Partial<TlsMaterial>, more: Partial<Connection> = {}) => {
  const current = (): Promise<Access> => {
    const material = { rejectUnauthorized: true, ...tls() };
    return Promise.resolve({ headers: {}, tls: material, fingerprint: JSON.stringify(material) });
  };
  const credentials = { current, renew: () => false };
  const kube = createKube({
    server,
    namespace: '',
    contextName: '',
    requestTimeoutMs: 5000,
    warnings: [],
    credentials,
    ...more,
  });
  closing.push(() => kube.close());
  return kube;
};

/** A proxy that tunnels, or refuses. */
const startProxy = async (refuse = false) => {
  const asked: { to: string; authorization: string | undefined }[] = [];
  const proxy = createServer();
  proxy.on('connect', (request, socket) => {
    asked.push({ to: request.url ?? '', authorization: request.headers['proxy-authorization'] });
    if (refuse) return socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    const [host = '', port = ''] = (request.url ?? '').split(':');
    const onward = connectTo(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
    return undefined;
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => proxy.close(resolve)));
  return { asked, address: `127.0.0.1:${(proxy.address() as AddressInfo).port}` };
};

describe('TLS to an API server', () => {
  it('trusts the authority of the cluster and no other', async () => {
    const { url } = await serve();
    await expect(kubeTo(url, () => ({ ca: certificate.authority })).raw('GET', '/')).resolves.toEqual({});
    await expect(kubeTo(url, () => ({ ca: another.authority })).raw('GET', '/')).rejects.toMatchObject({
      code: 'API_UNREACHABLE',
      message: `the API server ${url} is not trusted: the certificate is signed by an unknown authority`,
      remedy: expect.stringContaining('--certificate-authority') as string,
    });
    await expect(kubeTo(url, () => ({ rejectUnauthorized: false })).raw('GET', '/')).resolves.toEqual({});
  });

  it('checks the name that it is told to check', async () => {
    const { url } = await serve();
    const named = (servername: string) =>
      kubeTo(url, () => ({ ca: certificate.authority, servername })).raw('GET', '/');
    await expect(named('localhost')).resolves.toEqual({});
    await expect(named('other.test')).rejects.toMatchObject({
      code: 'API_UNREACHABLE',
      message: expect.stringContaining('is not trusted') as string,
    });
  });

  it('shows a client certificate, and makes new connections when that changes', async () => {
    const { url, seen, connections } = await serve();
    let pair: Partial<TlsMaterial> = {};
    const kube = kubeTo(url, () => ({ ca: certificate.authority, ...pair }));
    await kube.raw('GET', '/');
    pair = { cert: certificate.cert, key: certificate.key };
    await kube.raw('GET', '/');
    await kube.raw('GET', '/');
    expect(connections()).toBe(2);
    pair = { cert: another.cert, key: another.key };
    await kube.raw('GET', '/');
    expect(connections()).toBe(3);
    expect(new Set(seen).size).toBe(3);
    expect(seen[0]).toBe('nobody');
  });

  it('goes through an HTTP proxy, and keeps its tunnel', async () => {
    const { url } = await serve();
    const { asked, address } = await startProxy();
    const kube = kubeTo(url, () => ({ ca: certificate.authority }), { proxy: `http://me:pw@${address}` });
    for (let count = 0; count < 3; count += 1) expect(await kube.raw('GET', '/')).toEqual({});
    const authorization = `Basic ${Buffer.from('me:pw').toString('base64')}`;
    expect(asked).toEqual([{ to: url.replace('https://', ''), authorization }]);
  });

  it('says when the proxy refuses, without its password', async () => {
    const { address } = await startProxy(true);
    const kube = kubeTo('https://127.0.0.1:6443', () => ({}), { proxy: `http://me:hunter2@${address}` });
    await expect(kube.raw('GET', '/')).rejects.toMatchObject({
      code: 'API_UNREACHABLE',
      message: `cannot reach the API server https://127.0.0.1:6443: the proxy ${address} answered 407`,
    });
  });

  it('says that nobody listens', async () => {
    const kube = kubeTo('https://127.0.0.1:1', () => ({}));
    await expect(kube.raw('GET', '/')).rejects.toMatchObject({
      code: 'API_UNREACHABLE',
      message: 'cannot reach the API server https://127.0.0.1:1: connection refused (127.0.0.1:1)',
    });
  });
});
