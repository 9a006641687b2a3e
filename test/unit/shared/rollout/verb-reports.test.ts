import { describe, expect, it } from 'vitest';
import type { Phase } from '../../../../shared/api/canary.ts';
import type { Command, Verb } from '../../../../shared/api/command.ts';
import { probeKey, type Readiness } from '../../../../shared/api/model.ts';
import type { World } from '../../../../shared/rollout/world.ts';
import { withAnalysis, withStatus } from '../../../make/canary.ts';
import {
  answerTo,
  at,
  canaryIn,
  command,
  decidedBy,
  givenUpBy,
  NOW,
  targetOf,
  told,
  worldOf,
} from './command-world.ts';
import { linesOf } from './report-lines.ts';

const BUSY: Readiness = { ready: false, message: '1 of 2', deadlineExceeded: false, isServing: true };
const ordered = (phase: Phase, verb: Verb, order: Partial<Command> = {}, more: Partial<World> = {}): World =>
  worldOf(canaryIn(phase, told(command(verb, order))), more);

const COUNTING = withAnalysis({ stepWeight: undefined, maxWeight: undefined, iterations: 3 });
const MIRRORING = withAnalysis({ mirror: true });

describe('a verb that is obeyed tells who asked, then what came of it', () => {
  it.each<[Verb, Partial<Command>, Phase, string[]]>([
    [
      'promote',
      {},
      'Progressing',
      [
        'Normal PromotedByHand: Promoting podinfo.test by one step (asked by bo)',
        'Normal Synced to Progressing: Advance podinfo.test canary weight 30',
      ],
    ],
    [
      'promote',
      { full: true },
      'Progressing',
      [
        'Normal PromotedByHand: Promoting podinfo.test without the rest of its analysis (asked by bo)',
        'Normal Synced to Progressing: Copying podinfo.test template spec to podinfo-primary.test',
      ],
    ],
    [
      'promote',
      { full: true },
      'Promoting',
      ['Normal PromotedByHand: Promoting podinfo.test without the rest of its analysis (asked by bo)'],
    ],
    [
      'promote',
      {},
      'Promoting',
      [
        'Normal PromotedByHand: Promoting podinfo.test by one step (asked by bo)',
        'Normal Synced to Promoting: Routing all traffic to primary',
      ],
    ],
    [
      'promote',
      { full: true },
      'Waiting',
      [
        'Normal PromotedByHand: Promoting podinfo.test by one step (asked by bo)',
        'Normal Synced to Progressing: New revision detected! Scaling up podinfo.test',
        'alert info: New revision detected, progressing canary analysis.',
      ],
    ],
    [
      'skip-step',
      {},
      'Progressing',
      [
        'Normal StepSkipped: Skipping 1 step of podinfo.test, to weight 30 (asked by bo)',
        'Normal Synced to Progressing: Advance podinfo.test canary weight 30',
      ],
    ],
    [
      'skip-step',
      { count: 2 },
      'Progressing',
      [
        'Normal StepSkipped: Skipping 2 steps of podinfo.test, to weight 40 (asked by bo)',
        'Normal Synced to Progressing: Advance podinfo.test canary weight 40',
      ],
    ],
    [
      'set-weight',
      { weight: 35 },
      'Progressing',
      [
        'Normal WeightSet: Set the weight of podinfo.test to 35 (asked by bo)',
        'Normal Synced to Progressing: Advance podinfo.test canary weight 35',
      ],
    ],
    [
      'set-weight',
      { weight: 35, hold: true },
      'Progressing',
      [
        'Normal WeightSet: Set the weight of podinfo.test to 35, held until it is resumed (asked by bo)',
        'Normal Synced to Progressing: Advance podinfo.test canary weight 35',
      ],
    ],
    [
      'retry',
      {},
      'Failed',
      [
        'Normal Retried: Trying podinfo.test again (asked by bo)',
        'Normal Synced to Progressing: New revision detected! Scaling up podinfo.test',
        'alert info: New revision detected, progressing canary analysis.',
      ],
    ],
    ['restart', {}, 'Succeeded', ['Normal Restarted: Restarting the pods of podinfo-primary.test (asked by bo)']],
  ])('%s %j in %s', (verb, order, phase, lines) => {
    expect(linesOf(decidedBy(ordered(phase, verb, order)))).toEqual(lines);
  });

  it('a rollback by hand is announced, alerted and carried out', () => {
    expect(linesOf(givenUpBy(ordered('Progressing', 'rollback', { reason: 'slow' }))).slice(0, 2)).toEqual([
      'Normal RolledBackByHand: Rolling back podinfo.test (asked by bo: slow)',
      'alert warn: Canary rolled back by bo: slow',
    ]);
  });

  it('an undo that finds its revision back already says so all the same', () => {
    const world = ordered('Succeeded', 'undo', {}, targetOf({ revision: 'old' }));
    expect(linesOf(decidedBy(world))[0]).toBe(
      'Normal Undone: podinfo.test gets the pod template of revision 2, old, again (asked by bo)',
    );
  });
});

describe('what is under way in the rollout comes before a command, which stays unanswered until then', () => {
  it.each(['promote', 'set-weight', 'skip-step'] as const)('%s while the target rests: it is woken', (verb) => {
    const { actions, status } = decidedBy(ordered('Progressing', verb, { weight: 40 }, targetOf({ isParked: true })));
    expect(actions.map((action) => action.do).slice(-2)).toEqual(['resume-scaler', 'wake-target']);
    expect(status?.commands).toBeUndefined();
  });
});

const copied = (phase: Phase): string => `refused: the primary already takes over the new revision (phase ${phase})`;
const primary = (readiness: Readiness): Partial<World> => ({
  primary: { readiness, runsTarget: true, hasCopy: true },
});

describe('a verb is refused with its reason', () => {
  it.each<[why: string, world: World]>([
    [copied('Promoting'), ordered('Promoting', 'skip-step')],
    [copied('Finalising'), ordered('Finalising', 'set-weight', { weight: 40 })],
    [copied('Progressing'), ordered('Progressing', 'skip-step', {}, primary({ ready: true }))],
    [copied('Promoting'), ordered('Promoting', 'rollback')],
    ['refused: podinfo-primary.test is not ready: 1 of 2', ordered('Promoting', 'promote', {}, primary(BUSY))],
    ['refused: podinfo-primary.test is not ready: 1 of 2', ordered('Failed', 'retry', {}, primary(BUSY))],
    ['refused: podinfo-primary.test does not exist yet', ordered('Succeeded', 'restart', {}, { primary: undefined })],
    ['refused: only a Canary at rest can do that (phase Progressing)', ordered('Progressing', 'restart')],
    [
      'refused: no other revision in the history has served',
      worldOf(canaryIn('Failed', withStatus({ history: [] }), told(command('undo')))),
    ],
    [
      'refused: the Canary is being deleted',
      worldOf({
        ...canaryIn('Succeeded', told(command('restart'))),
        metadata: { ...canaryIn('Succeeded', told(command('restart'))).metadata, deletionTimestamp: at(-1) },
      }),
    ],
    [
      'refused: no step is left; promote with full ends the analysis',
      worldOf(canaryIn('Progressing', withStatus({ canaryWeight: 50 }), told(command('skip-step')))),
    ],
    [
      'refused: only 1 step is left; promote with full ends the analysis',
      worldOf(canaryIn('Progressing', withStatus({ canaryWeight: 40 }), told(command('skip-step', { count: 2 })))),
    ],
  ])('%s', (why, world) => {
    expect(answerTo(world)).toBe(why);
  });

  it('undo where the status keeps no history', () => {
    const world = ordered('Succeeded', 'undo');
    delete world.canary.status?.history;
    expect(answerTo(world)).toBe('refused: no other revision in the history has served');
  });

  it.each([{ weights: false, iterationsOnly: false }, { iterationsOnly: true }])(
    'set-weight where the provider has %j',
    (lacking) => {
      const world = ordered('Progressing', 'set-weight', { weight: 40 });
      expect(answerTo({ ...world, capabilities: { ...world.capabilities, ...lacking } })).toBe(
        'refused: provider any cannot split traffic by weight',
      );
    },
  );

  it('but no weight that is just the largest, nor a step that is just reached', () => {
    expect([
      answerTo(ordered('Progressing', 'set-weight', { weight: 50 })),
      answerTo(ordered('Progressing', 'set-weight', { weight: 100, force: true })),
      answerTo(ordered('Progressing', 'skip-step', { step: 2 })),
    ]).toEqual(['obeyed', 'obeyed', 'obeyed']);
  });
});

describe('undo without a named revision', () => {
  const entry = (number: number, result: 'initialized' | 'promoted' | 'failed', revision = `r${number}`) => ({
    number,
    revision,
    result,
  });

  it.each<[string, ReturnType<typeof entry>[]]>([
    [
      'two failures in a row',
      [entry(1, 'initialized'), entry(2, 'promoted'), entry(3, 'failed'), entry(4, 'failed', 'new')],
    ],
    ['a failure', [entry(0, 'initialized'), entry(1, 'promoted'), entry(2, 'promoted'), entry(3, 'failed', 'new')]],
  ])('goes after %s to the last revision that served', (_what, history) => {
    const world = worldOf(canaryIn('Failed', withStatus({ history }), told(command('undo'))));
    const kept = new Map([[probeKey({ ask: 'kept', revision: 'r2' }), { kind: 'kept', isKept: true } as const]]);
    expect(decidedBy(world, kept).actions).toEqual([{ do: 'restore-target', revision: 'r2' }]);
  });

  it('promises nothing of ConfigMaps where none is used', () => {
    const kept = new Map([[probeKey({ ask: 'kept', revision: 'old' }), { kind: 'kept', isKept: true } as const]]);
    expect(decidedBy(ordered('Succeeded', 'undo', {}, { configs: {} }), kept).status?.commands?.at(-1)?.message).toBe(
      'podinfo.test gets the pod template of revision 2, old, again',
    );
  });
});

describe('skip-step over other kinds of steps', () => {
  const mirroring = (status: { trafficSince?: string }, mirrored: boolean, count = 1): World => {
    const world = worldOf(
      canaryIn(
        'Progressing',
        MIRRORING,
        withStatus({ canaryWeight: 0, ...status }),
        told(command('skip-step', { count })),
      ),
      { routes: { primary: 100, canary: 0, mirrored } },
    );
    return { ...world, capabilities: { ...world.capabilities, mirror: 'always' } };
  };
  const saidOf = (world: World): string | undefined => decidedBy(world).status?.commands?.at(-1)?.message;

  it.each<[string, World, string]>([
    ['no traffic', mirroring({}, false), '1 step of podinfo.test, to mirrored traffic'],
    ['no traffic, twice', mirroring({}, false, 2), '2 steps of podinfo.test, to weight 10'],
    ['mirrored traffic', mirroring({ trafficSince: at(-5) }, true), '1 step of podinfo.test, to weight 10'],
    ['mirrored traffic that no status tells of', mirroring({}, true), '1 step of podinfo.test, to mirrored traffic'],
    [
      'traffic that is mirrored no longer',
      mirroring({ trafficSince: at(-5) }, false),
      '1 step of podinfo.test, to mirrored traffic',
    ],
  ])('from %s', (_from, world, said) => {
    expect(saidOf(world)).toBe(`Skipping ${said}`);
  });

  it('counts iterations, and needs no routes to do so', () => {
    const skip = told(command('skip-step', { count: 2 }));
    const canary = canaryIn('Progressing', COUNTING, withStatus({ canaryWeight: 0, iterations: 1 }), skip);
    expect(saidOf(worldOf(canary, { routes: undefined }))).toBe('Skipping 2 steps of podinfo.test, to iteration 3');
    expect(decidedBy(worldOf(canary)).dueAt).toBe(NOW + 10_000);
  });
});
