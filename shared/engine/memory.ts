/** What a driver remembers of one Canary between passes. Nothing that matters: all of it may be lost in a crash. */
import { Alerts } from './alerts.ts';
import type { CallQueue } from './call-queue.ts';
import type { EngineDeps } from './deps.ts';
import { EventHooks } from './event-hooks.ts';
import { Recorder } from './recorder.ts';

export class Memory {
  readonly recorder: Recorder;
  readonly eventHooks: EventHooks;
  readonly alerts: Alerts;
  /** Keys of reports that are told once per phase. */
  readonly told = new Set<string>();
  phase = '';
  /** Failed passes in a row, for the back-off. */
  failures = 0;
  /** The server asked for patience until then, on the monotonic clock. */
  notBefore = 0;
  /** Since when what this phase needs is refused, milliseconds since 1970; undefined: it is not. */
  refusedSince: number | undefined;
  /** Passes in a row that corrected something and moved nothing on. */
  corrections = 0;

  /** `events` is the line in which its driver's events wait. */
  constructor(deps: EngineDeps, events: CallQueue, signal: AbortSignal) {
    this.recorder = new Recorder(deps, events, signal);
    this.eventHooks = new EventHooks(deps, signal);
    this.alerts = new Alerts(deps, signal);
  }

  /** A new phase, or a new revision in it, may tell its waits anew. */
  enter(phase: string): void {
    if (phase === this.phase) return;
    this.phase = phase;
    this.told.clear();
    this.refusedSince = undefined;
  }
}
