import { describe, expect, it } from 'vitest';
import type { Phase } from '../../../../shared/api/canary.ts';
import type { Command } from '../../../../shared/api/command.ts';
import type { World } from '../../../../shared/rollout/world.ts';
import { answerTo, canaryIn, command, givenUpBy, told, worldOf } from './command-world.ts';
import { primaryOf } from './phases/phase-world.ts';

const rollbackIn = (phase: Phase, more: Partial<World> = {}): World =>
  worldOf(canaryIn(phase, told(command('rollback'))), more);

/** A command of nobody in particular. */
const byNobody = (more: Partial<Command> = {}): Command => {
  const { by: _, ...rest } = command('rollback', more);
  return rest;
};

describe('a rollback by hand', () => {
  it.each<[string, Command, string]>([
    ['of somebody', byNobody(), 'Canary rolled back by somebody'],
    ['of somebody, and why', byNobody({ reason: 'errors' }), 'Canary rolled back by somebody: errors'],
    ['of a person', command('rollback'), 'Canary rolled back by bo'],
    ['of a person, and why', command('rollback', { reason: 'errors' }), 'Canary rolled back by bo: errors'],
  ])('warns everybody with the word %s', (_what, asked, message) => {
    const { reports } = givenUpBy(worldOf(canaryIn('Progressing', told(asked))));
    expect(reports.filter(({ tell }) => tell === 'alert')).toEqual([
      { tell: 'alert', severity: 'warn', message, fields: [] },
    ]);
  });

  it.each<[Phase, Partial<World>]>([
    ['Progressing', primaryOf({ hasCopy: true })],
    ['WaitingPromotion', primaryOf({ hasCopy: true })],
    ['Promoting', primaryOf()],
    ['Finalising', primaryOf()],
  ])('comes too late once the primary takes over the new revision: %s', (phase, more) => {
    expect(answerTo(rollbackIn(phase, more))).toBe(
      `refused: the primary already takes over the new revision (phase ${phase})`,
    );
  });

  it.each<[Phase, Partial<World>]>([
    ['Progressing', { primary: undefined }],
    ['Progressing', primaryOf()],
    ['Waiting', primaryOf({ hasCopy: true })],
  ])('comes in time before that: %s', (phase, more) => {
    const world = rollbackIn(phase, more);
    const target = { ...(world.target as object), canRestart: false } as World['target'];
    expect(answerTo({ ...world, target })).toBe('obeyed');
  });

  it.each<Phase>(['Initialized', 'Succeeded', 'Failed'])('has nothing to give up at rest: %s', (phase) => {
    expect(answerTo(rollbackIn(phase))).toBe(`refused: nothing is being rolled out (phase ${phase})`);
  });
});

describe('a verb that needs a primary', () => {
  it('waits for one that does not exist yet', () => {
    const world = worldOf(canaryIn('Failed', told(command('retry'))), { primary: undefined });
    const target = { ...(world.target as object), canRestart: false } as World['target'];
    expect(answerTo({ ...world, target })).toBe('refused: podinfo-primary.test does not exist yet');
  });
});
