import { describe, expect, it } from 'vitest';
import { renderScore, withScore } from '../../../scripts/mutation/score.ts';

const mutants = (...statuses: string[]) => ({ mutants: statuses.map((status) => ({ status })) });

describe('the mutation score', () => {
  it('counts loops as noticed, code without tests as missed, and leaves out what could not run', () => {
    const report = {
      files: {
        'core/a.ts': mutants('Killed', 'Timeout', 'Killed', 'Ignored'),
        'core/deep/b.ts': mutants('Killed', 'Survived', 'NoCoverage', 'RuntimeError', 'Killed'),
        'core/types.ts': mutants('Ignored'),
        'other/c.ts': mutants('Survived'),
      },
    };
    expect(renderScore(report, 'core').split('\n')).toEqual([
      'The tests notice 71.4 % of 7 changes made to this code by `npm run mutation`.',
      '',
      '| file | noticed | of | score |',
      '|---|---|---|---|',
      '| `deep/b.ts` | 2 | 4 | 50.0 % |',
      '| `a.ts` | 3 | 3 | 100.0 % |',
    ]);
  });

  it('replaces what stands between its marks and nothing else', () => {
    const page = (text: string): string =>
      `# a\n<!-- mutation score: written by npm run mutation -->\n${text}<!-- end of mutation score -->\nz\n`;
    expect(withScore(page(''), 'new')).toBe(page('new\n'));
    expect(withScore(page('old\n'), 'new')).toBe(page('new\n'));
    expect(() => withScore('# a\n', 'new')).toThrow('needs the lines');
  });
});
