/** What happens in the demo, told line by line. */
import type { Canary, Phase } from '../../shared/api/canary.ts';
import { KINDS } from '../../shared/api/kinds.ts';
import { type KubeObject, refOf, refTo } from '../../shared/api/kube.ts';
import type { Clock, Log } from '../../shared/engine/ports.ts';
import { CanaryError, hasCode } from '../../shared/errors.ts';
import type { DemoCluster } from './cluster.ts';
import { firstObjects, NAMESPACE, release, scaledObject } from './manifests.ts';
import { resourcesByKind } from './resources.ts';

export interface Teller {
  /** A heading: what is done now. */
  act(text: string): void;
  /** Something that happened. */
  note(text: string): void;
}

export interface Ending {
  canaries: Canary[];
  /** What the refused ScaledObject was told; undefined: nobody was there to refuse it. */
  refusal: string | undefined;
}

/** The log of the demo's controller: its events are the story, the rest is not shown. */
export const storyLog = (teller: () => Teller | undefined): Log => {
  const tell = (message: string, fields?: Readonly<Record<string, unknown>>) => {
    if (fields?.['canary'] !== undefined && !/not ready: waiting|metrics providers/.test(message))
      teller()?.note(message);
  };
  return { debug: () => undefined, info: tell, warn: tell, error: tell };
};

const FIELD_MANAGER = 'demo';

/** Plays the story to its end; rejects with TIMEOUT when the rollouts do not get there. */
export const play = async (
  cluster: DemoCluster,
  teller: Teller,
  clock: Clock,
  signal: AbortSignal,
): Promise<Ending> => {
  teller.act('three shops are applied: a Deployment and a Canary each, the cart with a KEDA ScaledObject');
  for (const object of firstObjects('nginx')) await apply(cluster, object, signal);
  await until(cluster, clock, signal, { cart: 'Initialized', ads: 'Initialized', search: 'Initialized' });
  teller.act('version 2.0.0 of all three is released; that of ads fails four requests in ten');
  for (const [name, success] of [
    ['cart', '99.9'],
    ['ads', '61.5'],
    ['search', '99.7'],
  ] as const) {
    const ref = refTo(KINDS.deployment, NAMESPACE, name);
    await cluster.kube.patch(ref, release(name, success), { type: 'merge', signal, fieldManager: FIELD_MANAGER });
  }
  await until(cluster, clock, signal, { ads: 'Failed', search: 'WaitingPromotion' });
  teller.act("a change of the cart's ScaledObject takes the name of its trigger away");
  const refusal = await applyWrong(cluster, signal);
  for (const line of (refusal ?? 'nobody refused it: the webhook is not installed here').split('\n')) teller.note(line);
  await until(cluster, clock, signal, { cart: 'Succeeded' });
  const canaries = (await cluster.cache.list(KINDS.canary, signal)) as Canary[];
  return { canaries: canaries.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1)), refusal };
};

const apply = (cluster: DemoCluster, object: KubeObject, signal: AbortSignal): Promise<KubeObject> => {
  const kind = resourcesByKind(object);
  return cluster.kube.patch(refOf(kind, object), object, {
    type: 'apply',
    force: true,
    signal,
    fieldManager: FIELD_MANAGER,
  });
};

const applyWrong = async (cluster: DemoCluster, signal: AbortSignal): Promise<string | undefined> => {
  if (!(await cluster.webhook)) return undefined;
  try {
    await apply(cluster, scaledObject(''), signal);
    return undefined;
  } catch (error) {
    if (!hasCode(error, 'API_INVALID', 'API_FORBIDDEN')) throw error;
    return `denied: ${error.because ?? error.message}`;
  }
};

const PATIENCE_MS = 120_000;
const LOOK_MS = 100;

/** Waits until each named Canary is in its phase. */
const until = async (
  cluster: DemoCluster,
  clock: Clock,
  signal: AbortSignal,
  wanted: Readonly<Record<string, Phase>>,
): Promise<void> => {
  const end = clock.monotonic() + PATIENCE_MS;
  for (;;) {
    const canaries = (await cluster.cache.list(KINDS.canary, signal)) as Canary[];
    const isThere = Object.entries(wanted).every(
      ([name, phase]) => canaries.find((one) => one.metadata.name === name)?.status?.phase === phase,
    );
    if (isThere) return;
    if (clock.monotonic() > end) throw new CanaryError('TIMEOUT', `the demo did not reach ${JSON.stringify(wanted)}`);
    await new Promise<void>((resolve) => clock.after(LOOK_MS, resolve));
    signal.throwIfAborted();
  }
};
