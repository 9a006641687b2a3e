/** Event hooks are called in order, beside the pass: a receiver that hangs slows nobody but its own queue. */
import type { AnalysisWebhook, Canary } from '../api/canary.ts';
import { hookTypeOf, webhooksOf } from '../api/defaults.ts';
import { messageOf } from '../errors.ts';
import { type EventText, eventRequest, hookVerdict } from '../hooks/payload.ts';
import { CallQueue } from './call-queue.ts';
import type { EngineDeps } from './deps.ts';

/** How long a pass lets events run ahead of a hook that it is about to ask. */
const ORDER_WAIT_MS = 2000;

export class EventHooks {
  readonly #deps: EngineDeps;
  readonly #signal: AbortSignal;
  readonly #queue: CallQueue;

  constructor(deps: EngineDeps, signal: AbortSignal) {
    this.#deps = deps;
    this.#signal = signal;
    this.#queue = new CallQueue(deps.clock, signal);
  }

  /** Queues the calls that tell `event`. */
  tell(canary: Canary, event: EventText): void {
    for (const hook of this.#hooksOf(canary)) this.#queue.add(() => this.#call(hook, canary, event));
  }

  /** Waits until what was told has arrived, so that receivers see events and hooks in order; not for ever. */
  settle(): Promise<void> {
    return this.#queue.settle(ORDER_WAIT_MS);
  }

  #hooksOf(canary: Canary): AnalysisWebhook[] {
    const own = webhooksOf(canary).filter((hook) => hookTypeOf(hook) === 'event');
    const { eventWebhook } = this.#deps.settings;
    return own.length > 0 || eventWebhook === '' ? own : [{ name: 'events', url: eventWebhook }];
  }

  async #call(hook: AnalysisWebhook, canary: Canary, event: EventText): Promise<void> {
    try {
      const verdict = hookVerdict(
        hook.url,
        await this.#deps.http.send(eventRequest(hook, canary, event), this.#signal),
      );
      if (!verdict.passed)
        this.#deps.log.error(`error sending event to webhook: ${verdict.error}`, { canary: canary.metadata.name });
    } catch (error) {
      if (!this.#signal.aborted)
        this.#deps.log.error(`error sending event to webhook: ${messageOf(error)}`, { canary: canary.metadata.name });
    }
  }
}
