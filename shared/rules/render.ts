/** Findings as the API server hands them on: a readable refusal with causes, and warnings that survive. */
import type { Finding } from '../api/model.ts';
import { MESSAGE_RUNES, printable } from './text.ts';

/** One cause of a 422 answer. kubectl prints `field: message` for each. */
export interface Cause {
  readonly reason: Finding['reason'];
  readonly field: string;
  readonly message: string;
}

export interface Denial {
  /** All denials in lines, for clients that print the message and not the causes. */
  readonly message: string;
  readonly causes: readonly Cause[];
}

const MESSAGE_BYTES = 2048;
const MOST_CAUSES = 50;
const MOST_WARNINGS = 12;

/** The message with its rule id behind it; the id survives when the whole must be cut. */
const withId = ({ id, message }: Finding, runes: number): string => {
  const tail = ` [${id}]`;
  return `${printable(message, Math.max(runes - tail.length, 20))}${tail}`;
};

/** `path: message [ID]` on one line of at most 240 runes. */
export const lineOf = (finding: Finding): string => {
  const head = finding.path === '' ? '' : `${printable(finding.path, MESSAGE_RUNES / 2)}: `;
  return `${head}${withId(finding, MESSAGE_RUNES - [...head].length)}`;
};

const isDenial = ({ severity }: Finding): boolean => severity === 'deny';

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

/** As many lines as fit into 2 KiB, then how many did not. */
const joined = (lines: readonly string[]): string => {
  const out: string[] = [];
  let bytes = 0;
  for (const line of lines) {
    bytes += bytesOf(line) + 1;
    if (bytes > MESSAGE_BYTES - 20 && out.length > 0)
      return [...out, `and ${lines.length - out.length} more`].join('\n');
    out.push(line);
  }
  return out.join('\n');
};

/** The refusal of a request; undefined when no finding denies it. */
export const renderDenial = (findings: readonly Finding[]): Denial | undefined => {
  const denials = findings.filter(isDenial);
  if (denials.length === 0) return undefined;
  return {
    message: joined(denials.map(lineOf)),
    causes: denials
      .slice(0, MOST_CAUSES)
      .map((finding) => ({ reason: finding.reason, field: finding.path, message: withId(finding, MESSAGE_RUNES) })),
  };
};

/**
 * Warnings: each on one line of at most 240 runes, at most 12, then how many more there are.
 * `notes` are further sentences of the webhook itself, told first.
 */
export const renderWarnings = (findings: readonly Finding[], notes: readonly string[] = []): string[] => {
  const lines = [
    ...notes.map((note) => printable(note, MESSAGE_RUNES)),
    ...findings.filter((finding) => !isDenial(finding)).map(lineOf),
  ];
  const distinct = [...new Set(lines)];
  if (distinct.length <= MOST_WARNINGS) return distinct;
  return [...distinct.slice(0, MOST_WARNINGS), `+${distinct.length - MOST_WARNINGS} more: kubectl canary validate`];
};
