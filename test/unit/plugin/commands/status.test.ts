import { describe, expect, it } from 'vitest';
import { RUNNING, useLooker } from '../looker.ts';

const at = useLooker();
const { look, setStatus, second } = at;

describe('status', () => {
  it('ends with 0 when the rollout has ended well, with 1 when it failed, and says why to ask', async () => {
    await setStatus({ phase: 'Succeeded', canaryWeight: 0 });
    expect((await look('status', 'podinfo')).code).toBe(0);
    await setStatus({ phase: 'Failed', canaryWeight: 0, revision: 'b02ebbbbbb' });
    expect(await look('status', 'podinfo')).toMatchObject({
      code: 1,
      err: 'error: rollout of podinfo b02ebbb failed\ntry:   kubectl canary why podinfo -n test\n',
    });
  });

  it('writes one line per change off a terminal, and a sign of life each minute', async () => {
    await setStatus(RUNNING);
    const running = at.terminal.run('status', 'podinfo');
    await at.stage.clock.advance(61_000);
    await setStatus({ ...RUNNING, canaryWeight: 30 });
    await at.stage.clock.settle();
    await setStatus({ ...RUNNING, phase: 'Succeeded', canaryWeight: 0 });
    expect(await at.stage.pass(running)).toBe(0);
    expect(
      at.terminal
        .out()
        .trim()
        .split('\n')
        .map((line) => line.replace(/^\S+ /, '')),
    ).toEqual([
      'podinfo.test Progressing weight=20 step=2/5 checks=FAIL(1/2) revision=b02ebbb',
      'podinfo.test Progressing weight=20 step=2/5 checks=FAIL(1/2) revision=b02ebbb (still)',
      'podinfo.test Progressing weight=30 step=3/5 checks=FAIL(1/2) revision=b02ebbb',
      'podinfo.test Succeeded weight=0 revision=b02ebbb',
    ]);
  });

  it('gives up with 124 after its time', async () => {
    await setStatus(RUNNING);
    expect(await look('status', 'podinfo', '--timeout', '30s')).toMatchObject({
      code: 124,
      err: expect.stringContaining('timed out waiting for podinfo: it is Progressing'),
    });
  });

  it('does not take the end of the last rollout for that of an image that no driver has noticed yet', async () => {
    await setStatus({
      phase: 'Succeeded',
      canaryWeight: 0,
      revision: 'a',
      history: [{ number: 1, revision: 'a', result: 'promoted', image: 'example.org/podinfo:1.0.0' }],
    });
    expect((await look('status', 'podinfo', '--timeout', '5s')).code).toBe(0);
    await at.stage.setImage('2.0.0');
    expect(await look('status', 'podinfo', '--timeout', '5s')).toMatchObject({
      code: 124,
      err: expect.stringContaining('no driver has noticed the image example.org/podinfo:2.0.0 yet'),
    });
  });

  it('ends with 7 at a pause when told', async () => {
    await setStatus({ ...RUNNING, paused: { since: '2026-01-01T00:00:00Z' } });
    expect((await look('status', 'podinfo', '--fail-on-gate')).code).toBe(7);
  });

  it('shows the present state without waiting under --watch=false, also as an object', async () => {
    await setStatus(RUNNING);
    expect((await look('status', 'podinfo', '--watch=false')).out).toContain('├─ ◆ Deployment podinfo ');
    expect(JSON.parse((await look('status', 'podinfo', '--watch=false', '-o', 'json')).out)).toMatchObject({
      kind: 'RolloutStatus',
      phase: 'Progressing',
      progress: { unit: 'step', done: 2, total: 5 },
    });
  });

  it('takes the only Canary when none is named, and says so', async () => {
    expect((await look('status', '--watch=false')).err).toBe('canary podinfo in namespace test\n');
    await second();
    expect(await look('status', '--watch=false')).toMatchObject({
      code: 2,
      err: 'error: namespace "test" has 2 canaries, name one: cart, podinfo\n',
    });
  });

  it('redraws on a terminal and puts the cursor back', async () => {
    at.terminal = at.stage.terminal({ size: { columns: 60, rows: 20 } });
    await setStatus(RUNNING);
    const running = at.terminal.run('status', 'podinfo', '-w');
    await at.stage.clock.advance(5000);
    await setStatus({ ...RUNNING, phase: 'Succeeded' });
    expect(await at.stage.pass(running)).toBe(0);
    expect(at.terminal.out().startsWith('\u001b[?25l')).toBe(true);
    expect(at.terminal.out().endsWith('\u001b[?7h\u001b[?25h')).toBe(true);
    expect(at.terminal.out()).not.toContain('\u001b[2J');
  });
});
