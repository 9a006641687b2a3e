import { describe, expect, it } from 'vitest';
import { createLog, type LogLevel, parseLogLevel } from '../../../../shared/platform/log.ts';
import { createTestClock } from '../../../make/clock.ts';

const record = (level: LogLevel = 'debug') => {
  const lines: string[] = [];
  const log = createLog({ clock: createTestClock(), level, write: (line) => lines.push(line) });
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> };
};

describe('a log', () => {
  it('writes one JSON line with level, time, message and fields', () => {
    const { log, lines, last } = record();
    log.info('canary advanced', { canary: 'podinfo.test', weight: 10, absent: undefined });
    expect(last()).toEqual({
      level: 'info',
      ts: '2026-01-01T00:00:00.000Z',
      canary: 'podinfo.test',
      weight: 10,
      msg: 'canary advanced',
    });
    expect(lines[0]).toMatch(/^\{[^\n]*\}\n$/);
  });

  it('keeps back what is below its level', () => {
    const { log, lines } = record('warn');
    log.debug('a');
    log.info('b');
    log.warn('c');
    log.error('d');
    expect(lines.map((line) => (JSON.parse(line) as { level: string }).level)).toEqual(['warn', 'error']);
  });

  it.each([
    { msg: 'calling https://me:hunter2@example.test/x', secret: 'hunter2' },
    { msg: 'sent Authorization: Bearer abcdef.ghijkl-mno', secret: 'abcdef' },
    { msg: 'GET https://example.test/q?a=1&api_key=abc123&b=2', secret: 'abc123' },
    { msg: 'POST https://hooks.slack.com/services/T0/B0/xyzzy', secret: 'xyzzy' },
    { msg: 'POST https://discord.com/api/webhooks/1/xyzzy', secret: 'xyzzy' },
    { msg: 'token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln used', secret: 'eyJzdWIi' },
  ])('never shows the secret of "$msg"', ({ msg, secret }) => {
    const { log, lines } = record();
    log.error(msg, { where: msg });
    expect(lines.join('')).not.toContain(secret);
    expect(lines).toHaveLength(1);
  });

  it('never shows a field that is named as a secret', () => {
    const { log, last } = record();
    log.info('x', { slackToken: 'plain', password: 'plain', 'api-key': 'plain', tokens: 3 });
    expect(last()).toMatchObject({ slackToken: '***', password: '***', 'api-key': '***', tokens: 3 });
  });

  it('reads the level names of the reference and its documentation', () => {
    expect(['debug', 'INFO', 'warn', 'warning', 'error', 'fatal', 'panic'].map(parseLogLevel)).toEqual([
      'debug',
      'info',
      'warn',
      'warn',
      'error',
      'error',
      'error',
    ]);
    expect(() => parseLogLevel('loud')).toThrow('unknown log level "loud"');
  });
});
