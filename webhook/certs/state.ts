import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { KubeObject, StringMap } from '../../shared/api/kube.ts';
import type { KeyPair } from './authority.ts';

/**
 * Where a change of authority stands. steady: one authority. publish: the next one exists and is being written into
 * every caBundle. settle: every caBundle was seen to hold both; API servers are given time to notice. retire: the leaf
 * comes from the new authority, the old one is still trusted for replicas and connections that lag behind.
 */
export const STAGES = ['steady', 'publish', 'settle', 'retire'] as const;

export type Stage = (typeof STAGES)[number];

/** All that the Secret keeps. Any replica goes on from it, whatever happened to the one that wrote it. */
export interface CertState {
  readonly stage: Stage;
  /** When the stage was entered, milliseconds since 1970. */
  readonly since: number;
  /** The authority that leaves are signed with. */
  readonly signer: KeyPair;
  /** Stages publish and settle: the authority to come. */
  readonly next?: KeyPair;
  /** Stage retire: the certificate of the authority that was. */
  readonly previous?: string;
  readonly leaf: KeyPair;
}

/** Everything an API server must trust at this stage, as PEM. */
export const bundleOf = (state: CertState): string =>
  [state.signer.cert, state.next?.cert, state.previous].filter((pem) => pem !== undefined).join('');

const encode = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
const decode = (data: StringMap, key: string): string | undefined => {
  const value = Object.hasOwn(data, key) ? data[key] : undefined;
  return value === undefined || value === '' ? undefined : Buffer.from(value, 'base64').toString('utf8');
};

/** The `data` of the Secret. `ca.crt` is there for people and other tools: it is what a caBundle should hold. */
export const stateToData = (state: CertState): StringMap => {
  const plain: Record<string, string | undefined> = {
    stage: state.stage,
    since: new Date(state.since).toISOString(),
    'ca.crt': bundleOf(state),
    'tls.crt': state.leaf.cert,
    'tls.key': state.leaf.key,
    'signer.crt': state.signer.cert,
    'signer.key': state.signer.key,
    'next.crt': state.next?.cert,
    'next.key': state.next?.key,
    'previous.crt': state.previous,
  };
  const filled = Object.entries(plain).flatMap(([key, text]) => (text === undefined ? [] : [[key, encode(text)]]));
  return Object.fromEntries(filled) as StringMap;
};

const pairIn = (data: StringMap, name: string): KeyPair | undefined => {
  const cert = decode(data, `${name}.crt`);
  const key = decode(data, `${name}.key`);
  if (cert === undefined || key === undefined) return undefined;
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)) ? { cert, key } : undefined;
  } catch {
    return undefined;
  }
};

/** What a Secret holds; undefined when it is not ours, half-written or unreadable. */
export const stateOfData = (secret: KubeObject): CertState | undefined => {
  const data = (secret['data'] ?? {}) as StringMap;
  const stage = STAGES.find((known) => known === decode(data, 'stage'));
  const since = Date.parse(decode(data, 'since') ?? '');
  const signer = pairIn(data, 'signer');
  const leaf = pairIn(data, 'tls');
  const next = pairIn(data, 'next');
  const previous = decode(data, 'previous.crt');
  if (stage === undefined || Number.isNaN(since) || signer === undefined || leaf === undefined) return undefined;
  if ((stage === 'publish' || stage === 'settle') && next === undefined) return undefined;
  return {
    stage,
    since,
    signer,
    leaf,
    ...(next === undefined ? {} : { next }),
    ...(previous === undefined ? {} : { previous }),
  };
};
