import { describe, expect, it } from 'vitest';
import { KINDS } from '../../../../shared/api/kinds.ts';
import type { KubeObject } from '../../../../shared/api/kube.ts';
import { RUNNING, useLooker } from '../looker.ts';
import { createTestTerminal } from '../terminal.ts';

const at = useLooker();
const { look, setStatus, second } = at;

describe('the others that look', () => {
  it('describe draws the tree and names what comes next', async () => {
    await setStatus(RUNNING);
    await at.stage.clock.advance(5000);
    const { out } = await look('describe', 'podinfo');
    expect(out).toMatch(/├─ ◆ Deployment podinfo +canary +✔ 2\/2 +example.org\/podinfo:1.0.0/);
    expect(out).toMatch(/│ {2}└─ ▪ podinfo-\S+ +✔ Running +ready 1\/1/);
    expect(out).toMatch(/├─ ◆ Deployment podinfo-primary +primary +✖ missing/);
    expect(out).toMatch(/└─ ○ Service podinfo · podinfo-primary · podinfo-canary {3}not created yet\n/);
    expect(out).toContain('\nnext: checks again');
  });

  it('why explains, with the driver', async () => {
    await setStatus(RUNNING);
    expect((await look('why', 'podinfo')).out).toMatch(/driver +none alive\n/);
    expect(JSON.parse((await look('why', 'podinfo', '-o', 'json')).out)).toMatchObject({
      kind: 'Explanation',
      driver: 'none alive',
    });
  });

  it('history shows the last revisions, newest first', async () => {
    const history = [
      {
        number: 1,
        revision: 'aaaa',
        result: 'initialized',
        image: 'example.org/podinfo:1.0.0',
        started: '2026-01-01T00:00:00Z',
        ended: '2026-01-01T00:08:00Z',
      },
      {
        number: 2,
        revision: 'bbbb',
        result: 'failed',
        image: 'example.org/podinfo:2.0.0',
        worstCheck: 'request-success-rate 95 < 99',
        by: 'bo',
      },
    ];
    await setStatus({ phase: 'Failed', history });
    expect((await look('history', 'podinfo', '--no-headers')).out).toBe(
      '2   bbbb   podinfo:2.0.0   -                      -    ✖ failed        request-success-rate 95 < 99, by bo\n1   aaaa   podinfo:1.0.0   2026-01-01T00:00:00Z   8m   ✔ initialized\n',
    );
    expect((await look('history', 'podinfo', '--limit', '1', '-o', 'json')).out).toContain('"revision": "bbbb"');
  });

  it('events are those of the Canary and of what it works with', async () => {
    const event = (name: string, kind: string, type: string, message: string): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${name}.${message.replace(' ', '-')}`, namespace: 'test' },
      involvedObject: { kind, name, namespace: 'test', apiVersion: 'v1' },
      type,
      message,
      count: 2,
      lastTimestamp: `2026-01-01T00:00:0${type === 'Warning' ? 1 : 0}Z`,
      source: { component: 'flagger' },
    });
    for (const one of [
      event('podinfo', 'Canary', 'Normal', 'mine'),
      event('podinfo-primary-abc-x', 'Pod', 'Warning', 'pod'),
      event('other', 'Canary', 'Normal', 'not mine'),
    ]) {
      await at.stage.server.kube.create(KINDS.event, one);
    }
    const { out } = await look('events', 'podinfo', '--no-headers');
    expect(out.split('\n').filter((line) => /mine|pod$/.test(line))).toEqual([
      '2026-01-01T00:00:00Z (×2)   Normal    canary/podinfo              flagger   mine',
      '2026-01-01T00:00:01Z (×2)   Warning   pod/podinfo-primary-abc-x   flagger   pod',
    ]);
    expect((await look('events', 'podinfo', '--types', 'Warning', '--no-headers')).out).not.toContain('mine');
  });

  it('wait waits for several and answers the worst code', async () => {
    await setStatus({ phase: 'Succeeded' });
    expect((await look('wait', 'podinfo', '--for', 'promoted')).out).toBe(
      'canary.flagger.app/podinfo promoted (Succeeded)\n',
    );
    await second();
    expect(await look('wait', '-A', '--for', 'promoted', '--timeout', '3s')).toMatchObject({
      code: 124,
      out: 'canary.flagger.app/podinfo promoted (Succeeded)\n',
    });
  });

  it('version tells of this program alone, and of the cluster where there is one', async () => {
    expect((await look('version', '--client')).out).toMatch(/^kubectl-canary v\S+ \(\S+, Node v\S+, \S+\)\n$/);
    expect((await look('version')).out).toMatch(/Canary type +v1beta1\ncontroller +none alive\n$/);
    at.terminal = createTestTerminal();
    expect(await look('version')).toMatchObject({
      code: 0,
      out: expect.stringContaining('not asked: no kubeconfig found'),
    });
  });
});
