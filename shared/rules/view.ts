/** Canary, ScaledObject and the rest opened for reading once per review, so that no rule digs by itself. */
import type { Canary } from '../api/canary.ts';
import { intervalMsOf } from '../api/defaults.ts';
import type { Input } from './input.ts';
import { type Raw, recordOf, textOf } from './raw.ts';
import type { Subject } from './rule.ts';

/** What a Canary's rules read. Texts are empty and records are empty where the object has something else. */
export interface CanaryView extends Subject {
  /** Named in the spec, else the controller's. */
  readonly provider: string;
  readonly target: Raw;
  readonly targetKind: string;
  readonly targetName: string;
  readonly service: Raw;
  readonly apexName: string;
  readonly analysis: Raw;
  /** Effective: 60 s where absent or unreadable, never under 10 s. */
  readonly intervalMs: number;
  readonly scaler: Raw;
  readonly scalerKind: string;
  /** Empty: the Canary has no autoscaler. */
  readonly scalerName: string;
  readonly phase: string;
}

const UNREADABLE_MS = 60_000;
const LONGEST_INTERVAL = 64;

/** A text that is far too long for a duration is not even read. */
const intervalMs = (raw: Raw, analysis: Raw): number =>
  textOf(analysis['interval']).length > LONGEST_INTERVAL ? UNREADABLE_MS : intervalMsOf(raw as unknown as Canary);

/** Any object's outer parts. */
export const subjectOf = (object: unknown, input: Pick<Input, 'namespace'>): Subject => {
  const raw = recordOf(object);
  const metadata = recordOf(raw['metadata']);
  return {
    raw,
    name: textOf(metadata['name']),
    namespace: textOf(metadata['namespace']) || (input.namespace ?? ''),
    annotations: recordOf(metadata['annotations']),
    spec: recordOf(raw['spec']),
  };
};

export const canaryView = (object: unknown, input: Pick<Input, 'namespace' | 'settings'>): CanaryView => {
  const { raw, name, namespace, annotations, spec } = subjectOf(object, input);
  const target = recordOf(spec['targetRef']);
  const service = recordOf(spec['service']);
  const scaler = recordOf(spec['autoscalerRef']);
  const analysis = recordOf(spec['analysis']);
  const targetName = textOf(target['name']);
  // Field by field: spreading costs more than all the rest of the view.
  return {
    raw,
    name,
    namespace,
    annotations,
    spec,
    provider: textOf(spec['provider']) || input.settings.meshProvider,
    target,
    targetKind: textOf(target['kind']),
    targetName,
    service,
    apexName: textOf(service['name']) || targetName,
    analysis,
    intervalMs: intervalMs(raw, analysis),
    scaler,
    scalerKind: textOf(scaler['kind']),
    scalerName: textOf(scaler['name']),
    phase: textOf(recordOf(raw['status'])['phase']),
  };
};
