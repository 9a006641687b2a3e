/** What a lane of the gate found, and how a person reads it. */

export interface Failure {
  readonly name: string;
  /** Why, in as many lines as it takes. */
  readonly message: string;
}

export interface Outcome {
  readonly passed: number;
  readonly failures: readonly Failure[];
  readonly skipped: number;
}

export interface LaneOutcome extends Outcome {
  readonly lane: string;
  readonly seconds: number;
  /** Said beside the numbers, such as why a lane was skipped. */
  readonly note?: string;
}

const LINES_PER_FAILURE = 30;

/** `12 passed, 0 failed`, and `, 1 skipped` when there are any: the form that tools look for in the last line. */
export const totalsOf = (outcomes: readonly Outcome[]): string => {
  const sum = (count: (outcome: Outcome) => number): number =>
    outcomes.reduce((total, outcome) => total + count(outcome), 0);
  const skipped = sum((outcome) => outcome.skipped);
  const totals = `${sum((outcome) => outcome.passed)} passed, ${sum((outcome) => outcome.failures.length)} failed`;
  return skipped === 0 ? totals : `${totals}, ${skipped} skipped`;
};

/** One line per lane. */
export const laneLine = (outcome: LaneOutcome): string => {
  const note = outcome.note === undefined ? '' : `: ${outcome.note}`;
  return `${outcome.lane.padEnd(12)} ${totalsOf([outcome])} (${outcome.seconds.toFixed(1)} s)${note}`;
};

const failureText = (lane: string, failure: Failure): string => {
  const lines = failure.message.trimEnd().split('\n');
  const shown = lines.length > LINES_PER_FAILURE ? [...lines.slice(0, LINES_PER_FAILURE), '…'] : lines;
  return [`FAILED ${lane}: ${failure.name}`, ...shown.map((line) => `    ${line}`)].join('\n');
};

/** Every lane, then every failure again with its reason, then the totals as the last line. */
export const summaryOf = (outcomes: readonly LaneOutcome[]): string => {
  const failures = outcomes.flatMap(({ lane, failures: all }) => all.map((failure) => failureText(lane, failure)));
  return [outcomes.map(laneLine).join('\n'), ...failures, totalsOf(outcomes)].join('\n\n');
};
