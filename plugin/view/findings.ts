/** Findings for people and for machines: text, SARIF, JUnit, GitHub annotations. */
import { buildInfo } from '../build-info.ts';
import type { FileFinding } from '../validate/judge-files.ts';
import { plain } from './columns.ts';
import type { Style } from './style.ts';

export interface Totals {
  readonly files: number;
  readonly objects: number;
  readonly errors: number;
  readonly warnings: number;
}

const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** `2 files, 3 objects, 1 error, 1 warning`. */
export const totalsLine = (totals: Totals): string =>
  [
    counted(totals.files, 'file'),
    `${counted(totals.objects, 'object')} judged`,
    counted(totals.errors, 'error'),
    counted(totals.warnings, 'warning'),
  ].join(', ');

/** `file:line:column  error  ID  message`, then the line itself. */
export const findingLines = (finding: FileFinding, source: readonly string[], style: Style): string[] => {
  const isError = finding.severity === 'error';
  const label = style.paint(isError ? 'bad' : 'waiting', isError ? 'error' : 'warn ');
  const path = finding.path === '' ? '' : ` ${style.paint('dim', `(${plain(finding.path)})`)}`;
  const text = source[finding.line - 1];
  const number = String(finding.line).padStart(6);
  const excerpt =
    text === undefined || text.trim() === ''
      ? []
      : [style.paint('dim', `${number} ${style.sign('│', '|')} ${plain(text.trimEnd())}`)];
  return [
    `${finding.file}:${finding.line}:${finding.column}  ${label}  ${finding.id}  ${plain(finding.message)}${path}`,
    ...excerpt,
  ];
};

/** SARIF 2.1.0, as code scanning takes it. */
export const sarif = (findings: readonly FileFinding[]): unknown => ({
  $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
  version: '2.1.0',
  runs: [
    {
      tool: {
        driver: {
          name: 'kubectl-canary',
          version: buildInfo.version,
          rules: [...new Set(findings.map(({ id }) => id))].sort().map((id) => ({ id })),
        },
      },
      results: findings.map((finding) => ({
        ruleId: finding.id,
        level: finding.severity,
        message: { text: finding.message },
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: finding.file },
              region: { startLine: finding.line, startColumn: finding.column },
            },
            logicalLocations: [{ fullyQualifiedName: `${finding.object} ${finding.path}`.trim() }],
          },
        ],
      })),
    },
  ],
});

const escapeXml = (text: string): string =>
  plain(text).replace(
    /[<>&"']/g,
    (char) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;', "'": '&apos;' })[char] as string,
  );

/** One test case per finding; a clean run is one passing case. */
export const junit = (findings: readonly FileFinding[]): string => {
  const cases = findings.map((finding) => {
    const name = escapeXml(`${finding.id} ${finding.path}`.trim());
    const text = escapeXml(`${finding.file}:${finding.line}:${finding.column} ${finding.message}`);
    const body =
      finding.severity === 'error'
        ? `<failure message="${escapeXml(finding.message)}">${text}</failure>`
        : `<system-out>${text}</system-out>`;
    return `    <testcase classname="${escapeXml(finding.object)}" name="${name}" file="${escapeXml(finding.file)}" line="${finding.line}">${body}</testcase>`;
  });
  const failures = findings.filter(({ severity }) => severity === 'error').length;
  const all = cases.length > 0 ? cases : ['    <testcase classname="kubectl-canary" name="validate"/>'];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites tests="${all.length}" failures="${failures}">`,
    `  <testsuite name="kubectl canary validate" tests="${all.length}" failures="${failures}">`,
    ...all,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
};

const escapeData = (text: string): string => plain(text).replace(/%/g, '%25');

const escapeProperty = (text: string): string => escapeData(text).replace(/:/g, '%3A').replace(/,/g, '%2C');

/** Workflow commands that annotate the lines of a pull request. */
export const github = (findings: readonly FileFinding[]): string =>
  findings
    .map(
      (one) =>
        `::${one.severity} file=${escapeProperty(one.file)},line=${one.line},col=${one.column},title=${escapeProperty(one.id)}::${escapeData(one.message)}\n`,
    )
    .join('');
