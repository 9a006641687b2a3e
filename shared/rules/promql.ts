/** Is a text PromQL? By the grammar that Prometheus' own web interface uses; types of functions are not checked. */
import { parser } from '@prometheus-io/lezer-promql';

/** Longer queries are not looked at: a parser's time is the caller's time, and beyond some depth it gives up on good ones. */
const LONGEST = 2048;

/** Stops at the first error instead of repairing: that keeps hostile texts cheap. */
const strict = parser.configure({ strict: true });

export interface SyntaxProblem {
  /** Counted from 1, in UTF-16 code units. */
  readonly column: number;
  /** What stands there; empty at the end of the query. */
  readonly near: string;
}

const POSITION = /at (\d+)$/;

/** The first place where `query` stops being PromQL; undefined: it is PromQL, or too long to tell. */
export const promqlProblem = (query: string): SyntaxProblem | undefined => {
  if (query.length > LONGEST) return undefined;
  try {
    strict.parse(query);
    return undefined;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const at = Math.min(Number(POSITION.exec(error.message)?.[1] ?? 0), query.length);
    return { column: at + 1, near: query.slice(at, at + 20) };
  }
};
