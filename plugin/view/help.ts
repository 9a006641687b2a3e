/** Help texts, made from the commands' own records. */
import { type CommandSpec, type FlagGroup, type FlagSpec, flagsOf } from '../cli/spec.ts';

const SECTIONS: readonly (readonly [CommandSpec['section'], string])[] = [
  ['look', 'Look and explain'],
  ['act', 'Act'],
  ['offline', 'Without a cluster'],
  ['serve', 'In the cluster'],
  ['other', 'Other'],
];

const wrap = (text: string, width: number): string[] =>
  text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    let line = '';
    for (const word of paragraph.split(' ')) {
      if (line !== '' && line.length + 1 + word.length > width) {
        lines.push(line);
        line = word;
      } else line = line === '' ? word : `${line} ${word}`;
    }
    return [...lines, line];
  });

const pairs = (rows: readonly (readonly [string, string])[], width: number): string[] => {
  const left = Math.min(34, Math.max(...rows.map(([name]) => name.length)));
  return rows.flatMap(([name, about]) => {
    const lines = wrap(about, Math.max(30, width - left - 4));
    const first =
      name.length > left
        ? [`  ${name}`, `  ${' '.repeat(left)}  ${lines[0]}`]
        : [`  ${name.padEnd(left)}  ${lines[0]}`];
    return [...first, ...lines.slice(1).map((line) => `  ${' '.repeat(left)}  ${line}`)];
  });
};

const flagName = (name: string, flag: FlagSpec): string => {
  const value =
    flag.type === 'flag' ? '' : flag.bare === undefined ? ` ${flag.value ?? 'VALUE'}` : `[=${flag.value ?? 'VALUE'}]`;
  return `${flag.short === undefined ? '    ' : `-${flag.short}, `}--${name}${value}`;
};

const flagRows = (group: FlagGroup): [string, string][] =>
  Object.entries(group.flags)
    .filter(([, flag]) => flag.hidden !== true)
    .map(([name, flag]) => [
      flagName(name, flag),
      flag.default === undefined ? flag.about : `${flag.about} (default ${flag.default})`,
    ]);

/** A page of flags under their headings. */
export const flagsPage = (groups: readonly FlagGroup[], width: number): string[] =>
  groups.flatMap((group) => {
    const rows = flagRows(group);
    return rows.length === 0 ? [] : [`${group.title}:`, ...pairs(rows, width), ''];
  });

export const usageLine = (spec: CommandSpec): string =>
  `kubectl canary ${spec.name}${spec.args === undefined ? '' : ` ${spec.args}`}${Object.keys(flagsOf(spec)).length === 0 ? '' : ' [flags]'}`;

const examplesOf = (spec: CommandSpec, most: number): string[] => [
  'Examples:',
  ...spec.examples.slice(0, most).map((example) => `  ${example}`),
];

const aliasesOf = (spec: CommandSpec): string[] =>
  spec.aliases === undefined ? [] : [`Also: ${spec.aliases.join(', ')}`];

/** `-h`: what it is, how it is called, two examples. */
export const shortHelp = (spec: CommandSpec): string =>
  [
    spec.about,
    '',
    'Usage:',
    `  ${usageLine(spec)}`,
    '',
    ...examplesOf(spec, 2),
    '',
    `All flags: kubectl canary ${spec.name} --help`,
    '',
  ].join('\n');

/** `--help`: everything. */
export const fullHelp = (spec: CommandSpec, width: number): string =>
  [
    spec.about,
    ...(spec.details === undefined ? [] : ['', ...wrap(spec.details.replace(/\s*\n\s*/g, ' '), width)]),
    '',
    'Usage:',
    `  ${usageLine(spec)}`,
    ...aliasesOf(spec),
    '',
    ...examplesOf(spec, spec.examples.length),
    '',
    ...flagsPage(spec.groups, width),
  ].join('\n');

/** The list of commands. */
export const commandList = (commands: readonly CommandSpec[], width: number): string => {
  const shown = commands.filter((spec) => spec.hidden !== true);
  return [
    'Progressive delivery: look at rollouts, explain them and drive them.',
    '',
    'Usage:',
    '  kubectl canary COMMAND [flags]        flags stand after "canary": kubectl canary get -n test',
    '',
    ...SECTIONS.flatMap(([section, title]) => [
      `${title}:`,
      ...pairs(
        shown.filter((spec) => spec.section === section).map((spec) => [spec.name, spec.about]),
        width,
      ),
      '',
    ]),
    'Help for one: kubectl canary COMMAND --help     Flags of all: kubectl canary options',
    '',
  ].join('\n');
};
