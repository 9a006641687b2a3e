import { describe, expect, it } from 'vitest';
import type { HistoryEntry, Phase } from '../../../../shared/api/canary.ts';
import { type Command, VERBS, type Verb } from '../../../../shared/api/command.ts';
import { probeKey } from '../../../../shared/api/model.ts';
import { decide } from '../../../../shared/rollout/decide.ts';
import { withAnalysis, withSpec, withStatus } from '../../../make/canary.ts';
import { answerTo, at, canaryIn, command, decidedBy, NOW, REVISION, targetOf, told, worldOf } from './command-world.ts';

const GATE = withAnalysis({ gates: [{ name: 'qa', type: 'confirm-promotion' }] });

/** One sound use of each verb. */
const USES: Readonly<Record<Verb, Partial<Command>>> = {
  promote: {},
  rollback: {},
  pause: {},
  resume: {},
  approve: { gate: 'qa' },
  reject: { gate: 'qa' },
  retry: {},
  'set-weight': { weight: 40 },
  'skip-step': {},
  undo: {},
  restart: {},
};

const KEPT = new Map([[probeKey({ ask: 'kept', revision: 'old' }), { kind: 'kept', isKept: true } as const]]);

const ANALYSIS: readonly Phase[] = ['Progressing', 'WaitingPromotion'];
const AT_REST: readonly Phase[] = ['Initialized', 'Succeeded', 'Failed'];
const PHASES: readonly Phase[] = ['Initializing', ...AT_REST, 'Waiting', ...ANALYSIS, 'Promoting', 'Finalising'];

/** In which phases each verb is obeyed; everywhere else it is refused. */
const OBEYED: Readonly<Record<Verb, readonly Phase[]>> = {
  promote: ['Waiting', ...ANALYSIS, 'Promoting'],
  rollback: ['Waiting', ...ANALYSIS],
  pause: ANALYSIS,
  resume: PHASES,
  approve: ['Waiting', ...ANALYSIS],
  reject: ['Waiting', ...ANALYSIS],
  retry: ['Failed'],
  'set-weight': ANALYSIS,
  'skip-step': ANALYSIS,
  undo: AT_REST,
  restart: AT_REST,
};

describe('every verb in every phase', () => {
  it.each(VERBS.flatMap((verb) => PHASES.map((phase) => [verb, phase] as const)))('%s in %s', (verb, phase) => {
    const world = worldOf(canaryIn(phase, GATE, told(command(verb, USES[verb]))));
    const answer = answerTo(world, KEPT);
    if (OBEYED[verb].includes(phase)) expect(answer).toBe('obeyed');
    else expect(answer).toMatch(/^refused: \S.{10,200}$/);
  });

  it.each(VERBS)('%s is told by an event that names who asked, obeyed or not', (verb) => {
    for (const phase of PHASES) {
      const { events } = decidedBy(
        worldOf(canaryIn(phase, GATE, told(command(verb, { ...USES[verb], reason: 'lunch' })))),
        KEPT,
      );
      expect(events[0]).toMatch(/^(?!Synced)\w+: .*\(asked by bo: lunch\)$/);
    }
  });

  it.each(VERBS)('%s is obeyed once: its id in status makes it silent', (verb) => {
    for (const phase of OBEYED[verb]) {
      const world = worldOf(canaryIn(phase, GATE, told(command(verb, USES[verb]))));
      const { status } = decidedBy(world, KEPT);
      const known = {
        ...world.canary,
        status: { ...world.canary.status, commands: status?.commands },
      } as typeof world.canary;
      const again = decide({ ...world, canary: known }, KEPT);
      const reports = 'decision' in again ? again.decision.reports : again.reports;
      expect(reports.filter((report) => report.tell === 'event' && report.message.includes('asked by'))).toEqual([]);
    }
  });

  it.each(VERBS)('%s for another revision is refused wherever it would be obeyed', (verb) => {
    for (const phase of OBEYED[verb]) {
      const world = worldOf(canaryIn(phase, GATE, told(command(verb, { ...USES[verb], revision: 'stale' }))));
      const present = phase === 'Waiting' ? 'old' : REVISION;
      expect(answerTo(world, KEPT)).toBe(`refused: it was meant for revision stale, the present one is ${present}`);
    }
  });

  it.each(VERBS)('%s is refused where the spec cannot be carried out, or the object is suspended', (verb) => {
    const phase = OBEYED[verb][0] as Phase;
    const canary = canaryIn(phase, GATE, told(command(verb, USES[verb])));
    expect(answerTo(worldOf(canary, { specProblem: 'spec.x is wrong' }), KEPT)).toBe('refused: spec.x is wrong');
    const suspended = { ...canary, spec: { ...canary.spec, suspend: true } };
    expect(answerTo(worldOf(suspended), KEPT)).toBe('refused: the Canary is suspended');
  });
});

const routed = (world: Parameters<typeof decidedBy>[0]) => {
  const { actions, status } = decidedBy(world);
  const route = actions.find((action) => action.do === 'route');
  return [route?.routes.canary, status?.canaryWeight];
};

describe('skip-step', () => {
  it.each<[count: number | undefined, weight: number]>([
    [undefined, 30],
    [1, 30],
    [3, 50],
  ])('of %s steps from weight 20 goes to %i, without a question', (count, weight) => {
    const skip = command('skip-step', count === undefined ? {} : { count });
    const canary = canaryIn(
      'Progressing',
      withAnalysis({ webhooks: [{ name: 'h', type: 'rollout', url: 'http://h' }] }),
      told(skip),
    );
    expect(routed(worldOf(canary))).toEqual([weight, weight]);
    expect(decidedBy(worldOf(canary)).status?.dueAt).toBe(at(10));
  });

  it.each<[count: number, why: string]>([
    [4, 'only 3 steps are left; promote with full ends the analysis'],
    [0, 'count must be at least 1'],
  ])('of %i steps is refused: %s', (count, why) => {
    expect(answerTo(worldOf(canaryIn('Progressing', told(command('skip-step', { count })))))).toBe(`refused: ${why}`);
  });

  it('counts iterations, and never skips the switch of all traffic', () => {
    const blueGreen = (count: number) =>
      worldOf(
        canaryIn(
          'Progressing',
          withAnalysis({ stepWeight: undefined, maxWeight: undefined, iterations: 3 }),
          withStatus({ canaryWeight: 0, iterations: 1 }),
          told(command('skip-step', { count })),
        ),
      );
    expect(decidedBy(blueGreen(2)).status?.iterations).toBe(3);
    expect(answerTo(blueGreen(3))).toBe('refused: only 2 steps are left; promote with full ends the analysis');
  });

  it('that the writer saw further back is refused', () => {
    const skip = command('skip-step', { step: 1 });
    expect(answerTo(worldOf(canaryIn('Progressing', told(skip))))).toBe('refused: it is already past step 1');
  });

  it('takes the same steps again when its driver ended after moving the traffic', () => {
    const world = worldOf(canaryIn('Progressing', told(command('skip-step', { count: 2 }))));
    expect(routed({ ...world, routes: { primary: 60, canary: 40, mirrored: false } })).toEqual([40, 40]);
  });
});

describe('set-weight', () => {
  it('moves the traffic; the steps go on from there after an interval', () => {
    const world = worldOf(canaryIn('Progressing', told(command('set-weight', { weight: 35 }))));
    expect(routed(world)).toEqual([35, 35]);
    expect(decidedBy(world).status).toMatchObject({ dueAt: at(10) });
    expect(decidedBy(world).status?.paused).toBeUndefined();
  });

  it('with hold stays there until somebody resumes', () => {
    const { status } = decidedBy(
      worldOf(canaryIn('Progressing', told(command('set-weight', { weight: 35, hold: true, reason: 'look' })))),
    );
    expect(status?.paused).toEqual({ since: at(0), by: 'bo', reason: 'look' });
  });

  it.each<[order: Partial<Command>, why: string]>([
    [{ weight: 60 }, 'weight 60 is above the largest of its analysis, 50; force goes beyond it'],
    [{ weight: 101, force: true }, 'weight 101 is more than 100'],
    [{}, 'weight is missing'],
  ])('%j is refused: %s', (order, why) => {
    expect(answerTo(worldOf(canaryIn('Progressing', told(command('set-weight', order)))))).toBe(`refused: ${why}`);
  });

  it('goes beyond the largest weight with force, and back to none', () => {
    const to = (order: Partial<Command>) =>
      routed(worldOf(canaryIn('Progressing', told(command('set-weight', order)))));
    expect(to({ weight: 80, force: true })).toEqual([80, 80]);
    expect(to({ weight: 0 })).toEqual([0, 0]);
  });

  it('is refused where there are no weights', () => {
    const canary = canaryIn('Progressing', told(command('set-weight', { weight: 40 })));
    const world = worldOf(canary);
    expect(answerTo({ ...world, capabilities: { ...world.capabilities, weights: false, iterationsOnly: true } })).toBe(
      'refused: provider any cannot split traffic by weight',
    );
    const counting = canaryIn(
      'Progressing',
      withAnalysis({ stepWeight: undefined, maxWeight: undefined, iterations: 3 }),
      withStatus({ canaryWeight: 0, iterations: 1 }),
      told(command('set-weight', { weight: 40 })),
    );
    expect(answerTo(worldOf(counting))).toBe('refused: its analysis counts iterations, it has no weights');
  });

  it.each(['set-weight', 'skip-step', 'promote'] as const)('%s is refused while pods are not ready', (verb) => {
    const notReady = { ready: false, message: '1 of 2', deadlineExceeded: false, isServing: true } as const;
    const canary = canaryIn('Progressing', told(command(verb, USES[verb])));
    expect(answerTo(worldOf(canary, targetOf({ readiness: notReady })))).toBe(
      'refused: the new revision is not ready: 1 of 2',
    );
    const primary = { readiness: notReady, runsTarget: false, hasCopy: false };
    expect(answerTo(worldOf(canary, { primary }))).toBe('refused: podinfo-primary.test is not ready: 1 of 2');
  });
});

describe('pause', () => {
  it.each<[order: Partial<Command>, pauseAt: string]>([
    [{ step: 4 }, 'step=4'],
    [{ weight: 35 }, 'weight=35'],
  ])('at %j is planned and told; the rollout goes on until then', (order, where) => {
    const { status, events } = decidedBy(
      worldOf(canaryIn('Progressing', told(command('pause', { ...order, for: '5m' })))),
    );
    expect(status?.paused).toBeUndefined();
    expect(status?.pauseAt).toEqual({ at: where, since: at(0), by: 'bo', for: '5m' });
    expect(events[0]).toBe(`PausePlanned: podinfo.test will be paused at ${where} (asked by bo)`);
  });

  it('begins where it was planned, and its time from there', () => {
    const canary = canaryIn(
      'Progressing',
      withStatus({ canaryWeight: 40, pauseAt: { at: 'weight=35', since: at(-60), by: 'bo', for: '5m' } }),
    );
    const { status, events } = decidedBy(worldOf(canary));
    expect(status?.pauseAt).toBeUndefined();
    expect(status?.paused).toEqual({ since: at(0), by: 'bo', until: at(300) });
    expect(events).toEqual(['Paused: Paused podinfo.test at weight=35, as bo wished']);
  });

  it('at the step that it stands at holds at once', () => {
    expect(decidedBy(worldOf(canaryIn('Progressing', told(command('pause', { step: 2 }))))).status?.paused).toEqual({
      since: at(0),
      by: 'bo',
    });
  });

  it.each<[order: Partial<Command>, why: string]>([
    [{ step: 1 }, 'it is already past step 1'],
    [{ step: 6 }, 'its analysis has only 5 steps'],
    [{ weight: 10 }, 'it is already past weight 10'],
    [{ weight: 60 }, 'its analysis ends at weight 50'],
    [{ weight: 40, step: 3 }, 'a pause begins at a step or at a weight, not at both'],
    [{ for: 'lunch' }, '"lunch" is not a duration such as 30m'],
  ])('%j is refused: %s', (order, why) => {
    expect(answerTo(worldOf(canaryIn('Progressing', told(command('pause', order)))))).toBe(`refused: ${why}`);
  });

  it('is taken back by resume, planned or begun', () => {
    const paused = { since: at(-60), by: 'bo' };
    const canary = canaryIn(
      'Progressing',
      withStatus({ paused, pauseAt: { at: 'step=4', since: at(-60) } }),
      told(command('resume')),
    );
    const { status } = decidedBy(worldOf(canary));
    expect([status?.paused, status?.pauseAt]).toEqual([undefined, undefined]);
  });
});

describe('restart', () => {
  it('marks the pods of the primary by the id of the command', () => {
    const { actions } = decidedBy(worldOf(canaryIn('Succeeded', told(command('restart', { id: 'r7' })))));
    expect(actions.at(-1)).toEqual({ do: 'restart-primary', mark: 'r7' });
  });

  it('is refused where the primary has no pods of its own', () => {
    const world = worldOf(
      canaryIn('Succeeded', told(command('restart'))),
      targetOf({ canRestart: false, kind: 'Service' }),
    );
    expect(answerTo(world)).toBe('refused: a Service has no pods of its own');
  });
});

describe('promote with full', () => {
  it('counts as obeyed where a driver made the copy and ended before it could say so', () => {
    const world = worldOf(canaryIn('Promoting', told(command('promote', { full: true }))), {
      primary: {
        readiness: { ready: false, message: 'starting', deadlineExceeded: false, isServing: true },
        runsTarget: true,
        hasCopy: true,
      },
    });
    expect(answerTo(world)).toBe('obeyed');
    expect(decidedBy(world).actions).toEqual([]);
  });

  it('is who decided, in the history; one step is not', () => {
    const history: HistoryEntry[] = [
      { number: 1, revision: 'older', result: 'promoted', by: 'al' },
      { number: 2, revision: REVISION, result: 'running' },
    ];
    const namesAfter = (full: boolean) => {
      const canary = canaryIn('Progressing', withStatus({ history }), told(command('promote', { full })));
      return decidedBy(worldOf(canary)).status?.history?.map(({ by }) => by);
    };
    expect(namesAfter(true)).toEqual(['al', 'bo']);
    expect(namesAfter(false)).toEqual(['al', undefined]);
  });

  it('is refused where the analysis is skipped anyway', () => {
    expect(
      answerTo(
        worldOf(canaryIn('Progressing', withSpec({ skipAnalysis: true }), told(command('promote', { full: true })))),
      ),
    ).toMatch(/^refused: its analysis is skipped/);
  });
});

describe('a rollback at a closed first gate', () => {
  it('leaves a failed entry in the history, and no traffic', () => {
    const world = worldOf(canaryIn('Waiting', told(command('rollback'))));
    const { status } = decidedBy(world);
    expect(status).toMatchObject({ phase: 'Failed', canaryWeight: 0, revision: REVISION });
    expect(status?.history?.at(-1)).toMatchObject({
      number: 3,
      revision: REVISION,
      result: 'failed',
      by: 'bo',
      ended: new Date(NOW).toISOString(),
    });
  });
});
