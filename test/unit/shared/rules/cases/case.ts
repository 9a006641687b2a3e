import type { Severity } from '../../../../../shared/api/model.ts';
import type { Input } from '../../../../../shared/rules/input.ts';

/** One rule, one object that it is against, and the neighbour that it is not against. */
export interface RuleCase {
  readonly id: string;
  /** What is wrong, as a sentence. */
  readonly says: string;
  readonly bad: Input;
  readonly good: Input;
  readonly severity: Severity;
  readonly path: string;
  /** A part of the message. */
  readonly message: string;
}
