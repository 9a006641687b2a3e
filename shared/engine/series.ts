/** The Prometheus series of single Canaries: set after each pass, gone with the Canary. */
import type { Canary } from '../api/canary.ts';
import { primaryWorkloadNameOf, targetNameOf } from '../api/names.ts';
import type { Metrics } from './ports.ts';
import type { Pass } from './tick.ts';

interface Known {
  name: string;
  primary: string;
  namespace: string;
}

const knownOf = (canary: Canary): Known => ({
  name: targetNameOf(canary),
  primary: primaryWorkloadNameOf(canary),
  namespace: canary.metadata.namespace ?? '',
});

export class Series {
  readonly #metrics: Metrics;
  readonly #known = new Map<string, Known>();

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  /** A Canary came, or changed its target. */
  see(key: string, canary: Canary): void {
    const known = knownOf(canary);
    const before = this.#known.get(key);
    if (before?.name === known.name) return;
    if (before) this.#drop(before);
    this.#known.set(key, known);
    this.#count(known.namespace);
  }

  forget(key: string): void {
    const known = this.#known.get(key);
    if (!known) return;
    this.#known.delete(key);
    this.#drop(known);
    this.#count(known.namespace);
  }

  /** Phase and weights as the pass found them. */
  measure({ canary, routes }: Pass): void {
    if (!canary) return;
    const { name, primary, namespace } = knownOf(canary);
    const phase = canary.status?.phase;
    this.#metrics.set(
      'flagger_canary_status',
      { name, namespace },
      phase === 'Progressing' ? 0 : phase === 'Failed' ? 2 : 1,
    );
    if (!routes) return;
    this.#metrics.set('flagger_canary_weight', { workload: name, namespace }, routes.canary);
    this.#metrics.set('flagger_canary_weight', { workload: primary, namespace }, routes.primary);
  }

  #drop({ name, primary, namespace }: Known): void {
    for (const series of [
      'flagger_canary_status',
      'flagger_canary_metric_analysis',
      'flagger_canary_duration_seconds',
    ]) {
      this.#metrics.forget(series, { name, namespace });
    }
    for (const workload of [name, primary]) this.#metrics.forget('flagger_canary_weight', { workload, namespace });
  }

  #count(namespace: string): void {
    const count = [...this.#known.values()].filter((one) => one.namespace === namespace).length;
    if (count === 0) this.#metrics.forget('flagger_canary_total', { namespace });
    else this.#metrics.set('flagger_canary_total', { namespace }, count);
  }
}
