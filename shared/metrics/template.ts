/**
 * Query templates: the part of Go's text/template that metric queries use. Functions without arguments, `variables.key`,
 * strings and numbers, pipes into `printf`, `if`/`else` with `eq ne and or not`, trim marks, comments.
 */

/** What a template may speak of. `variables` are the metric's own. */
export interface TemplateData {
  name: string;
  namespace: string;
  target: string;
  service: string;
  ingress: string;
  route: string;
  interval: string;
  variables: Readonly<Record<string, string>>;
}

export const TEMPLATE_FUNCTIONS = ['name', 'namespace', 'target', 'service', 'ingress', 'route', 'interval', 'variables'] as const;

/** A template that can't be rendered: the message is one line. */
export class TemplateError extends Error {}

type Piece = { text: string } | { action: string };
type Node = { text: string } | { value: string } | { test: string; then: Node[]; otherwise: Node[] };

/** The text with every action filled in; throws TemplateError. */
export const renderTemplate = (template: string, data: TemplateData): string => {
  const pieces = split(template);
  const nodes = parse(pieces, { at: 0 }, false);
  return show(nodes, data);
};

const ACTION = /\{\{(- )?([\s\S]*?)( -)?\}\}/g;

const split = (template: string): Piece[] => {
  const pieces: Piece[] = [];
  let end = 0;
  let isTrimming = false;
  const addText = (raw: string, trimsEnd: boolean) => {
    const started = isTrimming ? raw.trimStart() : raw;
    const text = trimsEnd ? started.trimEnd() : started;
    if (text !== '') pieces.push({ text });
  };
  for (const match of template.matchAll(ACTION)) {
    addText(template.slice(end, match.index), match[1] !== undefined);
    const action = (match[2] ?? '').trim();
    if (!(action.startsWith('/*') && action.endsWith('*/'))) pieces.push({ action });
    end = match.index + match[0].length;
    isTrimming = match[3] !== undefined;
  }
  const rest = template.slice(end);
  if (rest.includes('{{')) throw new TemplateError('template parsing failed: unclosed action');
  addText(rest, false);
  return pieces;
};

const parse = (pieces: readonly Piece[], cursor: { at: number }, isNested: boolean): Node[] => {
  const nodes: Node[] = [];
  for (;;) {
    const piece = pieces[cursor.at];
    if (piece === undefined) {
      if (isNested) throw new TemplateError('template parsing failed: unexpected EOF, {{ end }} is missing');
      return nodes;
    }
    if ('text' in piece) {
      nodes.push(piece);
      cursor.at += 1;
      continue;
    }
    if (isNested && (piece.action === 'end' || /^else\b/.test(piece.action))) return nodes;
    cursor.at += 1;
    nodes.push(/^if\b/.test(piece.action) ? parseIf(piece.action.slice(2).trim(), pieces, cursor) : valueNode(piece.action));
  }
};

const valueNode = (action: string): Node => {
  if (action === '') throw new TemplateError('template parsing failed: missing value for command');
  if (/^(end|else|range|with|define|block|template|break|continue)\b/.test(action)) {
    throw new TemplateError(`template parsing failed: unexpected {{ ${action} }}`);
  }
  return { value: action };
};

const parseIf = (test: string, pieces: readonly Piece[], cursor: { at: number }): Node => {
  const then = parse(pieces, cursor, true);
  const closing = (pieces[cursor.at] as { action: string }).action;
  cursor.at += 1;
  if (closing === 'end') return { test, then, otherwise: [] };
  const chained = /^else\s+if\b([\s\S]*)$/.exec(closing)?.[1];
  if (chained !== undefined) return { test, then, otherwise: [parseIf(chained.trim(), pieces, cursor)] };
  const otherwise = parse(pieces, cursor, true);
  if ((pieces[cursor.at] as { action: string }).action !== 'end') throw new TemplateError('template parsing failed: second {{ else }}');
  cursor.at += 1;
  return { test, then, otherwise };
};

const show = (nodes: readonly Node[], data: TemplateData): string =>
  nodes
    .map((node) => {
      if ('text' in node) return node.text;
      if ('value' in node) return String(evaluate(node.value, data));
      return show(isTrue(evaluate(node.test, data)) ? node.then : node.otherwise, data);
    })
    .join('');

const isTrue = (value: Value): boolean => value !== '' && value !== false && value !== 0;

type Value = string | number | boolean;
const TOKEN = /"(?:[^"\\]|\\.)*"|`[^`]*`|-?\d+(?:\.\d+)?|[A-Za-z_.][\w.]*|[()|]/g;

const evaluate = (action: string, data: TemplateData): Value => {
  const tokens = action.match(TOKEN) ?? [];
  if (tokens.join('') !== action.replace(/\s+(?=(?:[^"`]|"(?:[^"\\]|\\.)*"|`[^`]*`)*$)/g, '')) {
    throw new TemplateError(`template parsing failed: unexpected text in {{ ${action} }}`);
  }
  const cursor = { at: 0 };
  const value = pipeline(tokens, cursor, data);
  if (cursor.at < tokens.length) throw new TemplateError(`template parsing failed: unexpected "${tokens[cursor.at]}" in {{ ${action} }}`);
  return value;
};

const pipeline = (tokens: readonly string[], cursor: { at: number }, data: TemplateData): Value => {
  let value = command(tokens, cursor, data, []);
  while (tokens[cursor.at] === '|') {
    cursor.at += 1;
    value = command(tokens, cursor, data, [value]);
  }
  return value;
};

// eslint-disable-next-line max-params -- the reader's state and what is piped in
const command = (tokens: readonly string[], cursor: { at: number }, data: TemplateData, piped: readonly Value[]): Value => {
  const head = tokens[cursor.at];
  const builtin = head === undefined ? undefined : BUILTINS[head];
  if (builtin === undefined) return operand(tokens, cursor, data);
  cursor.at += 1;
  const given: Value[] = [];
  while (cursor.at < tokens.length && tokens[cursor.at] !== '|' && tokens[cursor.at] !== ')') given.push(operand(tokens, cursor, data));
  return builtin([...given, ...piped]);
};

const operand = (tokens: readonly string[], cursor: { at: number }, data: TemplateData): Value => {
  const token = tokens[cursor.at];
  if (token === undefined) throw new TemplateError('template parsing failed: missing value for command');
  cursor.at += 1;
  if (token === '(') {
    const value = pipeline(tokens, cursor, data);
    if (tokens[cursor.at] !== ')') throw new TemplateError('template parsing failed: unclosed left paren');
    cursor.at += 1;
    return value;
  }
  if (token.startsWith('"')) return JSON.parse(token) as string;
  if (token.startsWith('`')) return token.slice(1, -1);
  if (/^-?\d/.test(token)) return Number(token);
  return lookUp(token, data);
};

const lookUp = (token: string, data: TemplateData): Value => {
  if (token === 'true' || token === 'false') return token === 'true';
  const [head = '', ...path] = token.split('.');
  if (!(TEMPLATE_FUNCTIONS as readonly string[]).includes(head)) {
    throw new TemplateError(`template parsing failed: function "${token}" not defined; known: ${TEMPLATE_FUNCTIONS.join(', ')}`);
  }
  if (head !== 'variables') {
    if (path.length > 0) throw new TemplateError(`template parsing failed: ${head} has no field ${path.join('.')}`);
    return data[head as Exclude<keyof TemplateData, 'variables'>];
  }
  const key = path.join('.');
  if (!Object.hasOwn(data.variables, key)) throw new TemplateError(`template excution failed: map has no entry for key "${key}"`);
  return data.variables[key] as string;
};

const BUILTINS: Readonly<Record<string, (values: readonly Value[]) => Value>> = {
  printf: ([format, ...values]) => formatted(String(format ?? ''), values),
  print: (values) => values.join(''),
  len: ([value]) => String(value ?? '').length,
  not: ([value]) => !isTrue(value ?? ''),
  and: (values) => values.find((value) => !isTrue(value)) ?? values.at(-1) ?? '',
  or: (values) => values.find((value) => isTrue(value)) ?? values.at(-1) ?? '',
  eq: ([first, ...others]) => others.some((other) => other === first),
  ne: ([first, second]) => first !== second,
};

const formatted = (format: string, values: readonly Value[]): string => {
  let next = 0;
  return format.replace(/%(%|[svdq])/g, (_, verb: string) => {
    if (verb === '%') return '%';
    const value = values[next];
    next += 1;
    return verb === 'q' ? JSON.stringify(String(value)) : String(value);
  });
};
