import { KINDS } from '../../shared/api/kinds.ts';
import { type Kind, type KubeObject, kindKey } from '../../shared/api/kube.ts';
import { ADMISSION_LABEL } from '../../shared/api/names.ts';
import type { Cache, Clock, Kube } from '../../shared/engine/ports.ts';
import { hasCode, messageOf } from '../../shared/errors.ts';
import type { Glance } from '../../shared/kube/cache.ts';
import {
  type AdmissionMode,
  admissionModeOf,
  type Found,
  type Listed,
  type Lookup,
  type Related,
} from '../../shared/rules/input.ts';
import { type Answered, relatedIn } from '../../shared/rules/related.ts';
import type { WebhookMetrics } from './metrics.ts';

export interface LookupOptions {
  readonly kube: Kube;
  /** Where given, these kinds are read from it: what it lacks is asked live, what it holds may be a moment old. */
  readonly cache?: Cache & Partial<Glance>;
  readonly clock: Clock;
  readonly metrics: WebhookMetrics;
  /** Longest wait for one answer, milliseconds. */
  readonly eachMs: number;
  /** Longest wait for all answers of one review, milliseconds. */
  readonly totalMs: number;
}

/** Kinds that a webhook watches, so that most reviews cost no request. */
export const WATCHED_KINDS: readonly Kind[] = [
  KINDS.canary,
  KINDS.scaledObject,
  KINDS.hpa,
  KINDS.deployment,
  KINDS.namespace,
];

const WATCHED: ReadonlySet<string> = new Set(WATCHED_KINDS.map(kindKey));

/** Answers to the questions of one review, all within one budget of time. Nothing here throws. */
export interface Lookups {
  /** `fresh`: past the cache, for an answer that somebody's request will be refused by. */
  answer(lookups: readonly Lookup[], fresh?: boolean): Promise<Related>;
  /** How strict the namespace wants to be; the default where that can't be read. */
  modeOf(namespace: string): Promise<AdmissionMode>;
}

type Answer = Found | Listed;

const named = (items: readonly KubeObject[], namespace: string): KubeObject[] =>
  items.filter((item) => (item.metadata.namespace ?? '') === namespace);

/** Reads for one batch, until its alarm goes off. */
class Batch {
  readonly #options: LookupOptions;
  readonly #fresh: boolean;
  #stop: AbortController | undefined;
  late: Error | undefined;

  constructor(options: LookupOptions, fresh: boolean) {
    this.#options = options;
    this.#fresh = fresh;
  }

  /** Ends what is under way. */
  end(late: Error): void {
    this.late = late;
    this.#stop?.abort(late);
  }

  /** One answer, whatever happens. */
  async answer(lookup: Lookup): Promise<Answer> {
    const { metrics } = this.#options;
    const { kind } = lookup.kind;
    try {
      const answer = await this.#read(lookup);
      metrics.looked(kind, 'found');
      return answer;
    } catch (error) {
      const absent = hasCode(error, 'API_NOT_FOUND', 'KIND_MISSING');
      metrics.looked(kind, absent ? 'absent' : this.late === undefined ? 'error' : 'timeout');
      if (!absent) return { unknown: messageOf(error) };
      return lookup.name === undefined ? { items: [] } : { missing: true };
    }
  }

  async #read({ kind, namespace, name }: Lookup): Promise<Answer> {
    const { kube } = this.#options;
    if (name === undefined) {
      const known = await this.#cached(kind, (cache) => cache.list(kind));
      return {
        items:
          known === undefined
            ? (await kube.list(kind, { namespace, signal: this.#signal() })).items
            : named(known, namespace),
      };
    }
    const ref = { kind, namespace, name };
    return {
      found: (await this.#cached(kind, (cache) => cache.get(ref))) ?? (await kube.get(ref, { signal: this.#signal() })),
    };
  }

  /** What the cache says; undefined where it may not be asked, holds nothing, or has failed: the API server is asked then. */
  async #cached<T>(kind: Kind, read: (cache: Cache) => Promise<T>): Promise<T | undefined> {
    const { cache, metrics } = this.#options;
    if (cache === undefined || this.#fresh || !WATCHED.has(kindKey(kind))) return undefined;
    try {
      return await read(cache);
    } catch (error) {
      if (!hasCode(error, 'KIND_MISSING')) metrics.looked(kind.kind, 'error');
      return undefined;
    }
  }

  /** Made when the first request needs it: a review that the cache answers needs none. */
  #signal(): AbortSignal {
    if (this.late !== undefined) throw this.late;
    this.#stop ??= new AbortController();
    return this.#stop.signal;
  }
}

/**
 * The answers that the cache gives this instant; undefined when it lacks one of them. Most reviews need nothing else,
 * and neither a timer nor a turn of the event loop.
 */
export const answersAtHand = ({ cache, metrics }: LookupOptions, lookups: readonly Lookup[]): Related | undefined => {
  if (cache?.peek === undefined || cache.peekAll === undefined) return undefined;
  const answered: Answered[] = [];
  for (const lookup of lookups) {
    const { kind, namespace, name } = lookup;
    if (!WATCHED.has(kindKey(kind))) return undefined;
    const items = name === undefined ? cache.peekAll(kind, namespace) : undefined;
    const found = name === undefined ? undefined : cache.peek({ kind, namespace, name });
    if (items !== undefined) answered.push({ lookup, answer: { items } });
    else if (found !== undefined) answered.push({ lookup, answer: { found } });
    else return undefined;
  }
  for (const { kind } of lookups) metrics.looked(kind.kind, 'found');
  return relatedIn(answered);
};

/** The look-ups of one review; `budgetMs` is what its caller is ready to wait for everything. */
export const openLookups = (options: LookupOptions, budgetMs: number): Lookups => {
  const { clock } = options;
  const endsAt = clock.monotonic() + Math.min(options.totalMs, budgetMs);

  /** All side by side, under one alarm. What has not answered by then is unknown, whether it heard the signal or not. */
  const readAll = async (lookups: readonly Lookup[], fresh: boolean): Promise<Answered[]> => {
    const ms = Math.min(options.eachMs, endsAt - clock.monotonic());
    const late = ms > 0 ? `no answer within ${Math.round(ms)} ms` : 'no time left';
    const answered: Answered[] = lookups.map((lookup) => ({ lookup, answer: { unknown: late } }));
    if (ms <= 0 || lookups.length === 0) return answered;
    const batch = new Batch(options, fresh);
    await new Promise<void>((resolve) => {
      let open = lookups.length;
      const alarm = clock.after(ms, () => {
        batch.end(new Error(late));
        resolve();
      });
      for (const [index, lookup] of lookups.entries()) {
        void batch.answer(lookup).then((answer) => {
          if (batch.late === undefined) answered[index] = { lookup, answer };
          open -= 1;
          if (open > 0) return;
          alarm.cancel();
          resolve();
        });
      }
    });
    return answered;
  };

  return {
    answer: async (lookups, fresh = false) => relatedIn(await readAll(lookups, fresh)),
    async modeOf(name) {
      const [answered] = await readAll([{ kind: KINDS.namespace, namespace: '', name }], false);
      const answer = answered?.answer;
      return admissionModeOf(
        answer !== undefined && 'found' in answer ? answer.found.metadata.labels?.[ADMISSION_LABEL] : undefined,
      );
    },
  };
};
