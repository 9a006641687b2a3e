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

/** Several outcomes as one. */
export const joined = (outcomes: readonly Outcome[]): Outcome => ({
  passed: outcomes.reduce((total, { passed }) => total + passed, 0),
  failures: outcomes.flatMap(({ failures }) => failures),
  skipped: outcomes.reduce((total, { skipped }) => total + skipped, 0),
});

const LINES_PER_FAILURE = 30;

/** `12 passed, 0 failed`, and `, 1 skipped` when there are any: the form that tools look for in the last line. */
export const totalsOf = (outcomes: readonly Outcome[]): string => {
  const { passed, failures, skipped } = joined(outcomes);
  const totals = `${passed} passed, ${failures.length} failed`;
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
