/**
 * Query templates: the part of Go's text/template that metric queries use. Functions without arguments, `variables.key`,
 * `index variables "key"`, strings and numbers, pipes into `printf`, `if`/`else` with `eq ne and or not`, trim marks,
 * comments.
 */
import { evaluate, isTrue, type TemplateData, TemplateError, type Value } from './template-expression.ts';

export type { TemplateData } from './template-expression.ts';

/** The same with an underscore for whatever in a name is neither letter nor digit, as some providers name their series. */
export const inWords = (data: TemplateData): TemplateData => {
  const word = (text: string): string => text.replace(/\W/g, '_');
  const { name, namespace, target, service, ingress } = data;
  const words = {
    name: word(name),
    namespace: word(namespace),
    target: word(target),
    service: word(service),
    ingress: word(ingress),
  };
  return { ...data, ...words };
};

type Piece = { text: string } | { action: string };
type Node = { text: string } | { value: string } | { test: string; then: Node[]; otherwise: Node[] };

/** The text with every action filled in; throws TemplateError. */
export const renderTemplate = (template: string, data: TemplateData): string =>
  show(parse(split(template), { at: 0, depth: 0 }), data);

const OPEN = '{{';
const CLOSE = '}}';
const isSpace = (char: string | undefined): boolean => char !== undefined && /\s/.test(char);

/** Text and actions in order, trim marks applied, comments left out. */
const split = (template: string): Piece[] => {
  const pieces: Piece[] = [];
  let isTrimming = false;
  let end = 0;
  for (;;) {
    const open = template.indexOf(OPEN, end);
    const trimsBefore = open >= 0 && template[open + 2] === '-' && isSpace(template[open + 3]);
    const raw = template.slice(end, open < 0 ? undefined : open);
    const started = isTrimming ? raw.trimStart() : raw;
    const text = trimsBefore ? started.trimEnd() : started;
    if (text !== '') pieces.push({ text });
    if (open < 0) return pieces;
    const from = open + (trimsBefore ? 3 : 2);
    const close = endOfAction(template, from);
    isTrimming = template[close - 1] === '-' && isSpace(template[close - 2]);
    const action = template.slice(from, isTrimming ? close - 1 : close).trim();
    if (!(action.startsWith('/*') && action.endsWith('*/'))) pieces.push({ action });
    end = close + CLOSE.length;
  }
};

const COMMENT = /\s*\/\*/y;

/** Where the action's `}}` stands; quoted text and comments may hold one of their own. */
const endOfAction = (template: string, from: number): number => {
  COMMENT.lastIndex = from;
  if (COMMENT.test(template)) {
    const end = template.indexOf('*/', from);
    const close = end < 0 ? -1 : template.indexOf(CLOSE, end);
    if (close < 0) throw new TemplateError('template parsing failed: unclosed comment');
    return close;
  }
  let quote = '';
  for (let at = from; at < template.length; at += 1) {
    const char = template[at] as string;
    if (quote !== '') {
      if (char === '\\' && quote === '"') at += 1;
      else if (char === quote) quote = '';
    } else if (char === '"' || char === '`') quote = char;
    else if (template.startsWith(CLOSE, at)) return at;
  }
  throw new TemplateError('template parsing failed: unclosed action');
};

interface Cursor {
  at: number;
  /** How many `if` are open. */
  depth: number;
}

const DEEPEST = 100;

const parse = (pieces: readonly Piece[], cursor: Cursor): Node[] => {
  const nodes: Node[] = [];
  for (;;) {
    const piece = pieces[cursor.at];
    if (piece === undefined) {
      if (cursor.depth > 0) throw new TemplateError('template parsing failed: unexpected EOF, {{ end }} is missing');
      return nodes;
    }
    if ('text' in piece) {
      nodes.push(piece);
      cursor.at += 1;
      continue;
    }
    if (cursor.depth > 0 && /^(end|else)\b/.test(piece.action)) return nodes;
    cursor.at += 1;
    nodes.push(
      /^if\b/.test(piece.action) ? parseIf(piece.action.slice(2).trim(), pieces, cursor) : valueNode(piece.action),
    );
  }
};

const valueNode = (action: string): Node => {
  if (action === '') throw new TemplateError('template parsing failed: missing value for command');
  if (/^(end|else|range|with|define|block|template|break|continue)\b/.test(action)) {
    throw new TemplateError(`template parsing failed: unexpected {{ ${action} }}`);
  }
  return { value: action };
};

const closingAt = (pieces: readonly Piece[], cursor: Cursor): string => {
  const { action } = pieces[cursor.at] as { action: string };
  cursor.at += 1;
  return action;
};

const parseIf = (test: string, pieces: readonly Piece[], cursor: Cursor): Node => {
  if (test === '') throw new TemplateError('template parsing failed: missing value for if');
  if (cursor.depth >= DEEPEST) throw new TemplateError(`template parsing failed: more than ${DEEPEST} levels of if`);
  cursor.depth += 1;
  const then = parse(pieces, cursor);
  const closing = closingAt(pieces, cursor);
  const otherwise = closing === 'end' ? [] : parseElse(closing, pieces, cursor);
  cursor.depth -= 1;
  return { test, then, otherwise };
};

const parseElse = (closing: string, pieces: readonly Piece[], cursor: Cursor): Node[] => {
  const chained = /^else\s+if\b([\s\S]*)$/.exec(closing)?.[1];
  if (chained !== undefined) return [parseIf(chained.trim(), pieces, cursor)];
  if (closing !== 'else') throw new TemplateError(`template parsing failed: unexpected {{ ${closing} }}`);
  const otherwise = parse(pieces, cursor);
  const last = closingAt(pieces, cursor);
  if (last !== 'end') throw new TemplateError(`template parsing failed: expected {{ end }}, found {{ ${last} }}`);
  return otherwise;
};

const show = (nodes: readonly Node[], data: TemplateData): string =>
  nodes
    .map((node) => {
      if ('text' in node) return node.text;
      if ('value' in node) return textOf(node.value, evaluate(node.value, data));
      return show(isTrue(evaluate(node.test, data)) ? node.then : node.otherwise, data);
    })
    .join('');

const textOf = (action: string, value: Value): string => {
  if (typeof value === 'object')
    throw new TemplateError(`template excution failed: {{ ${action} }} is a map, name one of its keys`);
  return String(value);
};
