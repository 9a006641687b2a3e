/** Event hooks are called in order, beside the pass: a receiver that hangs slows nobody but its own queue. */
import type { AnalysisWebhook, Canary } from '../api/canary.ts';
import { hookTypeOf, webhooksOf } from '../api/defaults.ts';
import { messageOf } from '../errors.ts';
import { type EventText, eventRequest, hookVerdict } from '../hooks/payload.ts';
import type { EngineDeps } from './deps.ts';
import { sleep } from './ports.ts';

/** How long a pass lets events run ahead of a hook that it is about to ask. */
const ORDER_WAIT_MS = 2000;
/** Events that wait for one slow receiver; older ones are dropped, since newer ones say more. */
const MOST_WAITING = 100;

export class EventHooks {
  readonly #deps: EngineDeps;
  readonly #signal: AbortSignal;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(deps: EngineDeps, signal: AbortSignal) {
    this.#deps = deps;
    this.#signal = signal;
  }

  /** Queues the calls that tell `event`. */
  tell(canary: Canary, event: EventText): void {
    const hooks = this.#hooksOf(canary);
    if (hooks.length === 0 || this.#waiting >= MOST_WAITING) return;
    this.#waiting += 1;
    this.#last = this.#last.then(async () => {
      for (const hook of hooks) await this.#call(hook, canary, event);
      this.#waiting -= 1;
    });
  }

  /** Waits until what was told has arrived, so that receivers see events and hooks in order; not for ever. */
  async settle(): Promise<void> {
    if (this.#waiting === 0) return;
    await Promise.race([this.#last, sleep(this.#deps.clock, ORDER_WAIT_MS, this.#signal)]).catch(() => undefined);
  }

  #hooksOf(canary: Canary): AnalysisWebhook[] {
    const own = webhooksOf(canary).filter((hook) => hookTypeOf(hook) === 'event');
    const { eventWebhook } = this.#deps.settings;
    return own.length > 0 || eventWebhook === '' ? own : [{ name: 'events', url: eventWebhook }];
  }

  async #call(hook: AnalysisWebhook, canary: Canary, event: EventText): Promise<void> {
    try {
      const verdict = hookVerdict(hook.url, await this.#deps.http.send(eventRequest(hook, canary, event), this.#signal));
      if (!verdict.passed) this.#deps.log.error(`error sending event to webhook: ${verdict.error}`, { canary: canary.metadata.name });
    } catch (error) {
      if (!this.#signal.aborted) this.#deps.log.error(`error sending event to webhook: ${messageOf(error)}`, { canary: canary.metadata.name });
    }
  }
}
