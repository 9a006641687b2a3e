import { beforeEach, describe, expect, it } from 'vitest';
import { COMMAND_ANNOTATION, parseCommand, serializeCommand } from '../../../shared/api/command.ts';
import { KINDS } from '../../../shared/api/kinds.ts';
import { refTo } from '../../../shared/api/kube.ts';
import { CANARY_REF, useLooker } from './looker.ts';
import { createTestTerminal } from './terminal.ts';

const at = useLooker();
const { look: act } = at;

/** A rollout that has reached the first weight. */
const rollout = async (): Promise<void> => {
  await at.stage.startController();
  await at.stage.until((canary) => canary.status?.phase === 'Initialized');
  await at.stage.setImage('2.0.0');
  await at.stage.until((canary) => canary.status?.canaryWeight === 10);
};

describe('verbs on a running rollout', () => {
  beforeEach(rollout);

  it('promote takes one step, says from where to where, and names who', async () => {
    const { code, out, err } = await act('promote', 'podinfo');
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(
      /^canary\.flagger\.app\/podinfo promoted: step 1\/5 → step 2\/5, weight 10 → 20( \(by .+\))?\n$/,
    );
    expect((await at.stage.canary()).status?.commands?.at(-1)).toMatchObject({ verb: 'promote', result: 'obeyed' });
  });

  it('promote --full ends the analysis; --wait waits for the end', async () => {
    const { code } = await act('promote', 'podinfo', '--full', '--wait');
    expect(code).toBe(0);
    expect((await at.stage.canary()).status?.phase).toBe('Succeeded');
    expect((await act('promote', 'podinfo')).out).toBe('canary.flagger.app/podinfo unchanged: already Succeeded\n');
  });

  it('pause holds the traffic, twice changes nothing, resume goes on', async () => {
    expect((await act('pause', 'podinfo', '--reason', 'lunch')).out).toContain(
      'paused: at step 1/5, weight 10 (traffic held, drift still repaired)',
    );
    expect((await at.stage.canary()).status?.paused?.reason).toBe('lunch');
    expect(await act('pause', 'podinfo')).toMatchObject({
      code: 0,
      out: expect.stringContaining('unchanged: already paused'),
    });
    await at.stage.clock.advance(120_000);
    expect((await at.stage.canary()).status?.canaryWeight).toBe(10);
    expect((await act('resume', 'podinfo')).out).toContain('resumed: at step 1/5, weight 10');
    expect(await act('resume', 'podinfo')).toMatchObject({
      code: 0,
      out: 'canary.flagger.app/podinfo unchanged: not paused\n',
    });
    await at.stage.until((canary) => canary.status?.phase === 'Succeeded');
  });

  it('approve of a paused rollout without gates points at resume, which would go on', async () => {
    await act('pause', 'podinfo');
    const { code, err } = await act('approve', 'podinfo');
    expect(code).toBe(6);
    expect(err).toMatch(/^error: approve refused: podinfo has no native gates; it waits for resume/);
    expect(err).toContain('\ntry:   kubectl canary resume podinfo -n test\n');
  });

  it('--wait ends when the Canary is deleted meanwhile', async () => {
    const { kube } = at.stage.server;
    const patch: typeof kube.patch = async (...how) => {
      const patched = await kube.patch(...how);
      at.stage.clock.after(500, () => void kube.remove(CANARY_REF));
      return patched;
    };
    at.terminal = at.stage.terminal({ kube: { ...kube, patch } });
    expect(await act('promote', 'podinfo', '--full', '--wait')).toMatchObject({
      code: 4,
      err: expect.stringMatching(/^error: canary podinfo was deleted while promote was under way\n/),
    });
  });

  it('pause --for ends by itself', async () => {
    expect((await act('pause', 'podinfo', '--for', '5m')).out).toContain('resumes by itself in');
    await at.stage.until((canary) => canary.status?.phase === 'Succeeded');
  });

  it('rollback returns the traffic; again it is unchanged; retry analyses the same revision once more', async () => {
    expect((await act('rollback', 'podinfo', '--wait')).out).toContain('rolled back: weight 10 → 0');
    expect(await act('rollback', 'podinfo')).toMatchObject({
      code: 0,
      out: expect.stringContaining('unchanged: already rolled back'),
    });
    expect(await act('promote', 'podinfo')).toMatchObject({
      code: 6,
      err: 'error: promote refused: podinfo is Failed, nothing is being rolled out\n',
    });
    expect((await act('retry', 'podinfo')).code).toBe(0);
    await at.stage.until((canary) => canary.status?.phase === 'Succeeded');
  });

  it('a client dry run asks nobody and writes nothing; a server dry run asks and writes nothing', async () => {
    const before = (await at.stage.canary()).metadata.resourceVersion;
    expect((await act('pause', 'podinfo', '--dry-run=client')).out).toBe(
      'canary.flagger.app/podinfo paused (dry run)\n',
    );
    expect((await act('pause', 'podinfo', '--dry-run=server')).out).toBe(
      'canary.flagger.app/podinfo paused (server dry run)\n',
    );
    expect((await at.stage.canary()).metadata.resourceVersion).toBe(before);
  });

  it('the written command names verb, revision, time and reason', async () => {
    await act('pause', 'podinfo', '--reason', 'why');
    const { metadata, status } = await at.stage.canary();
    expect(parseCommand(metadata.annotations?.[COMMAND_ANNOTATION])).toMatchObject({
      verb: 'pause',
      revision: status?.revision,
      reason: 'why',
      at: expect.stringMatching(/^2026-.*Z$/),
    });
  });

  it('several names are all tried and the worst code is returned', async () => {
    const { code, out, err } = await act('pause', 'podinfo', 'podinf');
    expect(code).toBe(4);
    expect(out).toBe('');
    expect(err).toContain('did you mean "podinfo"?');
  });

  it('a selector that matches one acts on it; one that matches none says so', async () => {
    expect((await act('pause', '-l', 'team=shop')).code).toBe(0);
    expect(await act('pause', '-l', 'team=nobody')).toMatchObject({
      code: 4,
      err: expect.stringContaining('No resources found in test namespace'),
    });
  });

  it('-o name and json print the object as it then is', async () => {
    expect((await act('pause', 'podinfo', '-o', 'name')).out).toBe('canary.flagger.app/podinfo\n');
    const shown = JSON.parse((await act('resume', 'podinfo', '-o', 'json')).out) as {
      kind: string;
      status: { paused?: unknown };
    };
    expect([shown.kind, shown.status.paused]).toEqual(['Canary', undefined]);
  });

  it('a read-only terminal changes nothing', async () => {
    at.terminal = at.stage.terminal({ env: { KUBECTL_CANARY_READ_ONLY: '1' } });
    expect(await act('rollback', 'podinfo')).toMatchObject({
      code: 6,
      err: expect.stringContaining('KUBECTL_CANARY_READ_ONLY is set'),
    });
  });

  it('a protected context asks for its name, and off a terminal refuses', async () => {
    const env = { KUBECTL_CANARY_PROTECTED_CONTEXTS: 'prod-*' };
    at.terminal = at.stage.terminal({ env, context: 'prod-eu' });
    expect(await act('pause', 'podinfo')).toMatchObject({
      code: 6,
      err: expect.stringContaining('context prod-eu is protected'),
    });
    at.terminal = at.stage.terminal({ env, context: 'prod-eu', size: { columns: 80, rows: 24 }, input: 'prod-us' });
    expect(await act('pause', 'podinfo')).toMatchObject({ code: 6, err: expect.stringContaining('not confirmed') });
    at.terminal = at.stage.terminal({ env, context: 'prod-eu', size: { columns: 80, rows: 24 }, input: 'prod-eu' });
    expect((await act('pause', 'podinfo')).code).toBe(0);
  });

  it('failing checks stop promote --full off a terminal, unless it is forced with a reason', async () => {
    at.stage.metric = 50;
    await at.stage.until((canary) => (canary.status?.failedChecks ?? 0) > 0);
    expect(await act('promote', 'podinfo', '--full')).toMatchObject({
      code: 6,
      err: expect.stringContaining('a check is failing: request-success-rate 50 < 99'),
    });
    expect((await act('promote', 'podinfo', '--full', '--force', '--reason', 'known')).code).toBe(0);
  });
});

it.each([
  [['promote'], 'promote needs NAME or a selector'],
  [['pause', 'podinfo', '-A'], 'a Canary cannot be named across all namespaces'],
  [['pause', 'podinfo', '-l', 'a=b'], 'name a Canary or select by label, not both'],
  [['pause', 'deploy/podinfo'], '"deploy/podinfo" is no canary: the kind is "deploy"'],
  [['set-weight', '10'], 'set-weight needs NAME or a selector'],
])('%j is wrong without any cluster', async (argv, message) => {
  at.terminal = createTestTerminal();
  expect(await act(...argv)).toMatchObject({ code: 2, err: expect.stringContaining(`error: ${message}\n`) });
});

describe('a word that nobody answers', () => {
  it('is refused while another one is not answered', async () => {
    const other = serializeCommand({ id: 'x', verb: 'pause', by: 'bo', at: '2026-01-01T00:00:00Z' });
    await at.stage.server.kube.patch(CANARY_REF, {
      metadata: { annotations: { [COMMAND_ANNOTATION]: other } },
      status: {},
    });
    await at.stage.server.kube.patch(
      CANARY_REF,
      { status: { phase: 'Progressing', revision: 'b', canaryWeight: 10 } },
      { subresource: 'status' },
    );
    expect(await act('promote', 'podinfo')).toMatchObject({
      code: 6,
      err: expect.stringMatching(/^error: promote refused: pause by bo, \d+s ago, is not obeyed yet\n/),
    });
  });

  it('is written, and ends with 3 when no driver is alive', async () => {
    await at.stage.server.kube.patch(
      CANARY_REF,
      { status: { phase: 'Progressing', revision: 'b', canaryWeight: 10 } },
      { subresource: 'status' },
    );
    const { code, err } = await act('pause', 'podinfo');
    expect(code).toBe(3);
    expect(err).toBe(
      'error: no driver is alive: the command is written, but nothing will happen until one runs\ntry:   kubectl canary run podinfo -n test\n',
    );
    expect(parseCommand((await at.stage.canary()).metadata.annotations?.[COMMAND_ANNOTATION])).toMatchObject({
      verb: 'pause',
    });
  });

  it('is written, and ends with 124 when a driver is alive and does not answer', async () => {
    const controller = await at.stage.startController();
    await at.stage.until((canary) => canary.status?.phase === 'Initialized');
    await controller.stop();
    await at.stage.server.kube.patch(refTo(KINDS.lease, 'canary-system', 'kubectl-canary-shard-0'), {
      spec: {
        holderIdentity: 'ghost',
        leaseDurationSeconds: 60,
        renewTime: new Date(at.stage.clock.now()).toISOString().replace('Z', '000Z'),
      },
    });
    await at.stage.server.kube.patch(CANARY_REF, { status: { phase: 'Progressing' } }, { subresource: 'status' });
    expect(await act('pause', 'podinfo')).toMatchObject({
      code: 124,
      err: expect.stringContaining('the driver did not answer within 10 s'),
    });
  });
});

describe('verbs where nothing runs', () => {
  it.each<[argv: string[], code: number, text: string]>([
    [['promote', 'podinfo'], 6, 'promote refused: podinfo is New, nothing is being rolled out'],
    [['pause', 'podinfo'], 6, 'pause refused: podinfo is New, no analysis is running'],
    [['retry', 'podinfo'], 6, 'retry refused: podinfo is New, only a failed rollout can be tried again'],
    [['rollback', 'podinfo'], 0, 'unchanged: nothing is being rolled out (New)'],
    [['resume', 'podinfo'], 0, 'unchanged: not paused'],
  ])('%j ends with %i', async (argv, code, text) => {
    const result = await act(...argv);
    expect(result.code).toBe(code);
    expect(result.out + result.err).toContain(text);
  });
});
