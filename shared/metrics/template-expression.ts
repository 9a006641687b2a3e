/** What stands between the braces of a query template: values, functions, pipes. */

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

export const TEMPLATE_FUNCTIONS = [
  'name',
  'namespace',
  'target',
  'service',
  'ingress',
  'route',
  'interval',
  'variables',
] as const;

/** A template that can't be rendered: the message is one line. */
export class TemplateError extends Error {}

export type Value = string | number | boolean | Readonly<Record<string, string>>;

/** Go's truth: empty, zero and false are not true. */
export const isTrue = (value: Value): boolean =>
  typeof value === 'object' ? Object.keys(value).length > 0 : value !== '' && value !== false && value !== 0;

const TOKEN = /\s*("(?:[^"\\\n]|\\.)*"|`[^`]*`|-?\d+(?:\.\d+)?(?![\w.])|[A-Za-z_][\w.]*|[()|])/y;

const tokensOf = (action: string): string[] => {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < action.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(action)?.[1];
    if (token === undefined) {
      const rest = action.slice(at).trim();
      if (rest === '') break;
      throw new TemplateError(
        `template parsing failed: unexpected "${rest.slice(0, 20)}" in {{ ${action.slice(0, 100)} }}`,
      );
    }
    tokens.push(token);
  }
  return tokens;
};

interface Reader {
  readonly tokens: readonly string[];
  readonly data: TemplateData;
  at: number;
  depth: number;
}

/** The value of one action; throws TemplateError. */
export const evaluate = (action: string, data: TemplateData): Value => {
  const reader: Reader = { tokens: tokensOf(action), data, at: 0, depth: 0 };
  const value = pipeline(reader);
  const rest = reader.tokens[reader.at];
  if (rest !== undefined) throw new TemplateError(`template parsing failed: unexpected "${rest}" in {{ ${action} }}`);
  return value;
};

const pipeline = (reader: Reader): Value => {
  let value = command(reader, []);
  while (reader.tokens[reader.at] === '|') {
    reader.at += 1;
    value = command(reader, [value]);
  }
  return value;
};

/** A function with its arguments, what is piped in last; or a value, which takes nothing. */
const command = (reader: Reader, piped: readonly Value[]): Value => {
  const head = reader.tokens[reader.at];
  const builtin = head === undefined ? undefined : BUILTINS.get(head);
  if (head === undefined || builtin === undefined) {
    if (piped.length > 0 && head !== undefined)
      throw new TemplateError(`template excution failed: ${head} takes no argument`);
    return operand(reader);
  }
  reader.at += 1;
  const given: Value[] = [];
  for (
    let next = reader.tokens[reader.at];
    next !== undefined && next !== '|' && next !== ')';
    next = reader.tokens[reader.at]
  ) {
    given.push(operand(reader));
  }
  const values = [...given, ...piped];
  if (values.length < builtin.least)
    throw new TemplateError(`template excution failed: ${head} needs ${builtin.least} arguments, not ${values.length}`);
  return builtin.run(values);
};

const DEEPEST = 100;

const operand = (reader: Reader): Value => {
  const token = reader.tokens[reader.at];
  if (token === undefined) throw new TemplateError('template parsing failed: missing value for command');
  reader.at += 1;
  if (token === '(') return inParentheses(reader);
  if (token.startsWith('"')) return unquoted(token);
  if (token.startsWith('`')) return token.slice(1, -1);
  if (/^-?\d/.test(token)) return Number(token);
  return lookUp(token, reader.data);
};

const inParentheses = (reader: Reader): Value => {
  reader.depth += 1;
  if (reader.depth > DEEPEST)
    throw new TemplateError(`template parsing failed: more than ${DEEPEST} levels of parentheses`);
  const value = pipeline(reader);
  if (reader.tokens[reader.at] !== ')') throw new TemplateError('template parsing failed: unclosed left paren');
  reader.at += 1;
  reader.depth -= 1;
  return value;
};

const unquoted = (token: string): string => {
  try {
    return JSON.parse(token) as string;
  } catch {
    throw new TemplateError(`template parsing failed: invalid string ${token}`);
  }
};

const lookUp = (token: string, data: TemplateData): Value => {
  if (token === 'true' || token === 'false') return token === 'true';
  const [head = '', ...path] = token.split('.');
  if (!(TEMPLATE_FUNCTIONS as readonly string[]).includes(head)) {
    throw new TemplateError(
      `template parsing failed: function "${token}" not defined; known: ${TEMPLATE_FUNCTIONS.join(', ')}`,
    );
  }
  if (path.length === 0) return data[head as keyof TemplateData];
  if (head !== 'variables') throw new TemplateError(`template parsing failed: ${head} has no field ${path.join('.')}`);
  return entryOf(data.variables, path.join('.'));
};

const entryOf = (map: Value | undefined, key: string): string => {
  if (typeof map !== 'object') throw new TemplateError('template excution failed: index needs a map such as variables');
  if (!Object.hasOwn(map, key)) throw new TemplateError(`template excution failed: map has no entry for key "${key}"`);
  return map[key] as string;
};

/** As Go prints a value; a map has no place in a query. */
const textOf = (value: Value | undefined): string => {
  if (typeof value === 'object')
    throw new TemplateError('template excution failed: a map is not a text; name one of its keys');
  return String(value);
};

interface Builtin {
  least: number;
  run: (values: readonly Value[]) => Value;
}

const BUILTINS: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ['printf', { least: 1, run: ([format, ...values]) => formatted(textOf(format), values) }],
  ['print', { least: 0, run: (values) => values.map(String).join('') }],
  ['index', { least: 2, run: ([map, key]) => entryOf(map, textOf(key)) }],
  [
    'len',
    { least: 1, run: ([value = '']) => (typeof value === 'object' ? Object.keys(value).length : String(value).length) },
  ],
  ['not', { least: 1, run: ([value = '']) => !isTrue(value) }],
  ['and', { least: 1, run: (values) => values.find((value) => !isTrue(value)) ?? (values.at(-1) as Value) }],
  ['or', { least: 1, run: (values) => values.find((value) => isTrue(value)) ?? (values.at(-1) as Value) }],
  ['eq', { least: 2, run: ([first, ...others]) => others.some((other) => other === first) }],
  ['ne', { least: 2, run: ([first, second]) => first !== second }],
]);

const formatted = (format: string, values: readonly Value[]): string => {
  let next = 0;
  return format.replace(/%([^%svdq]|$)|%([%svdq])/g, (_, unknown: string | undefined, verb: string | undefined) => {
    if (verb === undefined)
      throw new TemplateError(`template excution failed: printf knows %s, %v, %d and %q, not %${unknown ?? ''}`);
    if (verb === '%') return '%';
    const value = values[next];
    next += 1;
    if (value === undefined) throw new TemplateError('template excution failed: printf has more verbs than arguments');
    return verb === 'q' ? JSON.stringify(textOf(value)) : textOf(value);
  });
};
