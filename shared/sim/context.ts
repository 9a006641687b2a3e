/** What the parts of one simulated server share. */
import type { KubeObject } from '../api/kube.ts';
import type { Clock } from '../engine/ports.ts';
import type { CompleteHelp, Registry, ServedKind, UserInfo } from './kinds.ts';
import type { Store } from './store.ts';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE';

/** Who writes, and how: what a real request carries in its query and headers. */
export interface Caller {
  readonly user: UserInfo;
  /** fieldManager, or the first part of the User-Agent. */
  readonly manager: string;
  readonly dryRun: boolean;
  readonly fieldValidation: 'Strict' | 'Warn' | 'Ignore';
  /** fieldManager and fieldValidation where the client named them; webhooks see these. */
  readonly given?: { readonly fieldManager?: string; readonly fieldValidation?: string };
  /** Texts for Warning headers; the server adds to it. */
  readonly warnings: string[];
}

/** One write as admission sees it. */
export interface Review {
  readonly kind: ServedKind;
  readonly subresource: string;
  readonly operation: Operation;
  readonly namespace: string;
  readonly name: string;
  readonly object: KubeObject | undefined;
  readonly old: KubeObject | undefined;
  readonly caller: Caller;
}

/** Admission webhooks. Both throw a StatusError to refuse. */
export interface Admission {
  /** Is anything registered at all? Where not, a write needs no turn of the event loop. */
  isIdle(): boolean;
  /** The object after all mutating webhooks. */
  mutate(review: Review): Promise<KubeObject | undefined>;
  validate(review: Review): Promise<void>;
}

export interface Context {
  readonly store: Store;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly admission: Admission;
  /** Distinct names for one server: the same in each run. */
  nextUid(): string;
  nextSuffix(): string;
  help(): CompleteHelp;
  /** Create a namespace that does not exist when something is created in it. */
  readonly createNamespaces: boolean;
}

/** Kubernetes' form of a time: RFC 3339 in whole seconds. */
export const timestamp = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

export const nobody: UserInfo = { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };

/** A caller for writes from inside the process. */
export const callerFor = (manager: string, more: Partial<Caller> = {}): Caller => ({
  user: nobody,
  manager,
  dryRun: false,
  fieldValidation: 'Ignore',
  warnings: [],
  ...more,
});
