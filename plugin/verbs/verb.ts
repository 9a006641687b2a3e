/** What a verb decides from the Canary that was read. Pure: each verb is one record of this shape. */
import type { Canary } from '../../shared/api/canary.ts';
import type { Command, Verb } from '../../shared/api/command.ts';
import type { Input } from '../cli/input.ts';

/** The verb's own part of the command; id, revision, by and at are the writer's. */
export type Order = Omit<Command, 'id' | 'verb' | 'by' | 'at' | 'revision' | 'reason'>;

export type Plan =
  | {
      readonly is: 'write';
      readonly order: Order /** Asked on a terminal; elsewhere it needs --force. */;
      readonly confirm?: string;
    }
  /** Nothing to do, exit 0. */
  | { readonly is: 'unchanged'; readonly why: string }
  /** Exit 6. */
  | { readonly is: 'refused'; readonly why: string; readonly remedy?: string };

export interface VerbSpec {
  readonly verb: Verb;
  /** `promoted`, for the line that says what was done. */
  readonly done: string;
  /** Which words name Canaries; absent: all. */
  names?(input: Input): readonly string[];
  /** Throws USAGE for flags that do not fit. */
  check?(input: Input): void;
  plan(canary: Canary, input: Input, now: number): Plan;
  /** What the driver has changed, from the Canary before and after it obeyed; empty: nothing to add. */
  effect(before: Canary, after: Canary, now: number): string;
  /** What to type next, at the end of the line. */
  hint?(after: Canary): string;
  /** True when the command has had its whole effect: what `--wait` waits for. */
  isComplete(before: Canary, now: Canary): boolean;
}

export const placeOf = (canary: Canary): string => `${canary.metadata.name} -n ${canary.metadata.namespace ?? ''}`;
