import { describe, expect, it } from 'vitest';
import type { CanaryStatus, Phase } from '../../../../shared/api/canary.ts';
import { acknowledged, decided, short } from '../../../../shared/rollout/outcome.ts';
import { floorFrom } from '../../../../shared/rollout/primary-floor.ts';
import type { Action } from '../../../../shared/rollout/world.ts';
import { aCanary, withStatus } from '../../../make/canary.ts';
import { at, canaryIn, command, worldOf } from './command-world.ts';
import { primaryOf } from './phases/phase-world.ts';

describe('what people wrote', () => {
  it('stands in a status as it is, up to 300 characters, and is cut after them', () => {
    const longest = 'x'.repeat(300);
    expect([short(''), short(longest), short(`${longest}y`)]).toEqual(['', longest, `${longest}…`]);
    expect([short('abcd', 4), short('abcde', 4)]).toEqual(['abcd', 'abcd…']);
  });
});

describe('the record of a command', () => {
  it('keeps who asked for what and when, what became of it, and nothing that was not said', () => {
    const asked = command('pause', { revision: 'new', reason: 'lunch' });
    expect(acknowledged(worldOf(aCanary()), asked, 'refused', 'no')).toStrictEqual([
      {
        id: 'c1',
        verb: 'pause',
        at: at(-1),
        by: 'bo',
        revision: 'new',
        result: 'refused',
        message: 'no',
        doneAt: at(0),
      },
    ]);
    expect(acknowledged(worldOf(aCanary()), { id: 'c2', verb: 'resume', at: 'soon' }, 'obeyed', 'yes')).toStrictEqual([
      { id: 'c2', verb: 'resume', result: 'obeyed', message: 'yes', doneAt: at(0) },
    ]);
  });

  it('is cut to what a status may hold', () => {
    const long = 'x'.repeat(301);
    const record = acknowledged(worldOf(aCanary()), command('pause', { by: long, revision: long }), 'refused', long)[0];
    expect([record?.by, record?.revision, record?.message]).toEqual(Array.from({ length: 3 }, () => short(long)));
  });

  it.each<[string, string | undefined]>([
    ['2026-01-02T04:04:05+01:00', '2026-01-02T03:04:05.000Z'],
    ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59.000Z'],
    ['1969-12-31T23:59:59Z', undefined],
    ['+010000-01-01T00:00:00Z', undefined],
    ['+012345-01-01T00:00:00Z', undefined],
    ['yesterday', undefined],
    ['', undefined],
  ])('written at "%s" says %s, the one form that the status admits', (text, expected) => {
    expect(acknowledged(worldOf(aCanary()), command('pause', { at: text }), 'obeyed', 'yes')[0]?.at).toBe(expected);
  });

  it('follows the former ones, of which the last nine are kept', () => {
    const commands = Array.from({ length: 10 }, (_, n) => ({
      id: `old${n}`,
      verb: 'pause' as const,
      result: 'obeyed' as const,
      message: '',
      doneAt: at(-60),
    }));
    const of = (status: Partial<CanaryStatus>): string[] =>
      acknowledged(worldOf(canaryIn('Progressing', withStatus(status))), command('resume'), 'obeyed', 'yes').map(
        ({ id }) => id,
      );
    expect(of({})).toEqual(['c1']);
    expect(of({ commands: commands.slice(0, 1) })).toEqual(['old0', 'c1']);
    expect(of({ commands })).toEqual([...Array.from({ length: 9 }, (_, n) => `old${n + 1}`), 'c1']);
  });
});

describe('the floor under the primary', () => {
  it('is what it runs with when the rollout begins; none where no scaler sets it', () => {
    const floor = (replicas?: number) => floorFrom(worldOf(canaryIn('Succeeded'), primaryOf({ replicas })));
    expect([floor(5), floor(0), floor()]).toEqual([{ primaryReplicas: 5 }, {}, {}]);
    expect(floorFrom(worldOf(canaryIn('Initializing'), { primary: undefined }))).toEqual({});
  });

  const KEPT: Action = { do: 'ensure-apex' };
  const after = (phase: Phase | undefined, primaryReplicas?: number) => {
    const canary = canaryIn('Progressing', withStatus(primaryReplicas === undefined ? {} : { primaryReplicas }));
    const change = phase === undefined ? { failedChecks: 1 } : { phase };
    const outcome = decided(worldOf(canary), { actions: [KEPT], change });
    if ('ask' in outcome) throw new Error('asks');
    return [outcome.decision.status?.primaryReplicas, outcome.decision.actions];
  };

  it.each<Phase>(['Initialized', 'Succeeded', 'Failed'])('goes with the end of its rollout: %s', (phase) => {
    expect(after(phase, 5)).toEqual([undefined, [KEPT, { do: 'release-primary' }]]);
    expect(after(phase)).toEqual([undefined, [KEPT]]);
  });

  it.each<Phase | undefined>([undefined, 'WaitingPromotion', 'Promoting', 'Finalising'])(
    'stays until then: %s',
    (phase) => {
      expect(after(phase, 5)).toEqual([5, [KEPT]]);
    },
  );

  it('is begun and let go by Canaries without a status, too', () => {
    const outcome = decided(worldOf(aCanary()), { change: { phase: 'Initialized' } });
    expect(outcome).toMatchObject({ decision: { actions: [], status: { phase: 'Initialized' } } });
  });
});
