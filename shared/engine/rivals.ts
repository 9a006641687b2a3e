/** Canaries that would undo each other's work: the oldest one goes on, the others are told why they do not. */
import type { Canary } from '../api/canary.ts';
import { apexNameOf, targetNameOf } from '../api/names.ts';

const claimsOf = (canary: Canary): { claim: string; text: (holder: string) => string }[] => {
  const namespace = canary.metadata.namespace ?? '';
  const target = targetNameOf(canary);
  // A Canary that names no target has no claim to anything.
  if (target === '') return [];
  const { targetRef, autoscalerRef } = canary.spec;
  const apex = apexNameOf(canary);
  return [
    {
      claim: `target ${targetRef.kind}/${namespace}/${target}`,
      text: (holder) =>
        `Canary ${holder} already targets ${targetRef.kind} ${target}; two would overwrite each other. Delete one.`,
    },
    {
      claim: `apex ${namespace}/${apex}`,
      text: (holder) => `Canary ${holder} already generates Service ${apex}. Set spec.service.name.`,
    },
    ...(autoscalerRef
      ? [
          {
            claim: `scaler ${autoscalerRef.kind}/${namespace}/${autoscalerRef.name}`,
            text: (holder: string) =>
              `Canary ${holder} also pauses ${autoscalerRef.kind} ${autoscalerRef.name}. Give each its own.`,
          },
        ]
      : []),
  ];
};

const isOlder = (a: Canary, b: Canary): boolean => {
  const [at, bt] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''];
  return at === bt ? a.metadata.name < b.metadata.name : at < bt;
};

export class Rivals {
  readonly #holders = new Map<string, Map<string, Canary>>();
  readonly #claims = new Map<string, string[]>();

  /** Notes what this Canary claims; returns the keys of those that claim the same. */
  set(key: string, canary: Canary): string[] {
    const touched = this.forget(key);
    const claims = claimsOf(canary).map((one) => one.claim);
    this.#claims.set(key, claims);
    for (const claim of claims) {
      const holders = this.#holders.get(claim) ?? new Map<string, Canary>();
      holders.set(key, canary);
      this.#holders.set(claim, holders);
      touched.push(...holders.keys());
    }
    return [...new Set(touched)].filter((other) => other !== key);
  }

  forget(key: string): string[] {
    const touched: string[] = [];
    for (const claim of this.#claims.get(key) ?? []) {
      const holders = this.#holders.get(claim);
      holders?.delete(key);
      if (holders?.size === 0) this.#holders.delete(claim);
      else touched.push(...(holders?.keys() ?? []));
    }
    this.#claims.delete(key);
    return touched;
  }

  /** Why this Canary must stand back, in one line; undefined: nobody older claims the same. */
  problemOf(key: string, canary: Canary): string | undefined {
    for (const { claim, text } of claimsOf(canary)) {
      for (const [other, holder] of this.#holders.get(claim) ?? []) {
        if (other !== key && isOlder(holder, canary)) return text(holder.metadata.name);
      }
    }
    return undefined;
  }
}
