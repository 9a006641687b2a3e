import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Agent, request } from 'node:https';
import { createAuthority, issueLeaf } from '../../../webhook/certs/authority.ts';

const randomBytes = (() => {
  let calls = 0;
  return (count: number) =>
    createHash('sha256')
      .update(`https ${(calls += 1)}`)
      .digest()
      .subarray(0, count);
})();

/** Certificates for 127.0.0.1 that are valid now, as the machine's clock has it: TLS looks at nothing else. */
export const localCertificates = () => {
  const entropy = { now: Date.now(), randomBytes };
  const ca = createAuthority(entropy);
  return { ca, leaf: issueLeaf(ca, ['127.0.0.1'], entropy) };
};

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Serial number of the certificate that was shown. */
  readonly serial: string;
}

export interface Call {
  readonly port: number;
  readonly ca: string;
  readonly path?: string;
  readonly method?: string;
  readonly body?: string | Buffer;
  readonly headers?: Record<string, string>;
  readonly agent?: Agent;
}

/** One exchange over TLS, with a new connection unless an agent is given. */
export const call = ({
  port,
  ca,
  path = '/validate',
  method = 'POST',
  body = '',
  headers = {},
  agent,
}: Call): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        ca,
        path,
        method,
        agent: agent ?? false,
        headers: { 'content-type': 'application/json', ...headers },
      },
      (response) => {
        const socket = response.socket as import('node:tls').TLSSocket;
        const serial = socket.getPeerCertificate().serialNumber;
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString('utf8'),
            serial,
          }),
        );
        response.on('error', reject);
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });

export { Agent };
