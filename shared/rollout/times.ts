/** Times as they stand in a status. */

/** With milliseconds, for times of our own. */
export const isoTime = (ms: number): string => new Date(ms).toISOString();

/** Kubernetes writes whole seconds. */
export const kubeTime = (ms: number): string => isoTime(ms).replace(/\.\d+Z$/, 'Z');
