import { describe, expect, it } from 'vitest';
import { cells, clip, columns, plain } from '../../../../plugin/view/columns.ts';
import { bar, sparkline } from '../../../../plugin/view/spark.ts';
import { makeStyle } from '../../../../plugin/view/style.ts';

const RED = '\u001b[31m';
const OFF = '\u001b[39m';

describe('columns', () => {
  it('are as wide as their widest cell, with three spaces between and none at the end', () => {
    expect(
      columns([
        ['NAME', 'X', ''],
        ['a-long-one', 'y', ''],
      ]),
    ).toEqual(['NAME         X', 'a-long-one   y']);
  });

  it('count cells, not characters: colours take none, wide signs take two', () => {
    expect(
      columns([
        [`${RED}ab${OFF}`, 'x'],
        ['日本', 'y'],
        ['abcd', 'z'],
      ]),
    ).toEqual([`${RED}ab${OFF}     x`, '日本   y', 'abcd   z']);
  });
});

describe('a line that is cut to a width', () => {
  it.each([
    ['abcdef', 6, 'abcdef'],
    ['abcdefg', 6, 'abcde…'],
    [`${RED}abcdefg${OFF}`, 6, `${RED}abcde\u001b[0m…`],
    ['日本語', 4, '日…'],
  ])('%j at %i', (line, width, cut) => {
    expect(clip(line, width)).toBe(cut);
    expect(cells(clip(line, width))).toBeLessThanOrEqual(width);
  });
});

describe('texts that others wrote', () => {
  it('reach the terminal without control characters', () => {
    expect(plain('a\u001b[2Jb\u0007c\u001b]0;title\u0007d\ne\tf\u009b31m')).toBe('abc0;titled e f31m');
  });
});

describe('sparklines and bars', () => {
  const style = makeStyle({ color: false });
  const ascii = makeStyle({ color: false, ascii: true });

  it('are as high as the share of the most', () => {
    expect(sparkline([0, 10, 25, 50], 50, style)).toBe('▁▂▄█');
    expect(sparkline([0, 10, 25, 50], 50, ascii)).toBe('_.~#');
  });

  it('have one sign per value even where the most is nothing', () => {
    expect(sparkline([0, 0], 0, style)).toBe('▁▁');
  });

  it('fill a bar to its share and never beyond', () => {
    expect(bar(0.5, 4, style)).toBe('██░░');
    expect(bar(2, 4, ascii)).toBe('####');
    expect(bar(-1, 4, ascii)).toBe('....');
  });
});
