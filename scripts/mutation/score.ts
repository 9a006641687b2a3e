/** A mutation report in short: how many changes of the code the tests noticed, in all and file by file. */

/** The part of Stryker's report that we read (schema 2 of mutation-testing-elements). */
export interface MutationReport {
  readonly files: Readonly<Record<string, { readonly mutants: readonly { readonly status: string }[] }>>;
}

interface Score {
  readonly file: string;
  readonly noticed: number;
  readonly total: number;
}

/** A mutant that ends in a loop was noticed too. */
const NOTICED = ['Killed', 'Timeout'];
const MISSED = ['Survived', 'NoCoverage'];

const scoreOf = (file: string, mutants: readonly { readonly status: string }[]): Score => {
  const count = (statuses: readonly string[]): number => mutants.filter((one) => statuses.includes(one.status)).length;
  return { file, noticed: count(NOTICED), total: count(NOTICED) + count(MISSED) };
};

const percent = ({ noticed, total }: Omit<Score, 'file'>): string => `${((100 * noticed) / total).toFixed(1)} %`;

/** One line of totals, then a table of the files under `folder`, the weakest first. */
export const renderScore = (report: MutationReport, folder: string): string => {
  const scores = Object.entries(report.files)
    .filter(([file]) => file.startsWith(`${folder}/`))
    .map(([file, { mutants }]) => scoreOf(file.slice(folder.length + 1), mutants))
    .filter(({ total }) => total > 0)
    .sort((a, b) => a.noticed / a.total - b.noticed / b.total || a.file.localeCompare(b.file));
  const sum = (key: 'noticed' | 'total'): number => scores.reduce((all, one) => all + one[key], 0);
  const all = { noticed: sum('noticed'), total: sum('total') };
  return [
    `The tests notice ${percent(all)} of ${all.total} changes made to this code by \`npm run mutation\`.`,
    '',
    '| file | noticed | of | score |',
    '|---|---|---|---|',
    ...scores.map((one) => `| \`${one.file}\` | ${one.noticed} | ${one.total} | ${percent(one)} |`),
  ].join('\n');
};

const START = '<!-- mutation score: written by npm run mutation -->';
const END = '<!-- end of mutation score -->';

/** The page with the score between its two marks. Throws when it has none. */
export const withScore = (page: string, score: string): string => {
  const [start, end] = [page.indexOf(START), page.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`the page needs the lines ${START} and ${END}`);
  return `${page.slice(0, start + START.length)}\n${score}\n${page.slice(end)}`;
};
