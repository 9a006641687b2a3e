import type { Agent } from 'node:https';

/** What a request carries: headers that prove who asks, and the certificates of the connection. */
export interface Access {
  /** A header with several values is sent once for each. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly tls: TlsMaterial;
  /** The same for the same certificates: connections may be shared. */
  readonly fingerprint: string;
  /** Ready-made connections, for a way that only the library knows (SOCKS). */
  readonly agent?: Agent;
}

export interface TlsMaterial {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized: boolean;
}

/** Where headers and certificates come from: read again from disk and helpers as they change. */
export interface Credentials {
  current(signal?: AbortSignal): Promise<Access>;
  /** After a 401: forgets what was remembered. False when nothing new can be had. */
  renew(): boolean;
}

/** One cluster, as one user. */
export interface Connection {
  /** `https://host:port`, with a path when the API server stands behind one; no slash at its end. */
  readonly server: string;
  readonly namespace: string;
  readonly contextName: string;
  /** The name that the kubeconfig gives the user; undefined inside a cluster and without a kubeconfig. */
  readonly user?: string;
  readonly credentials: Credentials;
  /** Every request but a watch ends after this long; 0 means never. */
  readonly requestTimeoutMs: number;
  /** The HTTP proxy to go through, if any. */
  readonly proxy?: string;
  /** To be shown once, such as that credentials were not sent over plain http. */
  readonly warnings: readonly string[];
}
