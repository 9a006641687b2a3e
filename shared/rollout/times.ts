/** Times as they stand in a status, and how long some things take. */

/**
 * How long pods still answer after the traffic was taken from them, in milliseconds: proxies learn of routes and of pods by
 * different ways, and one that knows of the pods' end alone would fail requests.
 */
export const DRAIN_MS = 2_000;

/** With milliseconds, for times of our own. */
export const isoTime = (ms: number): string => new Date(ms).toISOString();

/** Kubernetes writes whole seconds; the rest of one is cut off. */
export const kubeTime = (ms: number): string => `${isoTime(ms).slice(0, -'.000Z'.length)}Z`;

/** Milliseconds since 1970 of a time in a status; NaN, which compares with nothing, where it has none. */
export const timeOf = (text: string | undefined): number => new Date(text ?? Number.NaN).getTime();
