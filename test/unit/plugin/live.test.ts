import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { actionOf, keyHelp } from '../../../plugin/live/keys.ts';
import { openScreen } from '../../../plugin/screen.ts';
import { KINDS } from '../../../shared/api/kinds.ts';
import { refTo } from '../../../shared/api/kube.ts';
import { createStage, type Stage } from './stage.ts';
import { createTestTerminal } from './terminal.ts';

const ALTERNATE = '\u001b[?1049h';
const SCREEN = { size: { columns: 100, rows: 30 }, env: { NO_COLOR: '1' } };
const NORMAL = '\u001b[?1049l';

describe('drawing in place', () => {
  const drawn = (size: { columns: number; rows: number }, alternate: boolean, ...frames: string[][]): string[] => {
    const terminal = createTestTerminal({ size });
    const screen = openScreen(terminal.io, alternate);
    return frames.map((lines) => {
      terminal.clear();
      screen.draw(lines);
      return terminal.out();
    });
  };

  it('writes only the lines that changed', () => {
    const [, second] = drawn({ columns: 20, rows: 10 }, true, ['a', 'b', 'c'], ['a', 'X', 'c']);
    expect(second).toContain('X');
    expect(second).not.toMatch(/[abc]/);
  });

  it('never writes more lines than fit, nor wider ones', () => {
    const [first] = drawn({ columns: 5, rows: 3 }, true, ['aaaaaaaa', 'b', 'c', 'd']);
    expect(first).toContain('aaaa…');
    expect(first).toContain('… 2 …');
    expect(first).not.toContain('d');
  });

  it('goes back up over what it drew in the normal screen', () => {
    const [, second] = drawn({ columns: 20, rows: 10 }, false, ['a', 'b'], ['a', 'c']);
    expect(second?.startsWith('\u001b[2A\r')).toBe(true);
  });

  it('clears what is left over of a longer frame', () => {
    const [, second] = drawn({ columns: 20, rows: 10 }, true, ['a', 'b', 'c'], ['a']);
    expect(second).toContain('\u001b[J');
  });
});

describe('keys', () => {
  it.each([
    ['q', 'quit'],
    ['\u0003', 'quit'],
    ['p', 'promote'],
    ['a', 'approve'],
    ['r', 'rollback'],
    [' ', 'pause'],
    ['?', 'help'],
    ['\u001b[A', 'up'],
    ['x', undefined],
  ])('%j means %s', (key, action) => {
    expect(actionOf(key, false)).toBe(action);
  });

  it('that act are off, and not shown, where only looking is allowed', () => {
    expect(['p', 'a', 'r', ' '].map((key) => actionOf(key, true))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(actionOf('q', true)).toBe('quit');
    expect(keyHelp(true, true)).not.toContain('promote');
  });
});

describe('watch', () => {
  let stage: Stage;
  const REF = refTo(KINDS.canary, 'test', 'podinfo');
  const setStatus = (status: object) => stage.server.kube.patch(REF, { status }, { subresource: 'status' });

  beforeEach(async () => {
    stage = await createStage();
    await setStatus({ phase: 'Progressing', canaryWeight: 20, revision: 'b02ebbbbbb' });
  });

  afterEach(() => stage.stop());

  it('draws in the alternate screen, follows changes, and leaves the last frame behind on q', async () => {
    const terminal = stage.terminal(SCREEN);
    const running = terminal.run('watch', 'podinfo');
    await stage.clock.advance(3000);
    expect(terminal.out().startsWith(ALTERNATE)).toBe(true);
    expect(terminal.out()).toContain('step 2/5');
    await setStatus({ canaryWeight: 30 });
    await stage.clock.advance(1000);
    terminal.press('q');
    expect(await stage.pass(running)).toBe(0);
    const after = terminal.out().split(NORMAL)[1] ?? '';
    expect(after).toContain('step 3/5');
    expect(after).not.toContain('q quit');
  });

  it('shows all Canaries, opens the chosen one and goes back', async () => {
    const terminal = stage.terminal(SCREEN);
    const running = terminal.run('watch');
    await stage.clock.advance(1000);
    expect(terminal.out()).toContain('▸ test        podinfo');
    terminal.clear();
    terminal.press('\r');
    await stage.clock.advance(1000);
    expect(terminal.out()).toContain('podinfo.test');
    terminal.press('\u001b', 'q');
    expect(await stage.pass(running)).toBe(0);
  });

  it('rolls back only on the second r', async () => {
    const terminal = stage.terminal(SCREEN);
    const running = terminal.run('watch', 'podinfo');
    await stage.clock.advance(1000);
    terminal.press('r');
    await stage.clock.advance(1000);
    expect(terminal.out()).toContain('press r again to roll podinfo back');
    expect((await stage.canary()).metadata.annotations).toBeUndefined();
    terminal.press('r', 'r');
    await stage.clock.advance(5000);
    expect((await stage.canary()).metadata.annotations?.['kubectl-canary/command']).toContain('"rollback"');
    expect(terminal.out()).toContain('no driver is alive');
    terminal.press('q');
    await stage.pass(running);
  });

  it('ends by itself when told to', async () => {
    const terminal = stage.terminal(SCREEN);
    const running = terminal.run('watch', 'podinfo', '--exit-on', 'end');
    await stage.clock.advance(1000);
    await setStatus({ phase: 'Succeeded' });
    expect(await stage.pass(running)).toBe(0);
  });

  it('becomes lines without a terminal', async () => {
    const terminal = stage.terminal();
    const running = terminal.run('watch', 'podinfo', '--exit-on', 'end');
    await stage.clock.settle();
    await setStatus({ phase: 'Succeeded' });
    expect(await stage.pass(running)).toBe(0);
    expect(terminal.out().trim().split('\n')).toHaveLength(2);
    expect(terminal.out()).not.toContain('\u001b');
  });

  it('says when the terminal is too narrow', async () => {
    const terminal = stage.terminal({ size: { columns: 20, rows: 10 }, env: { NO_COLOR: '1' } });
    expect(await stage.run(terminal, 'watch', 'podinfo')).toBe(2);
    expect(terminal.err()).toBe('error: terminal is 20 columns wide, need 60; use status\n');
  });
});
