/** Nouns that the core, the codecs and the engine share. Data only. */
import type { KubeObject, Ref } from './kube.ts';

/** Where traffic goes. Weights are percentages and sum to 100. */
export interface Routes {
  primary: number;
  canary: number;
  /** A copy of primary traffic is sent to the canary. */
  mirrored: boolean;
  /** Absent: no user is pinned to a version. */
  cookies?: Cookies;
}

/** Session cookies, each as `name=value`. */
export interface Cookies {
  /** Pins a user to the canary, where it has any traffic. */
  canary?: string;
  /** Pins a user to the primary, where the canary has any traffic. */
  primary?: string;
  /** That of the analysis before: once the canary has no traffic, users who bring it are told to drop it. */
  previous?: string;
}

/** What the live objects say. */
export interface LiveRoutes extends Routes {
  /** Why the data plane does not route by them yet, in one line; absent: it does, or does not say. */
  pending?: string;
}

/** What a traffic provider can do; rules, core, support table and conformance suite all read this. */
export interface Capabilities {
  weights: boolean;
  /** Forms of `analysis.match` entries it can route by; empty: no A/B testing. */
  match: readonly MatchForm[];
  /** How many entries of `match` or `preview` it can carry; absent: any number. */
  entries?: 'one' | 'one-header-one-cookie';
  mirror: 'none' | 'iterations' | 'always';
  mirrorWeight: boolean;
  /** Whom cookies keep on their version. `own-cookies`: the provider makes them itself; only their name is the Canary's. */
  sessionAffinity: 'none' | 'canary' | 'canary-and-primary' | 'own-cookies';
  /** Requests that `analysis.preview` names can reach the canary beside the weights, by the forms of `match`. */
  preview?: boolean;
  /** It divides the traffic of every port of the Services; absent: that of `service.port` alone. */
  everyPort?: boolean;
  /** The reference field that must be set for it to work. */
  needs?: 'ingressRef' | 'routeRef' | 'gatewayRefs' | 'meshName';
  /** Anything but iterations makes no sense: it has no way to split traffic. */
  iterationsOnly: boolean;
  /** The project behind it is no longer maintained. */
  retired: boolean;
  /** `analysis.match` without iterations would send all matched requests to the canary at once. */
  jumpsOnMatch?: boolean;
  /** It divides the traffic within the target: it needs one that keeps both revisions itself, and no other router can do with that. */
  splitsTarget?: boolean;
  /** Fields of `spec.service` that shape its routes; absent: none does. */
  reads?: readonly RouteField[];
  /** How durations of `spec.service` must be written; absent: it reads none. GEP-2257 is Gateway API's own form. */
  durations?: 'go' | 'gep-2257';
}

/** What `spec.service` says of routes, beside ports and what a provider needs. */
export const ROUTE_FIELDS = [
  'hosts',
  'gateways',
  'delegation',
  'match',
  'rewrite',
  'retries',
  'timeout',
  'backendTimeout',
  'headers',
  'mirror',
  'corsPolicy',
  'trafficPolicy',
  'backends',
] as const;

export type RouteField = (typeof ROUTE_FIELDS)[number];

export type MatchForm =
  | 'header-exact'
  | 'header-prefix'
  | 'header-suffix'
  | 'header-regex'
  | 'cookie'
  | 'query'
  | 'source-labels';

/** An HTTP exchange as data. The engine sends it; the pure core builds it and reads the answer. */
export interface HttpRequest {
  method: 'GET' | 'POST';
  url: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  timeoutMs: number;
  /** Further attempts after 429, 5xx (not 501) and transport errors, waiting 1, 2, 4 … 30 s. */
  retries: number;
  insecureSkipVerify?: boolean;
  proxy?: string;
}

export type HttpResult =
  | { ok: true; status: number; body: string; headers: Readonly<Record<string, string>>; attempts: number }
  /** No answer: refused, timed out, TLS. `error` is one line without credentials. */
  | { ok: false; error: string; attempts: number };

/** A question that costs I/O. Asked only when the phase needs it; the key names it within one pass. */
export type Probe =
  | { ask: 'hook'; index: number; phase: string }
  /** `part`: one entry may be several checks: built in by its name, an inline query, a template. */
  | {
      ask: 'metric';
      index: number;
      part: 'builtin' | 'query' | 'template';
      /** Asked about the primary; absent: about the canary. */
      side?: 'primary';
      /** How many requests the value rests on; absent: the value. */
      about?: 'samples';
    }
  /** Do the metric providers of this canary answer at all? */
  | { ask: 'online' }
  /** Does the cluster still keep the target as it was in this revision? */
  | { ask: 'kept'; revision: string };

export type Answer =
  | { kind: 'hook'; passed: boolean; error: string }
  /** `error`: why nobody could look. */
  | { kind: 'kept'; isKept: boolean; error?: string }
  | { kind: 'value'; value: number; query: string; samples?: number }
  /** The provider answered, but has no data. */
  | { kind: 'empty'; error: string; query: string }
  /** Nothing could be asked or nothing answered; `message` is the whole text to report. */
  | { kind: 'error'; message: string; query: string };

export type Answers = ReadonlyMap<string, Answer>;

/** The key of a probe in `Answers`. */
export const probeKey = (probe: Probe): string => {
  if (probe.ask === 'hook') return `hook:${probe.index}`;
  if (probe.ask === 'metric')
    return ['metric', probe.index, probe.part, probe.side, probe.about].filter((part) => part !== undefined).join(':');
  return probe.ask === 'kept' ? `kept:${probe.revision}` : 'online';
};

export type Verdict = 'passed' | 'failed' | 'inconclusive';

/** One judged check, as it stands in status and in `why`. */
export interface Check {
  name: string;
  query?: string;
  value?: number;
  min?: number;
  max?: number;
  verdict: Verdict;
  message?: string;
  samples?: number;
  /** The other side of a comparison; `min` and `max` follow from its value. */
  compared?: { with: string; query?: string; value?: number; samples?: number };
  time: string;
}

/** One write as data: idempotent, and carrying the version that the pass read (or a creation). */
export type Write =
  | { do: 'create'; ref: Ref; object: KubeObject }
  /** `object.metadata.resourceVersion` is the version that was read. */
  | { do: 'replace'; ref: Ref; object: KubeObject }
  | { do: 'patch'; ref: Ref; patch: unknown; type: 'merge' | 'json' }
  | { do: 'delete'; ref: Ref };

/** The objects that a pass read, by `refKey`; undefined: read and absent. */
export type Objects = ReadonlyMap<string, KubeObject | undefined>;

/** A codec's answer: what to write, or why it can't (a message for a Warning event). */
export type Rendered = { writes: readonly Write[] } | { problem: string };

export type EventType = 'Normal' | 'Warning';

/** What to tell. `hookPhase` is the phase that event hooks are told; absent: they are not told. */
export type Report =
  | {
      tell: 'event';
      type: EventType;
      reason: string;
      message: string;
      hookPhase?: string /** Told once per key, however often it is decided. */;
      once?: string;
    }
  | { tell: 'alert'; severity: 'info' | 'warn' | 'error'; message: string; fields: readonly AlertField[] }
  | { tell: 'metric'; op: 'set' | 'add'; name: string; labels: Readonly<Record<string, string>>; value: number }
  /** Call the post-rollout hooks in order, telling an event for each. */
  | { tell: 'post-rollout'; phase: string };

export interface AlertField {
  name: string;
  value: string;
}

/** Is a workload ready, and if not, may waiting still help? */
export type Readiness =
  | { ready: true }
  | {
      ready: false;
      message: string;
      deadlineExceeded: boolean;
      /** At least one pod can serve, or none is wanted. */
      isServing: boolean;
      /** When the deadline is exceeded if nothing changes, milliseconds since 1970; absent: no clock of ours runs. */
      deadlineAt?: number;
    };

export type Severity = 'deny' | 'warn';

/** What a rule has to say about one place of an object. */
export interface Finding {
  /** Rule id, e.g. `CANARY-STRAT-004`; stable, never reused. */
  id: string;
  severity: Severity;
  /** `spec.analysis.stepWeights[2]`. */
  path: string;
  message: string;
  /** Shape of the cause in a 422 answer. */
  reason:
    | 'FieldValueInvalid'
    | 'FieldValueRequired'
    | 'FieldValueNotFound'
    | 'FieldValueDuplicate'
    | 'FieldValueForbidden';
}
