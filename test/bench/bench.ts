/** What a bench is and what it prints. */

export interface Verdict {
  /** The goal in words: `at most 2x of node`. */
  readonly goal: string;
  readonly met: boolean;
}

export interface Row {
  /** One cell per heading. */
  readonly cells: readonly string[];
  /** Absent: only shown. */
  readonly verdict?: Verdict;
}

export interface Report {
  readonly title: string;
  readonly headings: readonly string[];
  readonly rows: readonly Row[];
  /** What a reader must know to judge the numbers. */
  readonly notes?: readonly string[];
}

/** What all benches of a run share. */
export interface Site {
  /** Folder with a fresh build of the programs. */
  readonly dist: string;
  /** A temporary folder of this run. */
  readonly folder: string;
  /** Address of a metrics server that finds everything well. */
  readonly metricsServer: string;
  /** Environment of the programs: nothing of this workplace that costs time. */
  readonly env: NodeJS.ProcessEnv;
  /** Tells what is going on, on stderr. */
  say(text: string): void;
}

export interface Bench {
  readonly name: string;
  readonly about: string;
  run(site: Site): Promise<readonly Report[]>;
}

/** `at most LIMIT` and whether the value keeps it; what could not be measured does not. */
export const atMost = (value: number, limit: number, unit: string): Verdict => ({
  goal: `at most ${limit}${unit}`,
  met: value <= limit,
});
