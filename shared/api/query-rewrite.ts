/**
 * Turns the query by which a target scales into the one by which its primary scales.
 * One scanner without patterns: it runs on text that users write, inside the admission webhook.
 */

export interface RewriteOptions {
  /** Written in PromQL: only label values are rewritten, never a metric name. Elsewhere every token counts. */
  readonly prometheus?: boolean;
}

const BEYOND_ASCII_WORD = /[\p{L}\p{N}]/u;

const isWord = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at);
  if (code >= 0x80) return BEYOND_ASCII_WORD.test(text.charAt(at));
  return (
    (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a) || code === 0x5f
  );
};

const endsToken = (text: string, at: number): boolean => at >= text.length || !isWord(text, at);
const startsToken = (text: string, at: number): boolean =>
  at === 0 || !(isWord(text, at - 1) || text.charCodeAt(at - 1) === 0x2d);

const SUFFIXES = ['-primary', '-canary'] as const;

/** `T` and `T-canary` become `T-primary`; `T-primary` and longer words stay. */
const rewriteTokens = (text: string, target: string): string => {
  let found = text.indexOf(target);
  if (found < 0) return text;
  let out = '';
  let done = 0;
  while (found >= 0) {
    let end = found + target.length;
    if (startsToken(text, found) && endsToken(text, end)) {
      const suffix = SUFFIXES.find((known) => text.startsWith(known, end) && endsToken(text, end + known.length));
      if (suffix !== undefined) end += suffix.length;
      out += `${text.slice(done, found)}${target}-primary`;
      done = end;
      found = text.indexOf(target, end);
    } else {
      found = text.indexOf(target, found + 1);
    }
  }
  return out + text.slice(done);
};

/** Where the string that opens at `open` ends, its closing quote included; an unclosed one ends with the text. */
const endOfString = (text: string, open: number): number => {
  const quote = text.charCodeAt(open);
  for (let at = open + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x5c && quote !== 0x60) at += 1;
    else if (code === quote) return at + 1;
  }
  return text.length;
};

const isQuote = (code: number): boolean => code === 0x22 || code === 0x27 || code === 0x60;

interface Piece {
  readonly kind: 'space' | 'name' | 'string' | 'other';
  readonly end: number;
}

/** The piece of PromQL that starts at `at`: a comment counts as space. */
const pieceAt = (text: string, at: number): Piece => {
  const code = text.charCodeAt(at);
  if (code === 0x23) {
    const newline = text.indexOf('\n', at);
    return { kind: 'space', end: newline < 0 ? text.length : newline + 1 };
  }
  if (code <= 0x20) return { kind: 'space', end: at + 1 };
  if (isQuote(code)) return { kind: 'string', end: endOfString(text, at) };
  if (!isWord(text, at)) return { kind: 'other', end: at + 1 };
  let end = at + 1;
  while (end < text.length && isWord(text, end)) end += 1;
  return { kind: 'name', end };
};

/** A label's value is the string behind `=`, `!=`, `=~` or `!~`; that of `__name__` is a metric name. */
const rewriteLabelValues = (text: string, target: string): string => {
  if (!text.includes(target)) return text;
  let out = '';
  let label = '';
  let matcher = false;
  for (let at = 0; at < text.length; ) {
    const { kind, end } = pieceAt(text, at);
    const piece = text.slice(at, end);
    const isValue = kind === 'string' && matcher;
    out += isValue && label !== '__name__' ? rewriteTokens(piece, target) : piece;
    if (kind === 'name') label = piece;
    else if (kind === 'string') label = piece.slice(1, -1);
    if (kind !== 'space') matcher = piece === '=' || piece === '~';
    at = end;
  }
  return out;
};

/**
 * `query` with the names of `target` and its canary replaced by the primary's. Where nothing names the target the
 * query comes back as it was. Rewriting twice changes no more than once.
 */
export const rewriteQuery = (query: string, target: string, options: RewriteOptions = {}): string => {
  if (target === '') return query;
  return options.prometheus === true ? rewriteLabelValues(query, target) : rewriteTokens(query, target);
};
