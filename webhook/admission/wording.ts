import type { Finding } from '../../shared/api/model.ts';

/** kubectl drops a warning that holds a control character and cuts long ones; these stay whole. */
const WARNING_RUNES = 240;
const WARNINGS = 12;
/** Flux, Argo CD and Helm show the status message alone. */
const MESSAGE_RUNES = 2048;
const CAUSES = 50;

/** One line: control characters become spaces, and what is longer than `runes` is cut with an ellipsis. */
export const oneLine = (text: string, runes = WARNING_RUNES): string => {
  const clean = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
  const signs = clean.length > runes ? Array.from(clean) : [];
  return signs.length > runes ? `${signs.slice(0, runes - 1).join('')}…` : clean;
};

const withId = (finding: Finding): string =>
  finding.message.endsWith(`[${finding.id}]`) ? finding.message : `${finding.message} [${finding.id}]`;

const lineOf = (finding: Finding): string =>
  finding.path === '' ? withId(finding) : `${finding.path}: ${withId(finding)}`;

/** By path, then by id: the same request always gets the same text. */
export const inOrder = (findings: readonly Finding[]): Finding[] =>
  [...findings].sort((a, b) => compare(a.path, b.path) || compare(a.id, b.id));

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** Findings and notes as warnings: at most twelve, each one line. */
export const warningsOf = (findings: readonly Finding[], notes: readonly string[] = []): string[] => {
  const lines = [...notes, ...inOrder(findings).map(lineOf)].map((line) => oneLine(line));
  if (lines.length <= WARNINGS) return lines;
  return [...lines.slice(0, WARNINGS - 1), `+${lines.length - WARNINGS + 1} more: kubectl canary validate`];
};

/** All denials as one text for tools that show nothing else. */
export const messageOfDenials = (subject: string, denials: readonly Finding[]): string => {
  let text = `${subject} is invalid:`;
  const lines = denials.map((finding) => `\n* ${oneLine(lineOf(finding), 1024)}`);
  for (const [i, line] of lines.entries()) {
    const rest = `\n* and ${lines.length - i} more`;
    if (text.length + line.length + (i < lines.length - 1 ? rest.length : 0) > MESSAGE_RUNES) return text + rest;
    text += line;
  }
  return text;
};

/** The causes of a 422 answer; kubectl prints each as `* field: message`. */
export const causesOf = (denials: readonly Finding[]): { reason: string; field: string; message: string }[] => {
  const shown = denials.length > CAUSES ? denials.slice(0, CAUSES - 1) : denials;
  const causes = shown.map((finding) => ({
    reason: finding.reason as string,
    field: oneLine(finding.path),
    message: oneLine(withId(finding), 1024),
  }));
  const left = denials.length - shown.length;
  if (left > 0)
    causes.push({ reason: 'FieldValueInvalid', field: '', message: `and ${left} more: kubectl canary validate` });
  return causes;
};
