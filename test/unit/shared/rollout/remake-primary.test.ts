import { describe, expect, it } from 'vitest';
import type { Phase } from '../../../../shared/api/canary.ts';
import { type Answer, probeKey } from '../../../../shared/api/model.ts';
import { decide } from '../../../../shared/rollout/decide.ts';
import { canaryIn, command, decidedBy, NOW, targetOf, told, worldOf } from './command-world.ts';

const GONE = { primary: undefined };
const KEY = probeKey({ ask: 'kept', revision: 'old' });
const kept = (isKept: boolean): Map<string, Answer> => new Map([[KEY, { kind: 'kept', isKept }]]);

describe('a primary that is gone while the target runs something else', () => {
  it.each<Phase>(['Progressing', 'WaitingPromotion', 'Waiting', 'Failed'])(
    'in %s is made again of what served last, before anything else',
    (phase) => {
      const world = worldOf(canaryIn(phase, told(command('promote', { full: true }))), GONE);
      expect(decide(world, new Map())).toEqual({ ask: { ask: 'kept', revision: 'old' }, reports: [] });
      const { actions, status, events } = decidedBy(world, kept(true));
      expect(actions).toEqual([{ do: 'ensure-services' }, { do: 'remake-primary', revision: 'old' }]);
      expect(status).toBeUndefined();
      expect(events).toEqual([
        'PrimaryLost: podinfo-primary.test is gone: it is made again of revision 2, old, which it ran',
      ]);
    },
  );

  it.each<Phase>(['Promoting', 'Finalising'])(
    'in %s is made again of the revision that is promoted, not of the one that came meanwhile',
    (phase) => {
      const world = worldOf(canaryIn(phase), { ...GONE, ...targetOf({ revision: 'newer' }) });
      const probe = { ask: 'kept', revision: 'new' } as const;
      expect(decide(world, new Map())).toEqual({ ask: probe, reports: [] });
      const { actions } = decidedBy(world, new Map([[probeKey(probe), { kind: 'kept', isKept: true }]]));
      expect(actions).toContainEqual({ do: 'remake-primary', revision: 'new' });
    },
  );

  it('is not made at all where nobody keeps that revision, and a person is told the way out', () => {
    const { actions, events, dueAt } = decidedBy(worldOf(canaryIn('Progressing'), GONE), kept(false));
    expect(actions).toEqual([]);
    expect(events[0]).toMatch(/^PrimaryLost: .* nobody keeps revision 2, old, .*; put podinfo.test back to it/);
    expect(dueAt).toBe(NOW + 10_000);
  });
});

describe('a primary that is gone', () => {
  it.each<[string, ReturnType<typeof worldOf>]>([
    ['while the target runs what it ran', worldOf(canaryIn('Succeeded'), GONE)],
    [
      'while the target was put back to that',
      worldOf(canaryIn('Failed'), { ...GONE, ...targetOf({ revision: 'old' }) }),
    ],
    ['after the copy', worldOf(canaryIn('Promoting'), GONE)],
  ])('%s is a copy of the target', (_what, world) => {
    expect(decidedBy(world).actions).toContainEqual({ do: 'ensure-primary' });
  });
});
