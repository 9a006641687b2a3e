/**
 * Kubernetes events on the Canary, as the reference writes them. A repeated text raises a count. They are written beside
 * the pass, one after the other for all Canaries: when a hundred rollouts move at once, what moves them goes first.
 */
import type { Canary } from '../api/canary.ts';
import { KINDS } from '../api/kinds.ts';
import { type KubeObject, refTo } from '../api/kube.ts';
import type { Report } from '../api/model.ts';
import { hasCode, messageOf } from '../errors.ts';
import { kubeTime } from '../rollout/times.ts';
import { CallQueue } from './call-queue.ts';
import { type EngineDeps, FIELD_MANAGER } from './deps.ts';
import type { Clock } from './ports.ts';

type EventReport = Extract<Report, { tell: 'event' }>;

/** The reference's events come from `flagger`; receivers filter by it. */
const REFERENCE_REASON = 'Synced';
const sourceOf = (report: EventReport): string => (report.reason === REFERENCE_REASON ? 'flagger' : 'kubectl-canary');

interface Written {
  name: string;
  count: number;
}

/** Names of objects have at most 253 characters; ours end with a dot and sixteen of chance. */
const LONGEST_NAME = 236;

/** Events that wait to be written; a server that takes none must not fill the memory. */
const MOST_WAITING = 10_000;

/** How long whoever is asked to stop still has to tell what it did. */
export const LAST_EVENTS_MS = 5_000;

/** The line in which the events of all Canaries of a driver wait. */
export const eventQueue = (clock: Clock, signal: AbortSignal): CallQueue => new CallQueue(clock, signal, MOST_WAITING);

/** Texts remembered per Canary, to raise a count rather than write another event. */
const REMEMBERED = 50;

export class Recorder {
  readonly #deps: EngineDeps;
  readonly #queue: CallQueue;
  readonly #signal: AbortSignal;
  readonly #written = new Map<string, Written>();

  /** `queue` is that of the driver; `signal` ends what is left in it. */
  constructor(deps: EngineDeps, queue: CallQueue, signal: AbortSignal) {
    this.#deps = deps;
    this.#queue = queue;
    this.#signal = signal;
  }

  /** Logs the event and queues its write; a failure is logged and stops nothing. */
  record(canary: Canary, report: EventReport): void {
    const fields = { canary: `${canary.metadata.name}.${canary.metadata.namespace ?? ''}` };
    if (report.type === 'Warning') this.#deps.log.warn(report.message, fields);
    else this.#deps.log.info(report.message, fields);
    const at = kubeTime(this.#deps.clock.now());
    const fail = (why: string): void => this.#deps.log.error(`event not written: ${why}`, fields);
    const isQueued = this.#queue.add(async () => {
      try {
        await this.#write(canary, report, at);
      } catch (error) {
        if (!this.#signal.aborted) fail(messageOf(error));
      }
    });
    if (!isQueued) fail(`${this.#queue.most} wait already`);
  }

  async #write(canary: Canary, report: EventReport, at: string): Promise<void> {
    if (this.#signal.aborted) return;
    const key = `${report.type}/${report.reason}/${report.message}`;
    if (await this.#repeat(key, canary.metadata.namespace ?? '', at)) return;
    const { name } = (await this.#deps.kube.create(KINDS.event, this.#eventOf(canary, report, at), this.#options()))
      .metadata;
    if (this.#written.size >= REMEMBERED) this.#written.delete(this.#written.keys().next().value as string);
    this.#written.set(key, { name, count: 1 });
  }

  #options(): { signal: AbortSignal; fieldManager: string } {
    return { signal: this.#signal, fieldManager: FIELD_MANAGER };
  }

  async #repeat(key: string, namespace: string, at: string): Promise<boolean> {
    const known = this.#written.get(key);
    if (!known) return false;
    const patch = { count: known.count + 1, lastTimestamp: at };
    try {
      const ref = refTo(KINDS.event, namespace, known.name);
      await this.#deps.kube.patch(ref, patch, { ...this.#options(), type: 'merge' });
    } catch (error) {
      if (!hasCode(error, 'API_NOT_FOUND')) throw error;
      this.#written.delete(key);
      return false;
    }
    known.count += 1;
    return true;
  }

  #eventOf(canary: Canary, report: EventReport, at: string): KubeObject {
    const namespace = canary.metadata.namespace ?? '';
    const name = `${canary.metadata.name.slice(0, LONGEST_NAME)}.${this.#deps.random.uuid().replaceAll('-', '').slice(0, 16)}`;
    return {
      apiVersion: KINDS.event.apiVersion,
      kind: KINDS.event.kind,
      metadata: { name, namespace },
      involvedObject: {
        apiVersion: KINDS.canary.apiVersion,
        kind: KINDS.canary.kind,
        name: canary.metadata.name,
        namespace,
        uid: canary.metadata.uid,
        resourceVersion: canary.metadata.resourceVersion,
      },
      type: report.type,
      reason: report.reason,
      message: report.message.slice(0, 1024),
      source: { component: sourceOf(report) },
      reportingComponent: sourceOf(report),
      reportingInstance: '',
      firstTimestamp: at,
      lastTimestamp: at,
      count: 1,
    };
  }
}
