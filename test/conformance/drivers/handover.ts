import { randomUUID } from 'node:crypto';
import type { Canary, CanaryStatus } from '../../../shared/api/canary.ts';
import { KINDS } from '../../../shared/api/kinds.ts';
import { type Kind, type KubeObject, kindKey } from '../../../shared/api/kube.ts';
import type { Kube } from '../../../shared/engine/ports.ts';
import { hasCode } from '../../../shared/errors.ts';
import { isFields, pick } from '../../golden/runner/canonical.ts';
import type { Scenario, State, Trace } from '../../golden/runner/scenario.ts';
import type { DriverPorts } from '../../golden/runner/virtual-stage.ts';
import { createMortalPorts, type Death } from './mortal-ports.ts';

/** What the reference writes into a Canary's status. */
const REFERENCE_FIELDS = [
  'phase',
  'failedChecks',
  'canaryWeight',
  'iterations',
  'trackedConfigs',
  'lastAppliedSpec',
  'lastPromotedSpec',
  'lastTransitionTime',
  'sessionAffinityCookie',
  'primarySessionAffinityCookie',
  'previousSessionAffinityCookie',
];

const POD_ID = 'flagger-id';

/** What tells the reference's states apart. At a promotion gate it counts differently. */
const progressOf = ({ phase = '', failedChecks = 0, canaryWeight = 0, iterations = 0 }: CanaryStatus): string =>
  JSON.stringify(
    phase === 'WaitingPromotion' ? [phase, failedChecks] : [phase, failedChecks, canaryWeight, iterations],
  );

/** The same object with an id of somebody else's rollout on the pods it makes. */
const withForeignId = (object: KubeObject): KubeObject => {
  const template = isFields(object['spec']) ? object['spec']['template'] : undefined;
  const annotations =
    isFields(template) && isFields(template['metadata']) ? template['metadata']['annotations'] : undefined;
  if (!isFields(annotations) || annotations[POD_ID] === undefined) return object;
  const copy = structuredClone(object) as KubeObject & {
    spec: { template: { metadata: { annotations: Record<string, string> } } };
  };
  copy.spec.template.metadata.annotations[POD_ID] = randomUUID();
  return copy;
};

const isCanary = (kind: Kind): boolean => kindKey(kind) === kindKey(KINDS.canary);

interface End {
  /** How many times the driver moves the rollout on. */
  readonly fatal: number;
  /** Before or after the status write of the last one. */
  readonly death: Death;
  /** The Canary as the driver finds it. */
  readonly from: Canary | undefined;
  /** Told just before that write. */
  readonly onEnd: () => void;
}

export interface LastWords extends DriverPorts {
  /** Resolves when the driver was killed. */
  readonly death: Promise<void>;
}

/**
 * Ports of a driver that stands for the reference: the copies that it makes bear ids of its own, and it is killed
 * around its `fatal`-th status that moves the rollout on.
 */
export const createReferencePorts = (ports: DriverPorts, { fatal, death, from, onEnd }: End): LastWords => {
  const mortal = createMortalPorts(ports, 0, death);
  let moves = 0;
  let last = progressOf(from?.status ?? {});
  const moved = (object: KubeObject): boolean => {
    const progress = progressOf((object as Canary).status ?? {});
    if (progress === last) return false;
    last = progress;
    moves += 1;
    return moves === fatal;
  };
  let tell = (): void => undefined;
  const died = new Promise<void>((resolve) => (tell = resolve));
  const kill = (): void => {
    mortal.kill();
    tell();
  };
  const kube: Kube = {
    ...mortal.kube,
    create: (kind, object, options) => mortal.kube.create(kind, withForeignId(object), options),
    replace: async (kind, object, options) => {
      if (!isCanary(kind)) return mortal.kube.replace(kind, withForeignId(object), options);
      const isLast = moved(object);
      if (isLast) onEnd();
      if (isLast && death === 'before') kill();
      const written = await mortal.kube.replace(kind, object, options);
      if (isLast) kill();
      return written;
    },
  };
  return { kube, http: mortal.http, death: died };
};

export const canaryOf = async (kube: Kube, { namespace, canary: name }: Scenario): Promise<Canary | undefined> => {
  const { items } = await kube.list(KINDS.canary, { namespace });
  return items.find(({ metadata }) => metadata.name === name) as Canary | undefined;
};

/**
 * The Canary's status as the reference would have left it: nothing of ours, and its own counting at closed gates.
 * Answers the phase; undefined: the Canary is gone.
 */
export const leaveAsReference = async (kube: Kube, scenario: Scenario): Promise<string | undefined> => {
  const canary = await canaryOf(kube, scenario);
  if (canary === undefined) return undefined;
  const { status = {} } = canary;
  const promoted = (status.conditions ?? []).filter(({ type }) => type === 'Promoted');
  const isAtGate = status.phase === 'WaitingPromotion';
  const counted = isAtGate ? { canaryWeight: 0, iterations: (canary.spec.analysis?.iterations ?? 0) - 1 } : {};
  const left = { ...pick({ ...status }, REFERENCE_FIELDS), ...counted, conditions: promoted };
  try {
    await kube.replace(KINDS.canary, { ...canary, status: left }, { subresource: 'status' });
  } catch (error) {
    if (hasCode(error, 'API_NOT_FOUND')) return undefined;
    throw error;
  }
  return status.phase ?? '';
};

const isReferenceCounter = (state: State): boolean =>
  state !== 'DELETED' && isFields(state['status']) && Number(state['status']['iterations']) < 0;

/** The trace without the states in which only `leaveAsReference` counts so. */
export const withoutReferenceCounters = (trace: Trace): Trace => ({
  ...trace,
  objects: Object.fromEntries(
    Object.entries(trace.objects).map(([key, states]) => [key, states.filter((state) => !isReferenceCounter(state))]),
  ),
});
