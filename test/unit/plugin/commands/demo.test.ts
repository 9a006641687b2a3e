import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createTestTerminal } from '../terminal.ts';

const run = async (...argv: string[]) => {
  const terminal = createTestTerminal();
  const code = await terminal.run('demo', ...argv);
  return { code, out: terminal.out(), err: terminal.err() };
};

describe('a demo that cannot start says why, in words', () => {
  it.each(['-1', '65536'])('port %s', async (port) => {
    expect(await run('--port', port)).toEqual({
      code: 2,
      out: '',
      err: `error: invalid value "${port}" for --port: must be a port number, or 0 for any free one\n`,
    });
  });

  it('a port that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    const { code, err } = await run('--port', String(port));
    other.close();
    expect(err).toBe(`error: port ${port} is in use\ntry:   kubectl canary demo --port 0        takes any free one\n`);
    expect(code).toBe(2);
  });

  it.each(['--speed=20x', '--headless'])('%s, which it does not have', async (flag) => {
    expect((await run(flag)).err).toMatch(/^error: unknown flag "--/);
  });
});
