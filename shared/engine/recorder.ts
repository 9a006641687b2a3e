/** Kubernetes events on the Canary, as the reference writes them. A repeated text raises a count. */
import type { Canary } from '../api/canary.ts';
import { KINDS } from '../api/kinds.ts';
import { type KubeObject, refTo } from '../api/kube.ts';
import type { Report } from '../api/model.ts';
import { hasCode, messageOf } from '../errors.ts';
import { kubeTime } from '../rollout/status.ts';
import { type EngineDeps, FIELD_MANAGER } from './deps.ts';

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

/** Texts remembered per Canary, to raise a count rather than write another event. */
const REMEMBERED = 50;

export class Recorder {
  readonly #deps: EngineDeps;
  readonly #written = new Map<string, Written>();

  constructor(deps: EngineDeps) {
    this.#deps = deps;
  }

  /** Writes the event; a failure is logged and stops nothing. */
  async record(canary: Canary, report: EventReport, signal: AbortSignal): Promise<void> {
    const namespace = canary.metadata.namespace ?? '';
    const fields = { canary: `${canary.metadata.name}.${namespace}` };
    if (report.type === 'Warning') this.#deps.log.warn(report.message, fields);
    else this.#deps.log.info(report.message, fields);
    const key = `${report.type}/${report.reason}/${report.message}`;
    try {
      if (!(await this.#repeat(key, namespace, signal))) await this.#create(key, canary, report, signal);
    } catch (error) {
      if (!signal.aborted) this.#deps.log.error(`event not written: ${messageOf(error)}`, fields);
    }
  }

  async #repeat(key: string, namespace: string, signal: AbortSignal): Promise<boolean> {
    const known = this.#written.get(key);
    if (!known) return false;
    const patch = { count: known.count + 1, lastTimestamp: kubeTime(this.#deps.clock.now()) };
    try {
      await this.#deps.kube.patch(refTo(KINDS.event, namespace, known.name), patch, {
        type: 'merge',
        signal,
        fieldManager: FIELD_MANAGER,
      });
    } catch (error) {
      if (!hasCode(error, 'API_NOT_FOUND')) throw error;
      this.#written.delete(key);
      return false;
    }
    known.count += 1;
    return true;
  }

  async #create(key: string, canary: Canary, report: EventReport, signal: AbortSignal): Promise<void> {
    const now = kubeTime(this.#deps.clock.now());
    const namespace = canary.metadata.namespace ?? '';
    const name = `${canary.metadata.name.slice(0, LONGEST_NAME)}.${this.#deps.random.uuid().replaceAll('-', '').slice(0, 16)}`;
    const event: KubeObject = {
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
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    };
    await this.#deps.kube.create(KINDS.event, event, { signal, fieldManager: FIELD_MANAGER });
    if (this.#written.size >= REMEMBERED) this.#written.delete(this.#written.keys().next().value as string);
    this.#written.set(key, { name, count: 1 });
  }
}
