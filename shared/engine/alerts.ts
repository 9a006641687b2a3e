/** Alerts to chat services, by the Canary's own entries or the controller's one; never in the way of a pass. */
import type { AlertProvider } from '../api/alert-provider.ts';
import type { AnalysisAlert, Canary } from '../api/canary.ts';
import { alertSeverityOf, alertsOf } from '../api/defaults.ts';
import { KINDS } from '../api/kinds.ts';
import { refTo } from '../api/kube.ts';
import type { Report } from '../api/model.ts';
import { messageOf } from '../errors.ts';
import { notifierOf } from '../notify/index.ts';
import { type Alert, alertRequest, type Destination, hears } from '../notify/notifier.ts';
import { CallQueue } from './call-queue.ts';
import type { EngineDeps } from './deps.ts';

type AlertReport = Extract<Report, { tell: 'alert' }>;

export class Alerts {
  readonly #deps: EngineDeps;
  readonly #signal: AbortSignal;
  readonly #queue: CallQueue;

  constructor(deps: EngineDeps, signal: AbortSignal) {
    this.#deps = deps;
    this.#signal = signal;
    this.#queue = new CallQueue(deps.clock, signal);
  }

  /** Queues the alert for everybody who wants to hear of its severity. */
  tell(canary: Canary, report: AlertReport): void {
    const subject = `${canary.metadata.name}.${canary.metadata.namespace ?? ''}`;
    const alert: Alert = { subject, message: report.message, severity: report.severity, fields: report.fields };
    const entries = alertsOf(canary);
    const { globalAlerts } = this.#deps.settings;
    if (entries.length === 0) {
      if (globalAlerts)
        this.#queue.add(() => this.#send(globalAlerts.type, globalAlerts, alert, "alert can't be sent"));
      return;
    }
    for (const entry of entries) {
      if (hears(alertSeverityOf(entry), report.severity)) this.#queue.add(() => this.#sendTo(canary, entry, alert));
    }
  }

  async #sendTo(canary: Canary, entry: AnalysisAlert, alert: Alert): Promise<void> {
    const namespace = entry.providerRef.namespace || (canary.metadata.namespace ?? '');
    const where = `alert provider ${entry.providerRef.name}.${namespace}`;
    try {
      const { noCrossNamespaceRefs } = this.#deps.settings;
      if (noCrossNamespaceRefs && namespace !== canary.metadata.namespace)
        throw new Error('cross-namespace references are blocked');
      const ref = refTo(KINDS.alertProvider, namespace, entry.providerRef.name);
      const provider = (await this.#deps.cache.get(ref, this.#signal)) as AlertProvider | undefined;
      if (!provider) throw new Error(`alertproviders.flagger.app "${entry.providerRef.name}" not found`);
      await this.#send(
        provider.spec.type ?? '',
        await this.#destinationOf(provider, namespace),
        alert,
        `${where} send error`,
      );
    } catch (error) {
      this.#fail(`${where} error: ${messageOf(error)}`, alert);
    }
  }

  async #destinationOf(provider: AlertProvider, namespace: string): Promise<Destination> {
    const { spec } = provider;
    const common = {
      channel: spec.channel || 'general',
      username: spec.username || 'flagger',
      ...(spec.proxy !== undefined && { proxy: spec.proxy }),
    };
    if (!spec.secretRef) return { ...common, address: spec.address ?? '' };
    const secret = await this.#deps.cache.get(refTo(KINDS.secret, namespace, spec.secretRef.name), this.#signal);
    if (!secret) throw new Error(`secretRef secrets "${spec.secretRef.name}" not found`);
    const data = (secret['data'] ?? {}) as Record<string, string>;
    const address = decoded(data['address']);
    if (address === undefined) throw new Error(`secretRef ${spec.secretRef.name} secret does not contain an address`);
    const token = decoded(data['token']);
    return { ...common, address, ...(token !== undefined && { token }) };
  }

  // eslint-disable-next-line max-params -- what to send, to whom, and how its failure is told
  async #send(type: string, destination: Destination, alert: Alert, failure: string): Promise<void> {
    const notifier = notifierOf(type);
    if (!notifier) return this.#fail(`${failure}: "${type}" is not a known alert type`, alert);
    const request = alertRequest(notifier, alert, destination);
    if ('error' in request) return this.#fail(`${failure}: ${request.error}`, alert);
    const result = await this.#deps.http.send(request, this.#signal);
    if (!result.ok) return this.#fail(`${failure}: ${result.error}`, alert);
    if (result.status >= 300) this.#fail(`${failure}: sending notification bad response ${result.status}`, alert);
  }

  #fail(message: string, alert: Alert): void {
    if (!this.#signal.aborted) this.#deps.log.error(message, { canary: alert.subject });
  }
}

const decoded = (base64: string | undefined): string | undefined =>
  base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString('utf8').trim();
