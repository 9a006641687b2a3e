/** kubectl's dialect of JSONPath: text with `{...}` parts, range and end, filters, unions, slices. */
import { CanaryError } from '../../shared/errors.ts';

type Step =
  | { readonly is: 'field'; readonly names: readonly string[] }
  | { readonly is: 'all' }
  | { readonly is: 'deep'; readonly name: string }
  | { readonly is: 'slice'; readonly from: number | undefined; readonly to: number | undefined; readonly by: number }
  | { readonly is: 'items'; readonly at: readonly number[] }
  | { readonly is: 'filter'; readonly path: readonly Step[]; readonly op: string | undefined; readonly value: unknown };

type Part =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'path'; readonly steps: readonly Step[] }
  | { readonly is: 'range'; readonly steps: readonly Step[]; readonly body: readonly Part[] };

const bad = (template: string, why: string): CanaryError =>
  new CanaryError('USAGE', `unreadable jsonpath "${template}": ${why}`);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const children = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : isRecord(value) ? Object.values(value) : [];

const descendants = (value: unknown): unknown[] => [value, ...children(value).flatMap(descendants)];

const unquote = (text: string): string =>
  text.slice(1, -1).replace(/\\(.)/g, (_, char: string) => ({ n: '\n', t: '\t', r: '\r' })[char] ?? char);

const literal = (text: string): unknown => {
  if (/^(["']).*\1$/s.test(text)) return unquote(text);
  if (text === 'true' || text === 'false') return text === 'true';
  return Number(text);
};

const FILTER =
  /^\?\(\s*@?(.*?)\s*(?:(==|!=|<=|>=|<|>)\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|-?[\d.]+|true|false)\s*)?\)$/s;

const bracket = (inside: string, template: string): Step => {
  if (inside === '*') return { is: 'all' };
  if (inside.startsWith('?')) {
    const [, path, op, value] = FILTER.exec(inside) ?? [];
    if (path === undefined) throw bad(template, `filter [${inside}]`);
    return { is: 'filter', path: stepsOf(path, template), op, value: value === undefined ? undefined : literal(value) };
  }
  if (/^(["'])/.test(inside)) {
    return {
      is: 'field',
      names: [...inside.matchAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g)].map(([name]) => unquote(name)),
    };
  }
  if (/^-?\d+(,-?\d+)*$/.test(inside)) return { is: 'items', at: inside.split(',').map(Number) };
  const slice = /^(-?\d+)?:(-?\d+)?(?::(\d+))?$/.exec(inside);
  if (slice === null) throw bad(template, `[${inside}]`);
  const numberOr = (text: string | undefined) => (text === undefined ? undefined : Number(text));
  return { is: 'slice', from: numberOr(slice[1]), to: numberOr(slice[2]), by: Math.max(1, Number(slice[3] ?? 1)) };
};

/** Where the bracket that opens at `from` closes, quotes and inner brackets minded. */
const closing = (text: string, from: number, template: string): number => {
  let depth = 0;
  for (let i = from; i < text.length; i += 1) {
    const char = text[i];
    if (char === '"' || char === "'") {
      for (i += 1; i < text.length && text[i] !== char; i += 1) if (text[i] === '\\') i += 1;
    } else if (char === '[') depth += 1;
    else if (char === ']' && --depth === 0) return i;
  }
  throw bad(template, 'a [ is not closed');
};

const stepsOf = (path: string, template: string): Step[] => {
  const steps: Step[] = [];
  let at = /^[$@]/.test(path) ? 1 : 0;
  while (at < path.length) {
    if (path[at] === '[') {
      const end = closing(path, at, template);
      steps.push(bracket(path.slice(at + 1, end).trim(), template));
      at = end + 1;
      continue;
    }
    const [whole, dots, name] = /^(\.{0,2})((?:\\.|[^.[\]\\\s])*)/s.exec(path.slice(at)) ?? ['', '', ''];
    if (whole === '' || (name === '' && dots === '..')) throw bad(template, `"${path.slice(at)}"`);
    const field = (name ?? '').replace(/\\(.)/g, '$1');
    if (dots === '..') steps.push({ is: 'deep', name: field });
    else if (field === '*') steps.push({ is: 'all' });
    else if (field !== '') steps.push({ is: 'field', names: [field] });
    at += whole.length;
  }
  return steps;
};

const compare = (left: unknown, op: string, right: unknown): boolean => {
  if (op === '==') return left === right || String(left) === String(right);
  if (op === '!=') return String(left) !== String(right);
  const [a, b] = [left as number, right as number];
  return { '<': a < b, '>': a > b, '<=': a <= b, '>=': a >= b }[op] ?? false;
};

const take = (step: Step, value: unknown): unknown[] => {
  switch (step.is) {
    case 'field':
      return isRecord(value) ? step.names.filter((name) => Object.hasOwn(value, name)).map((name) => value[name]) : [];
    case 'all':
      return children(value);
    case 'deep':
      return descendants(value).flatMap((inner) =>
        step.name === '*'
          ? children(inner)
          : isRecord(inner) && Object.hasOwn(inner, step.name)
            ? [inner[step.name]]
            : [],
      );
    case 'items':
      return Array.isArray(value)
        ? step.at.map((at) => value.at(at) as unknown).filter((item) => item !== undefined)
        : [];
    case 'slice':
      return Array.isArray(value) ? value.slice(step.from, step.to).filter((_, index) => index % step.by === 0) : [];
    case 'filter':
      return (Array.isArray(value) ? value : []).filter((item: unknown) => {
        const found = walk(step.path, item);
        return step.op === undefined
          ? found.length > 0
          : found.some((one) => compare(one, step.op as string, step.value));
      });
  }
};

const walk = (steps: readonly Step[], value: unknown): unknown[] =>
  steps.reduce<unknown[]>((values, step) => values.flatMap((one) => take(step, one)), [value]);

const show = (value: unknown): string =>
  value === null ? '<nil>' : typeof value === 'string' ? value : JSON.stringify(value);

/** Splits a template at its braces; `end` closes the innermost range. */
const parse = (template: string): Part[] => {
  const stack: Part[][] = [[]];
  const ranges: (readonly Step[])[] = [];
  const pieces = template.match(/\{(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^{}"'])*\}|[^{}]+|[{}]/gs) ?? [];
  for (const piece of pieces) {
    const now = stack.at(-1) as Part[];
    if (piece === '{' || piece === '}') throw bad(template, 'braces do not match');
    if (!piece.startsWith('{')) {
      now.push({ is: 'text', text: piece });
      continue;
    }
    const inside = piece.slice(1, -1).trim();
    if (/^(["']).*\1$/s.test(inside)) now.push({ is: 'text', text: unquote(inside) });
    else if (inside === 'end') {
      const steps = ranges.pop();
      if (steps === undefined) throw bad(template, 'end without range');
      const body = stack.pop() as Part[];
      (stack.at(-1) as Part[]).push({ is: 'range', steps, body });
    } else if (/^range\s/.test(inside)) {
      ranges.push(stepsOf(inside.slice(5).trim(), template));
      stack.push([]);
    } else now.push({ is: 'path', steps: stepsOf(inside, template) });
  }
  if (ranges.length > 0) throw bad(template, 'range without end');
  return stack[0] as Part[];
};

const render = (parts: readonly Part[], value: unknown): string =>
  parts
    .map((part) => {
      if (part.is === 'text') return part.text;
      const found = walk(part.steps, value);
      return part.is === 'path' ? found.map(show).join(' ') : found.map((one) => render(part.body, one)).join('');
    })
    .join('');

/** Compiles a template such as `{range .items[*]}{.metadata.name}{"\n"}{end}`. Throws USAGE when unreadable. */
export const compileJsonPath = (template: string): ((value: unknown) => string) => {
  const text = template.includes('{') ? template : `{${template}}`;
  const parts = parse(text);
  return (value) => render(parts, value);
};

/** The values that one bare path such as `.metadata.name` or `{.spec}` names. */
export const compilePath = (path: string): ((value: unknown) => unknown[]) => {
  const bare = path
    .trim()
    .replace(/^\{(.*)\}$/s, '$1')
    .trim();
  const steps = stepsOf(/^[.[$@]/.test(bare) ? bare : `.${bare}`, path);
  return (value) => walk(steps, value);
};
