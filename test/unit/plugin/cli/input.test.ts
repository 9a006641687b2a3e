import { describe, expect, it } from 'vitest';
import { readDuration } from '../../../../plugin/cli/input.ts';
import { editDistance, nearest } from '../../../../plugin/cli/nearest.ts';
import { createTestTerminal } from '../terminal.ts';

describe('durations on the command line', () => {
  it.each([
    ['30', 30_000],
    ['0', 0],
    ['30s', 30_000],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['500ms', 500],
    ['', undefined],
    ['soon', undefined],
    ['5x', undefined],
    ['-5s', undefined],
    ['1m 30s', undefined],
  ])('%j is %s milliseconds', (text, ms) => {
    expect(readDuration(text)).toBe(ms);
  });
});

describe('the nearest known word', () => {
  it.each([
    ['gte', 'get'],
    ['stauts', 'status'],
    ['rolback', 'rollback'],
    ['valid', 'validate'],
    ['zzz', undefined],
    ['p', undefined],
  ])('%s was meant as %s', (word, meant) => {
    expect(nearest(word, ['get', 'status', 'rollback', 'validate', 'promote'])).toBe(meant);
  });

  it('counts a swap of neighbours as one edit', () => {
    expect(editDistance('form', 'from')).toBe(1);
  });
});

describe('values that cannot be right end with 2 and say what would be', () => {
  it.each<[typed: string[], message: string]>([
    [['get', '--watch=maybe'], 'invalid value "maybe" for --watch: true or false'],
    [['history', 'x', '--limit', 'many'], 'invalid value "many" for --limit: must be a whole number'],
    [
      ['status', 'x', '--timeout', 'soon'],
      'invalid value "soon" for --timeout: must be a duration such as 30s or 1m30s',
    ],
    [['promote', 'x', '--dry-run=servr'], 'did you mean "server"? known: none, client, server, unchanged'],
    [['run'], 'run needs NAME'],
    [['status', 'a', 'b'], 'too many arguments for status: "b"'],
    [['version', 'x'], 'version takes no arguments, got "x"'],
    [['pause', 'x', '--for', 'ever'], 'invalid value "ever" for --for'],
    [['promote', 'x', '--force'], '--force goes with --full'],
    [['promote', 'x', '--full', '--force'], '--force needs --reason TEXT'],
    [['promote'], 'promote needs NAME or a selector'],
    [['get', 'x', '-A'], 'a Canary cannot be named across all namespaces'],
    [['get', 'x', '-l', 'a=b'], 'name a Canary or select by label, not both'],
    [['get', '-o', 'jsn'], 'unknown output format "jsn"; did you mean "json"?'],
    [['get', '-o', 'go-template={{.x}}'], 'Go templates are not supported; use -o jsonpath=TEMPLATE'],
    [['get', '-o', 'jsonpath='], '-o jsonpath= needs a template after the ='],
    [['get', '--phase', 'Progresing'], 'unknown phase "Progresing"; did you mean "Progressing"?'],
    [['status', 'x', '--for', 'glory'], 'unknown goal "glory"'],
    [['completion', 'tcsh'], 'unknown shell "tcsh"'],
    [['help', 'exit-code'], 'did you mean "exit-codes"?'],
    [['validate'], 'validate needs -f FILE'],
    [['wait', 'x'], 'wait needs --for'],
    [['run', 'x', '--mesh-provider', 'ngnx'], 'unknown provider "ngnx"; did you mean "nginx"?'],
    [['run', 'x', '--mesh-provider', 'smi:v1alpha1:istio'], '"smi:v1alpha1:istio"; did you mean "smi:v1alpha1"?'],
    [['run', 'x', '--mesh-provider', 'appmesh:v1beta1'], '"appmesh:v1beta1"; did you mean "appmesh"?'],
    [['run', 'x', '--mesh-provider', 'gatewayapi'], '"gatewayapi"; did you mean "gatewayapi:v1"?'],
    [['validate', '-f', 'package.json', '--mesh-provider', 'ngnx'], 'unknown provider "ngnx"; did you mean "nginx"?'],
    [['run', 'x', '--metrics-server', 'here'], 'must be an http or https URL'],
    [['controller', '--threadiness', '0'], 'must be at least 1'],
    [['controller', '--log-level', 'loud'], 'unknown log level "loud"'],
  ])('%j', async (typed, message) => {
    const kube = {} as never;
    const terminal = createTestTerminal({ kube });
    expect(await terminal.run(...typed)).toBe(2);
    expect(terminal.err()).toContain(message);
    expect(terminal.err().split('\n')[0]).toMatch(/^error: /);
    expect(terminal.out()).toBe('');
  });
});
