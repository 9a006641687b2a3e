import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readObjects } from '../../../plugin/validate/documents.ts';
import { isJudged, judgeFiles } from '../../../plugin/validate/judge-files.ts';
import type { KubeObject } from '../../../shared/api/kube.ts';
import { createTestTerminal, type TerminalOptions } from './terminal.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'canary-validate-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const GOOD = `apiVersion: flagger.app/v1beta1
kind: Canary
metadata:
  name: podinfo
  namespace: test
spec:
  provider: nginx
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: podinfo}
  ingressRef: {apiVersion: networking.k8s.io/v1, kind: Ingress, name: podinfo}
  service: {port: 80}
  analysis:
    interval: 10s
    threshold: 5
    maxWeight: 50
    stepWeight: 10
    metrics:
      - {name: request-success-rate, thresholdRange: {min: 99}, interval: 1m}
`;

const BAD = GOOD.replace('maxWeight: 50', 'maxWeight: 150').replace('interval: 10s', 'interval: 5s');

const SCALED = `apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: podinfo-so, namespace: test}
spec:
  scaleTargetRef: {name: podinfo}
  triggers:
  - type: prometheus
    metadata: {query: 'sum(rate(podinfo[1m]))', serverAddress: http://prometheus, threshold: "5"}
`;

const WITH_SCALER = GOOD.replace(
  '  service:',
  '  autoscalerRef:\n    apiVersion: keda.sh/v1alpha1\n    kind: ScaledObject\n    name: podinfo-so\n    primaryScalerQueries:\n      prom: sum(rate(podinfo_primary[1m]))\n  service:',
);

const write = (name: string, text: string): string => {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
};

const validate = async (argv: readonly string[], options: TerminalOptions = {}) => {
  const terminal = createTestTerminal(options);
  const code = await terminal.run('validate', ...argv);
  return { code, out: terminal.out(), err: terminal.err() };
};

describe('validate', () => {
  it('is quiet about a good file', async () => {
    expect(await validate(['-f', write('good.yaml', GOOD)])).toEqual({
      code: 0,
      out: '1 file, 1 object judged, 0 errors, 0 warnings\n',
      err: '',
    });
  });

  it('says file, line, column, rule and what to do, with the line itself', async () => {
    const file = write('bad.yaml', BAD);
    const { code, out } = await validate(['-f', file]);
    expect(code).toBe(1);
    expect(out.split('\n').slice(0, 4)).toEqual([
      expect.stringMatching(new RegExp(`^${file}:12:5 {2}warn {3}CANARY-DUR-003 {2}`)),
      '    12 │     interval: 5s',
      expect.stringMatching(
        new RegExp(`^${file}:14:5 {2}error {2}CANARY-STRAT-005 {2}150: .*\\(spec.analysis.maxWeight\\)$`),
      ),
      '    14 │     maxWeight: 150',
    ]);
    expect(out).toMatch(
      /1 file, 1 object judged, 1 error, 1 warning {8}explain a rule: kubectl canary validate --explain CANARY-DUR-003\n$/,
    );
  });

  it('reads stdin, several documents, Lists and JSON', async () => {
    const list = JSON.stringify(
      {
        apiVersion: 'v1',
        kind: 'List',
        items: readObjects({ name: 'x', text: BAD }).objects.map(({ object }) => object),
      },
      null,
      1,
    );
    expect((await validate(['-f', '-'], { input: `---\n${GOOD}---\n${BAD}` })).out).toContain(
      'stdin:33:5  error  CANARY-STRAT-005',
    );
    const { out } = await validate(['-f', write('list.json', list)]);
    const line = list.split('\n').findIndex((text) => text.includes('maxWeight')) + 1;
    expect(out).toContain(`list.json:${line}:`);
  });

  it('takes other objects of the same files as context, whatever file they are in', async () => {
    const [canary, scaled] = [write('two/canary.yaml', WITH_SCALER), write('two/scaled.yaml', SCALED)];
    expect((await validate(['-f', canary])).code).toBe(0);
    const { code, out } = await validate(['-f', canary, '-f', scaled]);
    expect(code).toBe(1);
    expect(out).toContain('CANARY-KEDA-002');
    expect((await validate([join(folder, 'two')])).code).toBe(1);
  });

  it('goes into folders inside a folder only with -R', async () => {
    write('deep/good.yaml', GOOD);
    write('deep/down/bad.yaml', BAD);
    expect((await validate(['-f', join(folder, 'deep')])).code).toBe(0);
    expect((await validate(['-f', join(folder, 'deep'), '-R'])).code).toBe(1);
  });

  it('counts warnings as errors under --strict, and leaves rules out when told', async () => {
    const file = write('warn.yaml', GOOD.replace('interval: 10s', 'interval: 5s'));
    expect((await validate(['-f', file])).code).toBe(0);
    expect((await validate(['-f', file, '--strict'])).code).toBe(1);
    expect((await validate(['-f', file, '--strict', '--disable', 'canary-dur-003'])).code).toBe(0);
    expect((await validate(['-f', file, '--min-severity', 'error'])).out).not.toContain('CANARY-DUR-003');
  });

  it('obeys the strictness that a Namespace in the files asks for', async () => {
    const strict = `apiVersion: v1\nkind: Namespace\nmetadata: {name: test, labels: {kubectl-canary/admission: warn}}\n---\n${WITH_SCALER}---\n${SCALED}`;
    expect((await validate(['-f', write('lenient.yaml', strict)])).out).toContain('0 errors');
  });

  it('says what the schema would refuse, where no rule says it better', async () => {
    const { code, out } = await validate(['-f', write('schema.yaml', GOOD.replace('threshold: 5', 'threshold: many'))]);
    expect(code).toBe(1);
    expect(out).toMatch(/schema.yaml:13:5 {2}error {2}SCHEMA {2}.*must be of type number/);
  });

  it.each<[what: string, text: string, message: RegExp]>([
    ['unreadable YAML', 'kind: Canary\n  x: [1,\n', /^error: \S+unreadable-YAML.yaml:\d:\d+ cannot be read: \S/],
    ['a key given twice', `${GOOD}metadata: {name: again}\n`, /^error: \S+:18:1 cannot be read: .*unique/i],
    ['no object at all', 'just: values\n', /^error: nothing to validate in \S+ \(1 file, no Canary\)\n$/],
    ['nothing', '', /^error: nothing to validate in/],
  ])('%s ends with 2 and one clear line', async (what, text, message) => {
    const { code, out, err } = await validate(['-f', write(`${what.replaceAll(' ', '-')}.yaml`, text)]);
    expect(code).toBe(2);
    expect(err).toMatch(message);
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(out).toBe('');
  });

  it('judges the readable documents all the same, and ends with 2', async () => {
    const { code, out, err } = await validate(['-f', write('half.yaml', BAD), '-f', write('broken.yaml', 'a: [1,\n')]);
    expect([code, err]).toEqual([2, expect.stringContaining('broken.yaml:2:1 cannot be read')]);
    expect(out).toContain('CANARY-STRAT-005');
  });

  it('a missing file ends with 2', async () => {
    expect(await validate(['-f', join(folder, 'none.yaml')])).toEqual({
      code: 2,
      out: '',
      err: expect.stringMatching(/^error: cannot read \S+none.yaml: no such file or folder\n$/),
    });
  });

  it('explains a rule', async () => {
    expect((await validate(['--explain', 'canary-strat-005'])).out).toMatch(
      /^CANARY-STRAT-005 {2}.+\n {2}of {5}Canary\n {2}at {5}spec.analysis.maxWeight\n/,
    );
    expect((await validate(['--explain', 'CANARY-STRAT-05'])).err).toContain('did you mean "CANARY-STRAT-005"?');
  });
});

describe('findings for machines', () => {
  const machine = async (format: string) => (await validate(['-f', write('machine.yaml', BAD), '-o', format])).out;

  it('json and yaml carry every finding with its place', async () => {
    const report = JSON.parse(await machine('json')) as { kind: string; findings: unknown[]; totals: object };
    expect(report).toMatchObject({
      kind: 'ValidationReport',
      totals: { files: 1, objects: 1, errors: 1, warnings: 1 },
    });
    expect(report.findings[1]).toMatchObject({
      id: 'CANARY-STRAT-005',
      severity: 'error',
      line: 14,
      column: 5,
      path: 'spec.analysis.maxWeight',
      object: 'Canary podinfo',
    });
    expect(await machine('yaml')).toMatch(/^kind: ValidationReport\n/);
  });

  it('sarif has a rule and a region per finding', async () => {
    const { version, runs } = JSON.parse(await machine('sarif')) as {
      version: string;
      runs: [{ tool: { driver: { rules: { id: string }[] } }; results: object[] }];
    };
    expect(version).toBe('2.1.0');
    expect(runs[0].tool.driver.rules.map(({ id }) => id)).toEqual(['CANARY-DUR-003', 'CANARY-STRAT-005']);
    expect(runs[0].results[1]).toMatchObject({
      ruleId: 'CANARY-STRAT-005',
      level: 'error',
      locations: [{ physicalLocation: { region: { startLine: 14, startColumn: 5 } } }],
    });
  });

  it('junit counts errors as failures and escapes what it quotes', async () => {
    const text = await machine('junit');
    expect(text).toContain('<testsuites tests="2" failures="1">');
    expect(text).not.toMatch(/<failure message="[^"]*<[^"]*"/);
    expect((await validate(['-f', write('fine.yaml', GOOD), '-o', 'junit'])).out).toContain(
      '<testcase classname="kubectl-canary" name="validate"/>',
    );
  });

  it('github annotates lines', async () => {
    expect(await machine('github')).toMatch(
      /^::warning file=\S+,line=12,col=5,title=CANARY-DUR-003::.*\n::error file=\S+,line=14,col=5,title=CANARY-STRAT-005::150: .*\n$/,
    );
  });
});

describe('every manifest of the recordings', () => {
  const scenarios = join(import.meta.dirname, '../../golden/scenarios');

  it.each(readdirSync(scenarios).filter((name) => name.endsWith('.json')))('%s fits the schema', (name) => {
    const { objects } = JSON.parse(readFileSync(join(scenarios, name), 'utf8')) as { objects: KubeObject[] };
    const files = objects
      .filter(isJudged)
      .map((object) => ({ object, placeOf: () => ({ file: name, line: 1, column: 1 }) }));
    const findings = judgeFiles(files, { meshProvider: '', namespace: 'default', disabled: new Set() });
    expect(findings.filter(({ id }) => id === 'SCHEMA')).toEqual([]);
  });
});
