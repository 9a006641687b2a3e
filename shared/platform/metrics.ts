import type { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Metrics } from '../engine/ports.ts';
import { CanaryError } from '../errors.ts';
import { SERIES, type SeriesName, seriesOf } from './metrics-table.ts';

type Labels = Readonly<Record<string, string>>;
type Instrument = Gauge | Counter | Histogram;

export interface MetricsRegistry extends Metrics {
  readonly contentType: string;
  /** All series as Prometheus reads them. */
  render(): Promise<string>;
}

const bug = (text: string): CanaryError => new CanaryError('BUG', text);

const keyOf = (labels: Labels): string =>
  JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));

const carries = (labels: Labels, wanted: Labels): boolean =>
  Object.entries(wanted).every(([name, value]) => labels[name] === value);

const createInstruments = (prom: typeof import('prom-client'), registry: Registry): Map<string, Instrument> => {
  const make = (name: SeriesName): Instrument => {
    const { type, help, labels, buckets } = { buckets: undefined, ...SERIES[name] };
    const common = { name, help, labelNames: [...labels], registers: [registry] };
    if (type === 'gauge') return new prom.Gauge(common);
    return type === 'counter'
      ? new prom.Counter(common)
      : new prom.Histogram({ ...common, ...(buckets ? { buckets: [...buckets] } : {}) });
  };
  return new Map((Object.keys(SERIES) as SeriesName[]).map((name) => [name, make(name)]));
};

/** The controller's series on a registry of their own. A name or operation that the table does not know is a BUG. */
export const createMetrics = async ({ processMetrics = true } = {}): Promise<MetricsRegistry> => {
  const prom = await import('prom-client');
  const registry = new prom.Registry();
  if (processMetrics) prom.collectDefaultMetrics({ register: registry });
  const instruments = createInstruments(prom, registry);
  const known = new Map<string, Map<string, Labels>>();

  /** The instrument of `name` when it is of `type`; remembers the labels, so that they can be forgotten by a part of them. */
  const find = (name: string, type: string, labels: Labels): Instrument => {
    const instrument = instruments.get(name);
    if (instrument === undefined || seriesOf(name)?.type !== type) throw bug(`no ${type} is called ${name}`);
    const sets = known.get(name) ?? new Map<string, Labels>();
    known.set(name, sets.set(keyOf(labels), labels));
    return instrument;
  };

  return {
    contentType: registry.contentType,
    render: () => registry.metrics(),
    set: (name, labels, value) => (find(name, 'gauge', labels) as Gauge).set(labels, value),
    add: (name, labels, value = 1) => (find(name, 'counter', labels) as Counter).inc(labels, value),
    observe: (name, labels, value) => (find(name, 'histogram', labels) as Histogram).observe(labels, value),
    forget(name, labels) {
      const instrument = instruments.get(name);
      if (instrument === undefined) throw bug(`no series is called ${name}`);
      for (const [key, all] of known.get(name) ?? []) {
        if (!carries(all, labels)) continue;
        instrument.remove(all);
        known.get(name)?.delete(key);
      }
    },
  };
};
