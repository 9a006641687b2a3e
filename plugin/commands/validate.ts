import { CanaryError, EXIT } from '../../shared/errors.ts';
import { RULES, ruleById } from '../../shared/rules/registry.ts';
import type { Input } from '../cli/input.ts';
import { nearest } from '../cli/nearest.ts';
import type { Run } from '../cli/spec.ts';
import { usageError } from '../cli/usage.ts';
import { checkProvider } from '../drive/settings.ts';
import type { Io } from '../io.ts';
import { outStyle, toYaml } from '../print.ts';
import { type Read, readObjects, type Unreadable } from '../validate/documents.ts';
import { type FileFinding, isJudged, judgeFiles } from '../validate/judge-files.ts';
import { readSources, type Source } from '../validate/sources.ts';
import { findingLines, github, junit, sarif, type Totals, totalsLine } from '../view/findings.ts';

const CLASSES = {
  D: 'refused: the object alone proves it wrong',
  P: 'refused before the schema is asked, in words that can be understood',
  W: 'a warning',
  X: 'another object has a say: a warning, or refused where that object contradicts',
} as const;

const knownRule = (id: string) => {
  const rule = ruleById(id.toUpperCase());
  if (rule !== undefined) return rule;
  const meant = nearest(
    id.toUpperCase(),
    RULES.map((one) => one.id),
  );
  throw usageError(`no rule "${id}"${meant === undefined ? '' : `; did you mean "${meant}"?`}`);
};

const explainRule = (id: string, io: Io): number => {
  const rule = knownRule(id);
  io.stdout.write(
    `${rule.id}  ${rule.about}\n  of     ${rule.kinds.join(', ')}\n  at     ${rule.path === '' ? '-' : rule.path}\n  it is  ${CLASSES[rule.class]}\n`,
  );
  return EXIT.done;
};

const pathsOf = (input: Input): string[] => {
  const paths = [...input.list('filename'), ...input.words];
  if (paths.length > 0 || input.has('kustomize')) return paths;
  throw usageError('validate needs -f FILE, a folder, or - for stdin', 'kubectl canary validate -f deploy/');
};

interface Report {
  readonly findings: readonly FileFinding[];
  readonly problems: readonly Unreadable[];
  readonly totals: Totals;
  readonly sources: readonly Source[];
}

const judgeAll = (sources: readonly Source[], input: Input): Report => {
  const read: Read[] = sources.map(readObjects);
  const files = read.flatMap(({ objects }) => objects);
  const problems = read.flatMap((one) => one.problems);
  const disabled = new Set(
    input
      .list('disable')
      .flatMap((text) => text.split(','))
      .map((id) => knownRule(id).id),
  );
  const meshProvider = input.text('mesh-provider') ?? '';
  if (meshProvider !== '') checkProvider(meshProvider);
  const all = judgeFiles(files, { meshProvider, namespace: 'default', disabled });
  const findings = input.text('min-severity') === 'error' ? all.filter(({ severity }) => severity === 'error') : all;
  const errors = all.filter(({ severity }) => severity === 'error').length;
  const objects = files.filter(({ object }) => isJudged(object)).length;
  return {
    findings,
    problems,
    sources,
    totals: { files: sources.length, objects, errors, warnings: all.length - errors },
  };
};

const writeText = (report: Report, input: Input, io: Io): void => {
  const style = outStyle(input, io);
  const lines = new Map(report.sources.map((source) => [source.name, source.text.split('\n')]));
  for (const finding of report.findings)
    io.stdout.write(`${findingLines(finding, lines.get(finding.file) ?? [], style).join('\n')}\n`);
  const [first] = report.findings;
  const hint =
    first === undefined || first.id === 'SCHEMA'
      ? ''
      : `        explain a rule: kubectl canary validate --explain ${first.id}`;
  io.stdout.write(`${totalsLine(report.totals)}${hint}\n`);
};

const write = async (report: Report, input: Input, io: Io): Promise<void> => {
  const { findings, problems, totals } = report;
  const view = {
    kind: 'ValidationReport',
    apiVersion: 'view.kubectl-canary/v1',
    findings,
    unreadable: problems,
    totals,
  };
  switch (input.text('output') ?? 'text') {
    case 'json':
      io.stdout.write(`${JSON.stringify(view, null, 2)}\n`);
      return;
    case 'yaml':
      io.stdout.write(await toYaml(view));
      return;
    case 'sarif':
      io.stdout.write(`${JSON.stringify(sarif(findings), null, 2)}\n`);
      return;
    case 'junit':
      io.stdout.write(junit(findings));
      return;
    case 'github':
      io.stdout.write(github(findings));
      return;
    default:
      writeText(report, input, io);
  }
};

export const run: Run = async (input, io) => {
  const explained = input.text('explain');
  if (explained !== undefined) return explainRule(explained, io);
  const paths = pathsOf(input);
  const sources = await readSources(
    { paths, kustomize: input.text('kustomize'), recursive: input.flag('recursive') },
    io,
  );
  const report = judgeAll(sources, input);
  const { totals, problems } = report;
  for (const problem of problems)
    io.stderr.write(`error: ${problem.file}:${problem.line}:${problem.column} cannot be read: ${problem.message}\n`);
  if (totals.objects === 0) {
    if (problems.length > 0) return EXIT.usage;
    const where = [...paths, ...input.list('kustomize')].join(', ');
    throw new CanaryError(
      'INPUT_INVALID',
      `nothing to validate in ${where} (${totals.files} ${totals.files === 1 ? 'file' : 'files'}, no Canary)`,
    );
  }
  await write(report, input, io);
  if (problems.length > 0) return EXIT.usage;
  return totals.errors > 0 || (input.flag('strict') && totals.warnings > 0) ? EXIT.no : EXIT.done;
};
