/** One request and what came of it. */
import type { Identity } from '../pods/identity.ts';

export interface Answer {
  /** When it was sent, in milliseconds since 1970. */
  readonly at: number;
  /** How long it took, in milliseconds. */
  readonly took: number;
  /** Who sent it, where a scenario tells users apart. */
  readonly user: string;
  /** What the scenario wrote on the request to judge its answer by. */
  readonly note: string;
  /** Who answered; undefined when it failed. */
  readonly from: Identity | undefined;
  /** Why it failed: a status other than 200, a broken connection, no answer in time. */
  readonly failure: string | undefined;
}
