import { describe, expect, it } from 'vitest';
import { failureLines } from '../../../../plugin/view/failure.ts';
import { isLive, makeStyle, wantsColor } from '../../../../plugin/view/style.ts';
import { CanaryError } from '../../../../shared/errors.ts';

describe('colours', () => {
  it.each<[why: string, choice: string | undefined, around: [isTTY: boolean, env: object], wanted: boolean]>([
    ['on a terminal', undefined, [true, {}], true],
    ['not in a pipe', undefined, [false, {}], false],
    ['--color=always wins over everything', 'always', [false, { NO_COLOR: '1', TERM: 'dumb' }], true],
    ['--color=never wins over FORCE_COLOR', 'never', [true, { FORCE_COLOR: '1' }], false],
    ['FORCE_COLOR wins over NO_COLOR', 'auto', [false, { FORCE_COLOR: '1', NO_COLOR: '1' }], true],
    ['FORCE_COLOR=0 says no', undefined, [true, { FORCE_COLOR: '0' }], false],
    ['NO_COLOR', undefined, [true, { NO_COLOR: '1' }], false],
    ['an empty NO_COLOR is none', undefined, [true, { NO_COLOR: '' }], true],
    ['a dumb terminal', undefined, [true, { TERM: 'dumb' }], false],
  ])('%s', (_, choice, [isTTY, env], wanted) => {
    expect(wantsColor(choice, env as Record<string, string>, isTTY)).toBe(wanted);
  });

  it('are never the only sign: every icon has an ASCII twin of one cell', () => {
    const ascii = makeStyle({ color: false, ascii: true });
    const signs = (['good', 'moving', 'waiting', 'bad', 'warn', 'unknown', 'idle'] as const).map((icon) =>
      ascii.icon(icon),
    );
    expect(signs.join('')).toMatch(/^[!-~]{7}$/);
    expect(new Set(signs).size).toBe(7);
  });

  it('leave a text alone where they are off', () => {
    expect(makeStyle({ color: false }).paint('bad', 'x')).toBe('x');
    expect(makeStyle({ color: true }).paint('bad', 'x')).toBe('\u001b[31mx\u001b[39m');
  });
});

describe('redrawing', () => {
  it.each([
    [{}, true, true],
    [{}, false, false],
    [{ CI: 'true' }, true, false],
    [{ CI: 'false' }, true, true],
    [{ TERM: 'dumb' }, true, false],
  ])('with %j and a terminal: %s is %s', (env, isTTY, live) => {
    expect(isLive(env, isTTY)).toBe(live);
  });
});

describe('a failure', () => {
  it('is one line of what, one of because, one of try', () => {
    const error = new CanaryError('API_FORBIDDEN', 'you may not\npatch', {
      because: 'canaries is forbidden:\n no',
      remedy: 'kubectl auth can-i',
    });
    expect(failureLines(error, makeStyle({ color: false }))).toBe(
      'error: you may not patch\nbecause: canaries is forbidden: no\ntry:   kubectl auth can-i\n',
    );
  });
});
