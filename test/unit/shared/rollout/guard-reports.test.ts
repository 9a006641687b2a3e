import { describe, expect, it } from 'vitest';
import type { Canary, CanaryStatus, Phase } from '../../../../shared/api/canary.ts';
import { pinned } from '../../../../shared/rollout/affinity.ts';
import type { Action, World } from '../../../../shared/rollout/world.ts';
import { withAnalysis, withStatus } from '../../../make/canary.ts';
import { at, canaryIn, decidedBy, givenUpBy, NOW, worldOf } from './command-world.ts';
import { moves, primaryOf } from './phases/phase-world.ts';
import { linesOf } from './report-lines.ts';

const RUNNING: readonly Phase[] = ['Progressing', 'WaitingPromotion', 'Promoting', 'Finalising'];
const WAIT = { what: 'what can not be read: x', since: at(0), until: at(60) };
const world = (phase: Phase, status: Partial<CanaryStatus>, facts: Partial<World>): World =>
  worldOf(canaryIn(phase, withStatus(status)), facts);
const told = (phase: Phase): string => `Warning Synced to ${phase} once (x): x`;

describe('a spec that cannot be carried out', () => {
  it('is told as a warning, and again where it is wrong in another way', () => {
    const first = decidedBy(worldOf(canaryIn('Progressing'), { specProblem: 'odd' }));
    expect(linesOf(first)).toEqual(['Warning InvalidSpec: odd']);
    const known = canaryIn('Progressing', withStatus(first.status ?? {}));
    expect(linesOf(decidedBy(worldOf(known, { specProblem: 'odder' })))).toEqual(['Warning InvalidSpec: odder']);
  });
});

describe('routes that cannot be read', () => {
  const ROUTES: Partial<World> = { routes: { problem: 'x' } };

  it.each(RUNNING)('in %s are waited for with a deadline, and told once', (phase) => {
    const decision = decidedBy(world(phase, {}, ROUTES));
    expect(decision).toMatchObject({ actions: [], status: { phase, waitingFor: WAIT }, dueAt: NOW + 10_000 });
    expect(linesOf(decision)).toEqual([told(phase)]);
  });

  it.each(RUNNING)('in %s are no longer waited for once they can', (phase) => {
    const { status, actions } = decidedBy(world(phase, { waitingFor: WAIT }, {}));
    expect(actions).toEqual([]);
    expect(status).toMatchObject({ phase });
    expect(status).not.toHaveProperty('waitingFor');
  });

  it.each(['Succeeded', 'Waiting'] as const)('in %s begin no deadline', (phase) => {
    const decision = decidedBy(world(phase, {}, ROUTES));
    expect([decision.status, linesOf(decision), decision.dueAt]).toEqual([undefined, [told(phase)], NOW + 10_000]);
  });

  it('cannot be rolled back, however late', () => {
    const late = decidedBy(world('Progressing', { waitingFor: { ...WAIT, until: at(0) } }, ROUTES));
    expect(late.status?.rollback).toBeUndefined();
    expect(linesOf(late)[0]).toBe(told('Progressing'));
    expect([late.actions, late.dueAt]).toEqual([[], NOW + 10_000]);
  });
});

describe('a scaler that cannot be read in an analysis', () => {
  const SCALER: Partial<World> = { scaler: { problem: 'x' } };

  it.each<[string, Partial<CanaryStatus>]>([
    ['before its deadline', { waitingFor: { ...WAIT, until: at(1) } }],
    ['where nobody gave it one', { waitingFor: { what: WAIT.what, since: at(-100) } }],
    ['at a gate, which keeps its own time', { waitingFor: { what: 'a gate', gate: 'qa', since: at(-5) } }],
  ])('is waited for %s', (_when, status) => {
    const waiting = decidedBy(world('Progressing', status, SCALER));
    expect(linesOf(waiting)).toEqual([told('Progressing')]);
    expect(waiting.status?.waitingFor ?? status.waitingFor).toEqual(status.waitingFor);
    expect(waiting.status?.rollback).toBeUndefined();
  });

  it('fails the rollout after its deadline', () => {
    const failed = givenUpBy(world('Progressing', { waitingFor: { ...WAIT, until: at(0) } }, SCALER));
    expect(linesOf(failed).slice(0, 2)).toEqual([told('Progressing'), 'alert error: Progress deadline exceeded x']);
    expect(failed.status?.history?.at(-1)).toMatchObject({ reason: 'ProgressDeadlineExceeded' });
  });
});

describe('a ConfigMap that cannot be read', () => {
  it.each(RUNNING)('stops nothing in %s', (phase) => {
    const decision = decidedBy(world(phase, { dueAt: at(-1) }, { configs: { problem: 'x' } }));
    expect(linesOf(decision)).not.toContain(told(phase));
    expect(decision.actions).not.toEqual([]);
  });
});

describe('a target that is gone after the copy', () => {
  it('keeps no promotion from its end', () => {
    const gone = { target: { problem: 'x' }, ...primaryOf({ hasCopy: true, runsTarget: true }) };
    expect(moves(decidedBy(world('Promoting', {}, gone)).actions)).toEqual(['route 0%', 'sync-primary-scaler']);
  });
});

describe('session affinity', () => {
  const pinning = (canary: Canary): World => {
    const plain = worldOf(canary);
    return { ...plain, capabilities: { ...plain.capabilities, sessionAffinity: 'canary-and-primary' } };
  };
  const actions: readonly Action[] = [
    { do: 'ensure-apex' },
    { do: 'route', routes: { primary: 70, canary: 30, mirrored: false } },
    { do: 'pause-scaler' },
  ];

  it('gives cookies to routes alone, and the status no field that has no cookie', () => {
    const canary = canaryIn('Progressing', withAnalysis({ sessionAffinity: { cookieName: 'pin' } }));
    expect(pinned(pinning(canary), actions)).toStrictEqual({
      actions: [
        { do: 'ensure-apex' },
        {
          do: 'route',
          routes: { primary: 70, canary: 30, mirrored: false, cookies: { canary: 'pin=abcdefghij' } },
        },
        { do: 'pause-scaler' },
      ],
      change: { sessionAffinityCookie: 'pin=abcdefghij' },
    });
  });
});
