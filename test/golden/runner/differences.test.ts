import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { RIGHT_DIFFERENCES } from './differences.ts';

const rows = readFileSync(new URL('../../../COMPATIBILITY.md', import.meta.url), 'utf8')
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter(([, number]) => /^\d+$/.test(number ?? ''))
  .map(([, , id = '']) => id);

describe('the differences that golden runs grant', () => {
  it.each(RIGHT_DIFFERENCES)('$id stands in COMPATIBILITY.md as one that recordings show', ({ id }) => {
    expect(rows).toContain(`${id} *`);
  });

  it('are all that COMPATIBILITY.md says recordings show', () => {
    const marked = rows.filter((id) => id.endsWith('*')).map((id) => id.slice(0, -2));
    expect(marked.toSorted()).toEqual([...new Set(RIGHT_DIFFERENCES.map(({ id }) => id))].toSorted());
  });
});
