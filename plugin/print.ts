/** `-o`: which form was asked for, and writing it. */
import type { KubeObject } from '../shared/api/kube.ts';
import { CanaryError, messageOf } from '../shared/errors.ts';
import type { Input } from './cli/input.ts';
import { nearest } from './cli/nearest.ts';
import { usageError } from './cli/usage.ts';
import type { Io } from './io.ts';
import { makeStyle, type Style, wantsColor } from './view/style.ts';

export type Form =
  | { readonly is: 'text' | 'wide' | 'json' | 'yaml' | 'name' }
  | { readonly is: 'jsonpath'; readonly template: string }
  | { readonly is: 'custom-columns'; readonly template: string };

export type FormName = Form['is'];

const PREFIXED = /^(jsonpath|jsonpath-file|custom-columns)(?:=(.*))?$/s;

const templateOf = async (kind: string, rest: string): Promise<Form> => {
  if (rest === '')
    throw usageError(`-o ${kind}= needs a ${kind === 'jsonpath-file' ? 'file' : 'template'} after the =`);
  if (kind === 'custom-columns') return { is: 'custom-columns', template: rest };
  if (kind === 'jsonpath') return { is: 'jsonpath', template: rest };
  const { readFile } = await import('node:fs/promises');
  const template = await readFile(rest, 'utf8').catch((error: unknown) => {
    throw new CanaryError('INPUT_UNREADABLE', `cannot read ${rest}`, { because: messageOf(error) });
  });
  return { is: 'jsonpath', template: template.replace(/\n$/, '') };
};

/** Reads `-o` (or $KUBECTL_CANARY_OUTPUT). `allowed` are the forms of this command. Throws USAGE. */
export const formOf = async (input: Input, io: Io, allowed: readonly FormName[]): Promise<Form> => {
  const text = input.text('output') ?? io.env['KUBECTL_CANARY_OUTPUT'] ?? '';
  if (text === '' || text === 'table' || text === 'text') return { is: 'text' };
  const [, kind, rest] = PREFIXED.exec(text) ?? [];
  const is = (kind?.replace('-file', '') ?? text) as FormName;
  if (allowed.includes(is)) return kind === undefined ? { is: text as 'json' } : templateOf(kind, rest ?? '');
  if (/^(go-)?template/.test(text))
    throw usageError('Go templates are not supported; use -o jsonpath=TEMPLATE', 'kubectl canary help output');
  const meant = nearest(text, allowed);
  throw usageError(
    `unknown output format "${text}"${meant === undefined ? '' : `; did you mean "${meant}"?`}; known: ${allowed.join(', ')}`,
  );
};

const styleFor = (input: Input, io: Io, isTTY: boolean): Style =>
  makeStyle({
    color: wantsColor(input.flag('no-color') ? 'never' : input.text('color'), io.env, isTTY),
    ascii: input.flag('ascii'),
    utc: input.flag('utc') || !isTTY,
  });

/** How to write on stdout; off a terminal times are absolute. */
export const outStyle = (input: Input, io: Io): Style => styleFor(input, io, io.stdout.isTTY);

export const errStyle = (input: Input, io: Io): Style => styleFor(input, io, io.stderr.isTTY);

/** YAML as kubectl writes it. */
export const toYaml = async (value: unknown): Promise<string> => {
  const { stringify } = await import('yaml');
  return stringify(value, { lineWidth: 0, indentSeq: false, aliasDuplicateObjects: false });
};

/** A computed view in `json` or `yaml`. */
export const writeView = async (view: unknown, form: Form, io: Io): Promise<void> => {
  io.stdout.write(form.is === 'yaml' ? await toYaml(view) : `${JSON.stringify(view, null, 2)}\n`);
};

const withoutManaged = (object: KubeObject, keep: boolean): KubeObject => {
  if (keep || object.metadata.managedFields === undefined) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
};

/** Several objects, or none, as the `List` that kubectl makes of them. */
const listOf = (items: readonly KubeObject[]): unknown => ({
  apiVersion: 'v1',
  items,
  kind: 'List',
  metadata: { resourceVersion: '' },
});

const customColumns = async (template: string, objects: readonly KubeObject[], headers: boolean): Promise<string> => {
  const [{ compilePath }, { columns }] = await Promise.all([import('./view/jsonpath.ts'), import('./view/columns.ts')]);
  const specs = template.split(',').map((part) => {
    const cut = part.indexOf(':');
    if (cut <= 0) throw usageError(`unreadable column "${part}"; write HEADER:PATH,…`);
    return { header: part.slice(0, cut), read: compilePath(part.slice(cut + 1)) };
  });
  const cell = (values: readonly unknown[]) =>
    values.length === 0
      ? '<none>'
      : values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(',');
  const rows = objects.map((object) => specs.map((spec) => cell(spec.read(object))));
  return `${columns([...(headers ? [specs.map((spec) => spec.header)] : []), ...rows]).join('\n')}\n`;
};

/** `canary.flagger.app/podinfo` */
export const qualifiedName = (object: KubeObject): string =>
  `${object.kind.toLowerCase()}.${object.apiVersion.split('/')[0] as string}/${object.metadata.name}`;

/** Objects in one of the machine forms. `single`: one object was named, so it stands alone. */
export const writeObjects = async (
  objects: readonly KubeObject[],
  form: Form,
  io: Io,
  options: { single: boolean; managed: boolean; headers: boolean },
): Promise<void> => {
  const shown = objects.map((object) => withoutManaged(object, options.managed));
  const root = options.single && shown.length === 1 ? shown[0] : listOf(shown);
  switch (form.is) {
    case 'name':
      io.stdout.write(shown.map((object) => `${qualifiedName(object)}\n`).join(''));
      return;
    case 'jsonpath': {
      const { compileJsonPath } = await import('./view/jsonpath.ts');
      io.stdout.write(compileJsonPath(form.template)(root));
      return;
    }
    case 'custom-columns':
      io.stdout.write(await customColumns(form.template, shown, options.headers));
      return;
    default:
      await writeView(root, form, io);
  }
};
