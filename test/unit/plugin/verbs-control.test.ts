import { beforeEach, describe, expect, it } from 'vitest';
import type { AnalysisGate } from '../../../shared/api/canary.ts';
import { KINDS } from '../../../shared/api/kinds.ts';
import { refTo } from '../../../shared/api/kube.ts';
import { CANARY_REF, useLooker } from './looker.ts';

const TARGET = refTo(KINDS.deployment, 'test', 'podinfo');

const at = useLooker();
const { look: act } = at;

const gates = (...list: AnalysisGate[]) =>
  at.stage.server.kube.patch(CANARY_REF, { spec: { analysis: { gates: list } } });

/** The second image is being rolled out, with these gates. */
const rollout = async (...list: AnalysisGate[]): Promise<void> => {
  await at.stage.startController();
  await at.stage.until((canary) => canary.status?.phase === 'Initialized');
  if (list.length > 0) await gates(...list);
  await at.stage.setImage('2.0.0');
};

const imageOf = async (): Promise<unknown> => {
  const { spec } = (await at.stage.server.kube.get(TARGET)) as unknown as {
    spec: { template: { spec: { containers: { image: string }[] } } };
  };
  return spec.template.spec.containers[0]?.image;
};

describe('approve and reject', () => {
  const QA: AnalysisGate = { name: 'qa', type: 'confirm-promotion', timeout: '1h' };
  const START: AnalysisGate = { name: 'start', type: 'confirm-rollout' };
  const waitsAt = (gate: string) => at.stage.until((canary) => canary.status?.waitingFor?.gate === gate);

  it('open the gate that waits, and say which, for what and who', async () => {
    await rollout(START, QA);
    await waitsAt('start');
    const first = await act('approve', 'podinfo', '--reason', 'ok');
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(first.out).toMatch(/^canary\.flagger\.app\/podinfo approved: gate start for revision \w{7}( \(by .+\))?\n$/);
    await waitsAt('qa');
    expect((await act('gates', 'podinfo', '--no-headers')).out).toMatch(
      /^podinfo +start +confirm-rollout +native +approved .*\npodinfo +qa +confirm-promotion +native +waiting +\d+s .* reject in 60m\n$/,
    );
    expect((await act('why', 'podinfo')).out).toContain('kubectl canary approve podinfo -n test --gate qa');
    expect((await act('approve', 'podinfo', '--gate', 'qa', '--wait')).code).toBe(0);
    await at.stage.until((canary) => canary.status?.phase === 'Succeeded');
    expect((await act('status', 'podinfo', '--watch=false')).out).toContain('approved: gate start by');
  });

  it('reject rolls back, and needs a reason', async () => {
    await rollout(QA);
    await waitsAt('qa');
    expect(await act('reject', 'podinfo')).toMatchObject({
      code: 2,
      err: expect.stringContaining('reject needs --reason TEXT'),
    });
    expect((await act('reject', 'podinfo', '--reason', 'slow', '--wait')).out).toContain(
      'podinfo rejected: rolled back, weight 50 → 0',
    );
    expect((await at.stage.canary()).status?.phase).toBe('Failed');
    expect((await act('reject', 'podinfo', '--reason', 'slow')).out).toContain('unchanged: already rolled back');
  });

  it('reject before the rollout keeps the revision out', async () => {
    await rollout(START);
    await waitsAt('start');
    expect((await act('reject', 'podinfo', '--reason', 'slow')).out).toContain('rejected: it is not rolled out');
    expect((await at.stage.canary()).status).toMatchObject({ phase: 'Failed', canaryWeight: 0 });
  });

  it.each<[argv: string[], text: string]>([
    [['--gate', 'x'], 'podinfo has no gate "x"; known: qa, more'],
    [[], 'no gate of podinfo waits; name one: qa, more'],
    [['--gate', 'qa', '--revision', 'zzz'], ', not zzz'],
  ])('approve %j is refused: %s', async (argv, text) => {
    await rollout(QA, { name: 'more', type: 'confirm-promotion' });
    await at.stage.until((canary) => canary.status?.canaryWeight === 10);
    expect(await act('approve', 'podinfo', ...argv)).toMatchObject({ code: 6, err: expect.stringContaining(text) });
  });

  it('a second approval is refused, and names the first', async () => {
    await rollout(QA);
    await at.stage.until((canary) => canary.status?.canaryWeight === 10);
    expect((await act('approve', 'podinfo', '--gate', 'qa', '--until', '30m')).code).toBe(0);
    expect(await act('approve', 'podinfo', '--gate', 'qa')).toMatchObject({
      code: 6,
      err: expect.stringMatching(/approve refused: gate qa is approved already, by /),
    });
  });

  it('where nothing waits they are refused', async () => {
    await rollout();
    await at.stage.until((canary) => canary.status?.phase === 'Succeeded');
    expect(await act('approve', 'podinfo')).toMatchObject({
      code: 6,
      err: expect.stringContaining('podinfo is Succeeded, nothing waits for an answer'),
    });
    expect(await act('gates', 'podinfo')).toMatchObject({ code: 0, out: '', err: 'no gates\n' });
  });
});

describe('skip-step and set-weight', () => {
  beforeEach(async () => {
    await rollout();
    await at.stage.until((canary) => canary.status?.canaryWeight === 10);
  });

  it('skip-step goes on by several steps', async () => {
    expect((await act('skip-step', 'podinfo', '--count', '2')).out).toContain(
      'podinfo moved on: weight 10 → 30 (step 1 → 3/5)',
    );
    expect(await act('skip-step', 'podinfo', '--count', '3')).toMatchObject({
      code: 6,
      err: expect.stringContaining('skip-step refused: only 2 steps are left to be skipped'),
    });
  });

  it('set-weight goes anywhere up to the largest, and holds when asked to', async () => {
    const { out } = await act('set-weight', 'podinfo', '35', '--hold');
    expect(out).toContain('podinfo moved: weight 10 → 35 (step 1 → 3/5), held until resume');
    expect((await at.stage.canary()).status).toMatchObject({ canaryWeight: 35, paused: {} });
    expect(await act('set-weight', 'podinfo', '60')).toMatchObject({
      code: 6,
      err: expect.stringContaining('weight 60 is above the largest of its analysis, 50; add --force'),
    });
  });

  it.each([['podinfo'], ['podinfo', '101'], ['podinfo', 'much']])(
    'set-weight %j %s is wrong usage',
    async (...argv) => {
      expect(await act('set-weight', ...argv)).toMatchObject({
        code: 2,
        err: expect.stringContaining('set-weight needs NAME and a weight from 0 to 100'),
      });
    },
  );

  it('pause --at waits for its place, and resume takes it back', async () => {
    expect((await act('pause', 'podinfo', '--at', 'weight=30')).out).toContain(
      'podinfo paused: from weight=30 on; it goes on until then',
    );
    expect((await act('why', 'podinfo')).out).toContain('at weight=30, as ');
    await at.stage.until((canary) => canary.status?.paused !== undefined);
    expect((await at.stage.canary()).status?.canaryWeight).toBe(30);
    expect((await act('resume', 'podinfo')).code).toBe(0);
    expect(await act('pause', 'podinfo', '--at', 'noon')).toMatchObject({ code: 2 });
  });
});

describe('undo and restart', () => {
  beforeEach(async () => {
    await rollout();
    await at.stage.until((canary) => canary.status?.phase === 'Succeeded');
  });

  it('undo brings the former revision back by a rollout of its own', async () => {
    const { code, out } = await act('undo', 'podinfo', '--wait');
    expect([code, out]).toEqual([
      0,
      expect.stringContaining('podinfo undone: podinfo.test gets the pod template of revision 1, '),
    ]);
    expect(await imageOf()).toBe('example.org/podinfo:1.0.0');
    expect((await at.stage.canary()).status).toMatchObject({
      phase: 'Succeeded',
      history: [{ number: 1 }, { number: 2 }, { number: 3, image: 'example.org/podinfo:1.0.0' }],
    });
  });

  it('undo is refused where the revision is unknown, or the cluster keeps it no longer', async () => {
    expect(await act('undo', 'podinfo', '--to-revision', '41')).toMatchObject({
      code: 6,
      err: expect.stringContaining('revision 41 is not in the history (the last ten are kept)'),
    });
    const { kube } = at.stage.server;
    const kind = KINDS.replicaSet;
    for (const { metadata } of (await kube.list(kind, { namespace: 'test' })).items) {
      if (!metadata.name.startsWith('podinfo-primary')) await kube.remove(refTo(kind, 'test', metadata.name));
    }
    await at.stage.clock.advance(2000);
    expect(await act('undo', 'podinfo')).toMatchObject({
      code: 6,
      err: expect.stringContaining('undo refused: the cluster no longer keeps revision 1, '),
    });
  });

  it('restart gives the primary new pods and the rollout none', async () => {
    const pods = async () =>
      (
        await at.stage.server.kube.list(
          { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true },
          { namespace: 'test' },
        )
      ).items.map(({ metadata }) => metadata.name);
    await at.stage.clock.advance(30_000);
    const before = await pods();
    expect(before.length).toBe(2);
    expect((await act('restart', 'podinfo')).out).toContain('restarted: new pods for the primary, without analysis');
    await at.stage.clock.advance(30_000);
    const after = await pods();
    expect([after.length, after.filter((name) => before.includes(name))]).toEqual([before.length, []]);
    expect((await at.stage.canary()).status).toMatchObject({ phase: 'Succeeded', history: [{}, {}] });
  });

  it('undo and restart are refused while something is rolled out', async () => {
    await at.stage.setImage('3.0.0');
    await at.stage.until((canary) => canary.status?.canaryWeight === 10);
    for (const verb of ['undo', 'restart']) {
      expect(await act(verb, 'podinfo')).toMatchObject({
        code: 6,
        err: expect.stringContaining('only a Canary at rest can do that'),
      });
    }
  });
});
