import { describe, expect, it } from 'vitest';
import { normaliseArgv } from '../../../plugin/argv.ts';
import { GLOBALS } from '../../../plugin/cli/flags.ts';
import { COMMANDS } from '../../../plugin/cli/table.ts';

const read = (...argv: string[]) => {
  const { command, flags, words } = normaliseArgv(argv, COMMANDS, GLOBALS);
  return [command?.name, ...flags, ...(words.length > 0 ? ['--', ...words] : [])].filter((part) => part !== undefined);
};

describe('words are read as kubectl reads them', () => {
  it.each<[what: string, typed: string[], meant: string[]]>([
    ['a glued short value', ['get', '-ojson'], ['get', '--output=json']],
    ['another glued one', ['get', '-oyaml', 'podinfo'], ['get', '--output=yaml', '--', 'podinfo']],
    ['a glued selector', ['get', '-lapp=x'], ['get', '--selector=app=x']],
    ['a glued namespace', ['get', '-ntest'], ['get', '--namespace=test']],
    ['an equals sign after a short flag', ['get', '-o=json'], ['get', '--output=json']],
    ['a value of its own', ['get', '-o', 'json'], ['get', '--output=json']],
    ['several letters in one word', ['get', '-Aw'], ['get', '--all-namespaces=true', '--watch=true']],
    ['letters before a value', ['get', '-Aojson'], ['get', '--all-namespaces=true', '--output=json']],
    ['a letter that is switched off', ['status', '-w=false'], ['status', '--watch=false']],
    ['a dash for stdin', ['validate', '-f', '-'], ['validate', '--filename=-']],
    ['a lone dash as a word', ['validate', '-'], ['validate', '--', '-']],
    ['a flag named no-', ['get', '--no-headers'], ['get', '--no-headers=true']],
    ['a switch before a word', ['get', '--watch', 'podinfo'], ['get', '--watch=true', '--', 'podinfo']],
    ['a word that looks like a value', ['get', '--watch', 'false'], ['get', '--watch=true', '--', 'false']],
    ['a name that looks like a number', ['get', '1e3', '007'], ['get', '--', '1e3', '007']],
    ['a scalar given twice', ['get', '-o', 'yaml', '-ojson'], ['get', '--output=json']],
    ['a list given twice', ['validate', '-f', 'a', '-fb'], ['validate', '--filename=a', '--filename=b']],
    ['a value that begins with a dash', ['rollback', 'x', '--reason', '-5'], ['rollback', '--reason=-5', '--', 'x']],
    ['an empty value', ['get', '--selector='], ['get', '--selector=']],
    ['an equals sign in a value', ['get', '-l', 'a=b,c=d'], ['get', '--selector=a=b,c=d']],
    ['words after two dashes', ['get', '--', '-x', '--y'], ['get', '--', '-x', '--y']],
    ['a flag before the command', ['-n', 'test', 'get'], ['get', '--namespace=test']],
    ['an alias', ['ls'], ['get']],
    ['a value that may be left out', ['promote', 'x', '--dry-run'], ['promote', '--dry-run=client', '--', 'x']],
    [
      'one that never takes the next word',
      ['promote', '--dry-run', 'server'],
      ['promote', '--dry-run=client', '--', 'server'],
    ],
    ['verbosity', ['get', '-v6'], ['get', '--v=6']],
    [
      'one dash before a long name of the controller',
      ['controller', '-mesh-provider=nginx'],
      ['controller', '--mesh-provider=nginx'],
    ],
    [
      'the same with the value apart',
      ['controller', '-mesh-provider', 'nginx'],
      ['controller', '--mesh-provider=nginx'],
    ],
    [
      'a switch in that style',
      ['controller', '-enable-leader-election'],
      ['controller', '--enable-leader-election=true'],
    ],
    ['its short flags all the same', ['controller', '-n', 'test'], ['controller', '--namespace=test']],
    ['what is for another program', ['webhook', '--port', '1', '-x'], ['webhook', '--', '--port', '1', '-x']],
  ])('%s', (_, typed, meant) => {
    expect(read(...typed)).toEqual(meant);
  });

  it('means the flag of the command, not the one of another: -f takes a file in validate and does not exist in get', () => {
    expect(read('validate', '-f', 'x')).toEqual(['validate', '--filename=x']);
    expect(() => read('get', '-f', 'x')).toThrow('unknown short flag "-f"');
  });

  it('warns of --dry-run without a value', () => {
    expect(normaliseArgv(['promote', 'x', '--dry-run'], COMMANDS, GLOBALS).warnings).toEqual([
      '--dry-run without a value is deprecated; it means --dry-run=client',
    ]);
  });

  it.each<[typed: string[], message: string, remedy: string]>([
    [['gte'], 'unknown command "gte"; did you mean "get"?', 'kubectl canary --help'],
    [['xyzzy'], 'unknown command "xyzzy"', 'kubectl canary --help'],
    [['get', '--outptu=json'], 'unknown flag "--outptu"; did you mean "--output"?', 'kubectl canary get --help'],
    [['get', '-z'], 'unknown short flag "-z" in "-z"', 'kubectl canary get --help'],
    [['get', '-o'], 'flag needs an argument: -o (--output)', 'kubectl canary get --help'],
    [['get', '--namespace'], 'flag needs an argument: --namespace', 'kubectl canary get --help'],
    [['controller', '-mesh-provder=x'], 'unknown short flag', 'kubectl canary controller --help'],
  ])('%j is wrong usage: %s', (typed, message, remedy) => {
    expect(() => read(...typed)).toThrow(
      expect.objectContaining({ code: 'USAGE', exitCode: 2, remedy, message: expect.stringContaining(message) }),
    );
  });
});

describe('every command', () => {
  it.each(COMMANDS.map((spec) => [spec.name, spec] as const))(
    '%s has examples that it understands itself',
    (_, spec) => {
      expect(spec.examples.length).toBeGreaterThan(0);
      for (const example of spec.examples) {
        const words =
          /kubectl canary ([^|)]*)/
            .exec(example)?.[1]
            ?.trim()
            .match(/"[^"]*"|\S+/g) ?? [];
        const typed = words.map((word) => word.replace(/^"|"$/g, ''));
        expect(normaliseArgv(typed, COMMANDS, GLOBALS).command?.name).toBe(spec.name);
      }
    },
  );

  it('has a name, and aliases, of its own', () => {
    const names = COMMANDS.flatMap((spec) => [spec.name, ...(spec.aliases ?? [])]);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(COMMANDS.map((spec) => [spec.name, spec] as const))('%s gives no letter to two flags', (_, spec) => {
    const all = { ...GLOBALS, ...Object.assign({}, ...spec.groups.map((group) => group.flags)) } as typeof GLOBALS;
    const letters = Object.values(all).flatMap((flag) => ('short' in flag ? [flag.short] : []));
    expect(new Set(letters).size).toBe(letters.length);
  });
});
