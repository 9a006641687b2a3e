import { type Kind, type KubeObject, kindKey } from '../../shared/api/kube.ts';
import { KINDS } from '../../shared/api/kinds.ts';
import { ADMISSION_LABEL } from '../../shared/api/names.ts';
import type { Cache, Clock, Kube } from '../../shared/engine/ports.ts';
import { hasCode, messageOf } from '../../shared/errors.ts';
import { type AdmissionMode, admissionModeOf, type Found, type Listed, type Lookup, type Related } from '../../shared/rules/input.ts';
import { lookupKey, relatedIn } from '../../shared/rules/related.ts';
import type { WebhookMetrics } from './metrics.ts';

export interface LookupOptions {
  readonly kube: Kube;
  /** Where given, these kinds are read from it: what it lacks is asked live, what it holds may be a moment old. */
  readonly cache?: Cache;
  readonly clock: Clock;
  readonly metrics: WebhookMetrics;
  /** Longest wait for one answer, milliseconds. */
  readonly eachMs: number;
  /** Longest wait for all answers of one review, milliseconds. */
  readonly totalMs: number;
}

/** Kinds that a webhook watches, so that most reviews cost no request. */
export const WATCHED_KINDS: readonly Kind[] = [KINDS.canary, KINDS.scaledObject, KINDS.namespace];

const WATCHED: ReadonlySet<string> = new Set(WATCHED_KINDS.map(kindKey));

/** Answers to the questions of one review, all within one budget of time. Nothing here throws. */
export interface Lookups {
  /** `fresh`: past the cache, for an answer that somebody's request will be refused by. */
  answer(lookups: readonly Lookup[], fresh?: boolean): Promise<Related>;
  one(lookup: Lookup & { readonly name: string }, fresh?: boolean): Promise<Found>;
  all(lookup: Lookup): Promise<Listed>;
  /** How strict the namespace wants to be; the default where that cannot be read. */
  modeOf(namespace: string): Promise<AdmissionMode>;
}

/** Runs with a signal that ends after `ms`, and gives up then even when the signal is not heard. */
const within = async <T>(clock: Clock, ms: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const stop = new AbortController();
  const late = new Error(`no answer within ${Math.round(ms)} ms`);
  let cancel = (): void => {};
  const limit = new Promise<never>((_, reject) => {
    const timer = clock.after(ms, () => {
      reject(late);
      stop.abort(late);
    });
    cancel = () => timer.cancel();
  });
  try {
    return await Promise.race([run(stop.signal), limit]);
  } finally {
    cancel();
  }
};

const named = (items: readonly KubeObject[], namespace: string): KubeObject[] =>
  items.filter((item) => (item.metadata.namespace ?? '') === namespace);

/** The look-ups of one review; `budgetMs` is what its caller is ready to wait for everything. */
export const openLookups = (options: LookupOptions, budgetMs: number): Lookups => {
  const { kube, cache, clock, metrics } = options;
  const endsAt = clock.monotonic() + Math.min(options.totalMs, budgetMs);

  const ask = async <T extends object>(kind: Kind, nothing: T, run: (signal: AbortSignal) => Promise<T>) => {
    const ms = Math.min(options.eachMs, endsAt - clock.monotonic());
    let timedOut = ms <= 0;
    try {
      if (timedOut) throw new Error('no time left');
      const answer = await within(clock, ms, (signal) => {
        signal.addEventListener('abort', () => (timedOut = true), { once: true });
        return run(signal);
      });
      metrics.looked(kind.kind, 'missing' in answer ? 'absent' : 'found');
      return answer;
    } catch (error) {
      if (hasCode(error, 'API_NOT_FOUND', 'KIND_MISSING')) {
        metrics.looked(kind.kind, 'absent');
        return nothing;
      }
      metrics.looked(kind.kind, timedOut ? 'timeout' : 'error');
      return { unknown: messageOf(error) };
    }
  };

  /** What the cache says; undefined where it may not be asked, holds nothing, or has failed: then the API server is asked. */
  const cached = async <T>(kind: Kind, fresh: boolean, signal: AbortSignal, read: (from: Cache) => Promise<T>): Promise<T | undefined> => {
    if (cache === undefined || fresh || !WATCHED.has(kindKey(kind))) return undefined;
    try {
      return await read(cache);
    } catch (error) {
      signal.throwIfAborted();
      if (!hasCode(error, 'KIND_MISSING')) metrics.looked(kind.kind, 'error');
      return undefined;
    }
  };

  const one: Lookups['one'] = ({ kind, namespace, name }, fresh = false) =>
    ask<Found>(kind, { missing: true }, async (signal) => {
      const known = await cached(kind, fresh, signal, (from) => from.get({ kind, namespace, name }, signal));
      return { found: known ?? (await kube.get({ kind, namespace, name }, { signal })) };
    });

  const list = ({ kind, namespace }: Lookup, fresh: boolean): Promise<Listed> =>
    ask<Listed>(kind, { items: [] }, async (signal) => {
      const known = await cached(kind, fresh, signal, (from) => from.list(kind, signal));
      if (known !== undefined) return { items: named(known, namespace) };
      return { items: (await kube.list(kind, { namespace, signal })).items };
    });

  return {
    one,
    all: (lookup) => list(lookup, false),
    async answer(lookups, fresh = false) {
      const answers = await Promise.all(
        lookups.map(async (lookup): Promise<[string, Found | Listed]> => {
          const { name } = lookup;
          return [lookupKey(lookup), name === undefined ? await list(lookup, fresh) : await one({ ...lookup, name }, fresh)];
        }),
      );
      return relatedIn(new Map(answers));
    },
    async modeOf(namespace) {
      const answer = await one({ kind: KINDS.namespace, namespace: '', name: namespace });
      return admissionModeOf('found' in answer ? answer.found.metadata.labels?.[ADMISSION_LABEL] : undefined);
    },
  };
};
