import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import {
  BACKDATE_MS,
  CA_LIFE_MS,
  createAuthority,
  type Entropy,
  issueLeaf,
  type KeyPair,
  LEAF_LIFE_MS,
} from './authority.ts';
import type { CertState } from './state.ts';

/** How long things live and how long each stage lasts, milliseconds. */
export interface RotationTimes {
  readonly caLifeMs: number;
  readonly leafLifeMs: number;
  /** From "both authorities are in every caBundle" to the switch: API servers read their configuration by watches. */
  readonly settleMs: number;
  /** From the switch until the old authority leaves the caBundle; outlasts pooled connections and slow replicas. */
  readonly retireMs: number;
}

export const ROTATION_TIMES: RotationTimes = {
  caLifeMs: CA_LIFE_MS,
  leafLifeMs: LEAF_LIFE_MS,
  settleMs: 60_000,
  retireMs: 3_600_000,
};

export interface RotationFacts extends Entropy {
  /** DNS names and addresses that the leaf must carry. */
  readonly names: readonly string[];
  /** Every configuration was read just now and holds the whole bundle of this state. */
  readonly published: boolean;
  readonly times: RotationTimes;
}

/** A certificate that begins later than this comes from a clock that is wrong. */
const SKEW_MS = 300_000;

/** Start, end and two thirds of a certificate's life (counted from when it was made), milliseconds since 1970. */
export const lifeOf = (pem: string): { start: number; end: number; renewAt: number } => {
  const x509 = new X509Certificate(pem);
  const start = Date.parse(x509.validFrom);
  const end = Date.parse(x509.validTo);
  return { start, end, renewAt: end - (end - start - BACKDATE_MS) / 3 };
};

const isValid = (pem: string, now: number): boolean => {
  const { start, end } = lifeOf(pem);
  return now < end && start <= now + SKEW_MS;
};

const isDue = (pem: string, now: number): boolean => now >= lifeOf(pem).renewAt;

const isGoodLeaf = (leaf: KeyPair, signer: KeyPair, facts: RotationFacts): boolean => {
  const x509 = new X509Certificate(leaf.cert);
  // checkIP throws for anything that is no address.
  const covers = (name: string) => (isIP(name) === 0 ? x509.checkHost(name) : x509.checkIP(name)) !== undefined;
  return (
    isValid(leaf.cert, facts.now) &&
    !isDue(leaf.cert, facts.now) &&
    facts.names.every(covers) &&
    x509.verify(new X509Certificate(signer.cert).publicKey)
  );
};

/** A first state: its own authority and a leaf from it. */
const firstState = (facts: RotationFacts): CertState => {
  const signer = createAuthority(facts, facts.times.caLifeMs);
  return {
    stage: 'steady',
    since: facts.now,
    signer,
    leaf: issueLeaf(signer, facts.names, facts, facts.times.leafLifeMs),
  };
};

const switched = (state: CertState, next: KeyPair, facts: RotationFacts): CertState => ({
  stage: 'retire',
  since: facts.now,
  signer: next,
  previous: state.signer.cert,
  leaf: issueLeaf(next, facts.names, facts, facts.times.leafLifeMs),
});

const renewedLeaf = (state: CertState, facts: RotationFacts): CertState =>
  isGoodLeaf(state.leaf, state.signer, facts)
    ? state
    : { ...state, leaf: issueLeaf(state.signer, facts.names, facts, facts.times.leafLifeMs) };

/** The next stage, when it is time for it; each call moves at most one. */
const moved = (state: CertState, facts: RotationFacts): CertState => {
  const { now, times } = facts;
  switch (state.stage) {
    case 'steady':
      if (!isDue(state.signer.cert, now)) return state;
      return { ...state, stage: 'publish', since: now, next: createAuthority(facts, times.caLifeMs) };
    case 'publish':
      return facts.published ? { ...state, stage: 'settle', since: now } : state;
    case 'settle':
      if (!facts.published || state.next === undefined || now < state.since + times.settleMs) return state;
      return switched(state, state.next, facts);
    case 'retire': {
      if (now < state.since + times.retireMs) return state;
      const { previous: _, ...rest } = state;
      return { ...rest, stage: 'steady', since: now };
    }
  }
};

/**
 * What the Secret should hold next; the same object when nothing is to be done. A new authority is always published
 * and seen in every caBundle before a leaf comes from it, except where the old one is already useless.
 */
export const advance = (state: CertState | undefined, facts: RotationFacts): CertState => {
  if (state === undefined) return firstState(facts);
  if (!isValid(state.signer.cert, facts.now)) {
    const usable = state.next !== undefined && isValid(state.next.cert, facts.now);
    return usable && state.next !== undefined ? switched(state, state.next, facts) : firstState(facts);
  }
  const next = moved(state, facts);
  return next === state ? renewedLeaf(state, facts) : next;
};
