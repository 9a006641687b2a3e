/**
 * Puts many small files into few: each file that Node must find, read and wrap costs more than the code in it. What the
 * programs load at once becomes one pack, what several commands share another; large files stay alone.
 */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';

export interface Output {
  /** Path under the output folder. */
  readonly name: string;
  /** CommonJS. */
  readonly code: string;
  /** Names of the outputs that it loads at once. */
  readonly needs: readonly string[];
  /** A program or something that is loaded on demand: others refer to it by name. */
  readonly isEntry: boolean;
}

const LARGE_BYTES = 40_000;

/** Everything that loading `names` loads at once. */
const closureOf = (names: readonly string[], outputs: ReadonlyMap<string, Output>): Set<string> => {
  const seen = new Set<string>();
  const open = [...names];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    open.push(...(outputs.get(name)?.needs ?? []));
  }
  return seen;
};

/** A module that answers the exports of its parts; each part runs when it is first asked for. */
const packCode = (parts: readonly Output[]): string => {
  const bodies = parts.map(
    ({ name, code }) => `${JSON.stringify(basename(name))}:function(module,exports,require){${code}}`,
  );
  return [
    `const parts={${bodies.join(',')}},loaded={};`,
    'const own=(id)=>{const name=id.slice(2);return Object.hasOwn(parts,name)?load(name):require(id)};',
    'const load=(name)=>{let module=loaded[name];if(!module){module=loaded[name]={exports:{}};parts[name](module,module.exports,own)}return module.exports};',
    'module.exports=load;',
  ].join('');
};

/** Points the requires of packed files at their pack. */
const redirect = (code: string, packOf: ReadonlyMap<string, string>): string =>
  code.replace(/require\("(\.\/(?:lib\/)?)([^"/]+\.cjs)"\)/g, (whole, folder: string, name: string) => {
    const pack = packOf.get(name);
    return pack === undefined ? whole : `require("${folder}${pack}")("${name}")`;
  });

const makePack = (label: string, parts: readonly Output[]): Output => {
  const code = packCode(parts);
  const hash = createHash('sha256').update(code).digest('hex').slice(0, 8).toUpperCase();
  return { name: `lib/${label}-${hash}.cjs`, code, needs: [], isEntry: false };
};

/** The outputs with their small shared files packed. `programs`: what a user starts first and most. */
export const packOutputs = (all: readonly Output[], program: string): Output[] => {
  const outputs = new Map(all.map((output) => [output.name, output]));
  const isSmall = ({ isEntry, code }: Output): boolean => !isEntry && code.length < LARGE_BYTES;
  const atStart = closureOf([program], outputs);
  const groups = [
    { label: 'start', parts: all.filter((output) => isSmall(output) && atStart.has(output.name)) },
    { label: 'shared', parts: all.filter((output) => isSmall(output) && !atStart.has(output.name)) },
  ];
  const packOf = new Map<string, string>();
  const packs = groups.map(({ label, parts }) => {
    const pack = makePack(label, parts);
    for (const { name } of parts) packOf.set(basename(name), basename(pack.name));
    return { pack, parts };
  });
  const packed = packs.map(({ pack, parts }) => {
    const inside = new Set(parts.map(({ name }) => basename(name)));
    const others = new Map([...packOf].filter(([name]) => !inside.has(name)));
    return { ...pack, code: redirect(pack.code, others) };
  });
  const rest = all.filter(({ name }) => !packOf.has(basename(name)));
  return [...rest.map((output) => ({ ...output, code: redirect(output.code, packOf) })), ...packed];
};
