/** The Canaries that name a ScaledObject as their autoscaler. */
import { KINDS } from '../../api/kinds.ts';
import { isRestPhase } from '../../api/phase.ts';
import type { Lookup } from '../input.ts';
import { isGiven, numberOf, type Raw, recordOf, textOf } from '../raw.ts';
import type { Others, Subject } from '../rule.ts';
import { shown } from '../text.ts';

export interface Referrer {
  readonly name: string;
  readonly targetKind: string;
  readonly targetName: string;
  readonly autoscalerRef: Raw;
  /** Its phase while no rollout runs and the target has no traffic, so that it should stay parked; else empty. */
  readonly idlePhase: string;
}

export const canaryLookups = ({ namespace }: Subject): readonly Lookup[] => [{ kind: KINDS.canary, namespace }];

/** The Canaries of the namespace that scale by the ScaledObject of this name; those being deleted left out. */
export const referrersOf = (scaledObject: string, namespace: string, others: Others): readonly Referrer[] => {
  const found: Referrer[] = [];
  for (const canary of others.all(KINDS.canary, namespace)) {
    const spec = recordOf(canary['spec']);
    const autoscalerRef = recordOf(spec['autoscalerRef']);
    if (autoscalerRef['kind'] !== 'ScaledObject' || autoscalerRef['name'] !== scaledObject) continue;
    if (isGiven(canary.metadata.deletionTimestamp)) continue;
    const { phase, canaryWeight } = recordOf(canary['status']);
    const target = recordOf(spec['targetRef']);
    found.push({
      name: shown(canary.metadata.name),
      targetKind: textOf(target['kind']),
      targetName: textOf(target['name']),
      autoscalerRef,
      idlePhase: isRestPhase(phase) && (numberOf(canaryWeight) ?? 0) === 0 ? textOf(phase) : '',
    });
  }
  return found;
};
