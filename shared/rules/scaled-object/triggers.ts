/** A ScaledObject's triggers and scale target, read from whatever stands there. */
import { isRecord, listOf, ownValue, type Raw, recordOf, textOf } from '../raw.ts';
import { quoted, shown } from '../text.ts';

export interface Trigger {
  readonly index: number;
  readonly type: string;
  /** The only name that KEDA knows; empty: none. */
  readonly name: string;
  /** A name in the wrong place, which KEDA ignores. */
  readonly misplacedName: string;
  readonly metadata: Raw;
  /** Undefined: this trigger is not driven by a query. */
  readonly query: string | undefined;
}

export const triggersOf = (spec: Raw): readonly Trigger[] =>
  listOf(spec['triggers']).map((item, index) => {
    const trigger = recordOf(item);
    const metadata = recordOf(trigger['metadata']);
    const query = ownValue(metadata, 'query');
    return {
      index,
      type: textOf(trigger['type']),
      name: textOf(trigger['name']),
      misplacedName: textOf(ownValue(metadata, 'name')),
      metadata,
      query: typeof query === 'string' ? query : undefined,
    };
  });

/** `trigger "cpu"`, or `trigger 1 (prometheus)` where it has no name. */
export const nameOfTrigger = ({ index, name, type }: Trigger): string =>
  name === '' ? `trigger ${index}${type === '' ? '' : ` (${shown(type)})`}` : `trigger ${quoted(name)}`;

export interface ScaleTarget {
  readonly kind: string;
  readonly name: string;
}

/** What a ScaledObject or a HorizontalPodAutoscaler scales; KEDA's default kind is Deployment. */
export const scaleTargetOf = (spec: Raw): ScaleTarget | undefined => {
  const target = spec['scaleTargetRef'];
  if (!isRecord(target)) return undefined;
  return { kind: textOf(target['kind']) || 'Deployment', name: textOf(target['name']) };
};
