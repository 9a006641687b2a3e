import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KINDS } from '../../../shared/api/kinds.ts';
import { type KubeObject, refTo } from '../../../shared/api/kube.ts';
import type { Kube } from '../../../shared/engine/ports.ts';
import { CanaryError, type ErrorCode } from '../../../shared/errors.ts';
import { createStage, type Stage } from './stage.ts';
import type { TestTerminal } from './terminal.ts';

const REF = refTo(KINDS.canary, 'test', 'podinfo');

let stage: Stage;
let terminal: TestTerminal;

beforeEach(async () => {
  stage = await createStage();
  terminal = stage.terminal();
});

afterEach(() => stage.stop());

const setStatus = (status: Record<string, unknown>) =>
  stage.server.kube.patch(REF, { status }, { subresource: 'status' });

const RUNNING = { phase: 'Progressing', canaryWeight: 20, failedChecks: 1, revision: 'b02ebbbbbb' };

const second = (): Promise<KubeObject> =>
  stage.server.kube.create(KINDS.canary, {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'Canary',
    metadata: { name: 'cart', namespace: 'test' },
    spec: {
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'cart' },
      service: { port: 80 },
      analysis: { interval: '10s', threshold: 1, iterations: 1 },
    },
  });

const look = async (...argv: string[]): Promise<{ code: number; out: string; err: string }> => {
  terminal.clear();
  const code = await stage.run(terminal, ...argv);
  return { code, out: terminal.out(), err: terminal.err() };
};

describe('get', () => {
  it('lists, sorted by name', async () => {
    await second();
    await setStatus(RUNNING);
    expect((await look('get')).out.split('\n').map((line) => line.split(/ {3,}/).slice(0, 3))).toEqual([
      ['NAME', 'STATUS', 'STEP'],
      ['cart', '○ New', '-'],
      ['podinfo', '● Progressing', '2/5'],
      [''],
    ]);
  });

  it.each<[argv: string[], names: string[]]>([
    [['--phase', 'progressing'], ['podinfo']],
    [['--phase', 'Failed,Progressing'], ['podinfo']],
    [['--failed'], []],
    [['--waiting'], []],
    [['-l', 'team=shop'], ['podinfo']],
    [['-l', 'team!=shop'], ['cart']],
    [
      ['--sort-by', '.status.canaryWeight', '-A'],
      ['cart', 'podinfo'],
    ],
  ])('%j keeps %j', async (argv, names) => {
    await second();
    await setStatus(RUNNING);
    const { code, out } = await look('get', '-o', 'name', ...argv);
    expect([code, out]).toEqual([0, names.map((name) => `canary.flagger.app/${name}\n`).join('')]);
  });

  it('says with kubectl words that there is nothing, and ends with 0', async () => {
    expect(await look('get', '-n', 'nowhere')).toEqual({
      code: 0,
      out: '',
      err: 'No resources found in nowhere namespace.\n',
    });
    expect((await look('get', '-A', '-l', 'x=y')).err).toBe('No resources found\n');
  });

  it('prints the object unchanged when one is named, else a List', async () => {
    const one = JSON.parse((await look('get', 'podinfo', '-o', 'json')).out) as KubeObject;
    expect(one).toEqual({
      ...(await stage.canary()),
      metadata: expect.not.objectContaining({ managedFields: expect.anything() }),
    });
    const list = JSON.parse((await look('get', '-o', 'json')).out) as { kind: string; items: unknown[] };
    expect([list.kind, list.items.length]).toEqual(['List', 1]);
    expect((await look('get', 'canary/podinfo', '-o', 'yaml')).out).toMatch(
      /^apiVersion: flagger.app\/v1beta1\nkind: Canary\n/,
    );
  });

  it('prints paths and columns', async () => {
    await setStatus(RUNNING);
    expect((await look('get', 'podinfo', '-o', 'jsonpath={.status.phase}')).out).toBe('Progressing');
    expect(
      (await look('get', '-o', 'custom-columns=NAME:.metadata.name,W:.status.canaryWeight,X:.spec.none')).out,
    ).toBe('NAME      W    X\npodinfo   20   <none>\n');
    expect((await look('get', '-o', 'custom-columns=NAME:.metadata.name', '--no-headers')).out).toBe('podinfo\n');
  });

  it('goes on with each change under -w, and ends in order', async () => {
    const running = terminal.run('get', '-w', '--no-headers');
    await stage.clock.settle();
    await setStatus(RUNNING);
    await stage.clock.settle();
    terminal.interrupt();
    expect(await stage.pass(running)).toBe(130);
    expect(
      terminal
        .out()
        .trim()
        .split('\n')
        .map((line) => line.split(/ {3,}/)[1]),
    ).toEqual(['○ New', '● Progressing']);
    expect(terminal.err()).toBe('');
  });

  it('survives a server that cuts every watch', async () => {
    const running = terminal.run('get', '-w', '-o', 'json', '--output-watch-events');
    await stage.clock.settle();
    stage.server.cutWatches();
    await stage.clock.advance(2000);
    await setStatus(RUNNING);
    await stage.clock.advance(2000);
    await stage.server.kube.remove(REF);
    await stage.clock.advance(2000);
    terminal.interrupt();
    await stage.pass(running);
    const types = terminal
      .out()
      .split('\n')
      .filter((line) => line.startsWith('{"type"'))
      .map((line) => (JSON.parse(line) as { type: string }).type);
    expect(types).toEqual(['MODIFIED', 'DELETED']);
  });
});

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
    const running = terminal.run('status', 'podinfo');
    await stage.clock.advance(61_000);
    await setStatus({ ...RUNNING, canaryWeight: 30 });
    await stage.clock.settle();
    await setStatus({ ...RUNNING, phase: 'Succeeded', canaryWeight: 0 });
    expect(await stage.pass(running)).toBe(0);
    expect(
      terminal
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
    await stage.setImage('2.0.0');
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
    terminal = stage.terminal({ size: { columns: 60, rows: 20 } });
    await setStatus(RUNNING);
    const running = terminal.run('status', 'podinfo', '-w');
    await stage.clock.advance(5000);
    await setStatus({ ...RUNNING, phase: 'Succeeded' });
    expect(await stage.pass(running)).toBe(0);
    expect(terminal.out().startsWith('\u001b[?25l')).toBe(true);
    expect(terminal.out().endsWith('\u001b[?7h\u001b[?25h')).toBe(true);
    expect(terminal.out()).not.toContain('\u001b[2J');
  });
});

describe('the others that look', () => {
  it('describe draws the tree and names what comes next', async () => {
    await setStatus(RUNNING);
    await stage.clock.advance(5000);
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
      await stage.server.kube.create(KINDS.event, one);
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
    terminal = (await import('./terminal.ts')).createTestTerminal();
    expect(await look('version')).toMatchObject({
      code: 0,
      out: expect.stringContaining('not asked: no kubeconfig found'),
    });
  });
});

describe('failures of the server end with their code and one line of what', () => {
  const failing = (code: ErrorCode, message: string, because?: string): Kube => {
    const fail = async () => {
      throw new CanaryError(code, message, because === undefined ? {} : { because });
    };
    return { ...stage.server.kube, get: fail, list: fail };
  };

  it.each<[code: ErrorCode, exit: number, message: string, text: RegExp]>([
    ['API_UNREACHABLE', 3, 'cannot reach the API server', /^error: cannot reach the API server\n$/],
    [
      'API_UNAUTHORIZED',
      3,
      'the API server does not accept these credentials',
      /^error: the API server does not accept/,
    ],
    [
      'KIND_MISSING',
      4,
      'the resource type canaries.flagger.app is not installed in this cluster',
      /^error: the Canary resource type is not installed in this cluster\ntry: {3}helm install/,
    ],
    [
      'API_FORBIDDEN',
      5,
      'you may not list canaries.flagger.app in namespace "test"',
      /\(user dev@corp\)\nbecause: .*forbidden/,
    ],
  ])('%s: %i', async (code, exit, message, text) => {
    terminal = stage.terminal({
      kube: failing(
        code,
        message,
        code === 'API_FORBIDDEN' ? 'canaries.flagger.app is forbidden: User "dev@corp" cannot list' : undefined,
      ),
    });
    expect((await look('get')).code).toBe(exit);
    expect(terminal.err()).toMatch(text);
    expect((await look('why', 'podinfo')).code).toBe(exit);
    expect((await look('rollback', 'podinfo')).code).toBe(exit);
  });

  it('a bug ends with 70, its stack in a file', async () => {
    const kube = {
      ...stage.server.kube,
      list: async () => (undefined as unknown as { items: { length: number } }).items,
    } as unknown as Kube;
    terminal = stage.terminal({ kube });
    const { code, err } = await look('get');
    expect(code).toBe(70);
    expect(err).toMatch(/^error: a bug in kubectl canary: .*\ntry: {3}report it with the stack in \S+\n$/);
    expect(err).not.toContain('    at ');
  });

  it('an unknown name comes with the nearest one', async () => {
    expect(await look('get', 'podinf')).toMatchObject({
      code: 4,
      err: 'error: canary "podinf" not found in namespace "test" (context sim)\ntry:   kubectl canary get -n test        did you mean "podinfo"?\n',
    });
  });

  it('another kind is no Canary', async () => {
    expect(await look('why', 'deploy/podinfo')).toMatchObject({
      code: 2,
      err: expect.stringContaining('"deploy/podinfo" is no canary'),
    });
  });
});
