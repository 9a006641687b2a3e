import { describe, expect, it } from 'vitest';
import { decide } from '../../../../../shared/rollout/decide.ts';
import type { World } from '../../../../../shared/rollout/world.ts';
import { aCanary, withMetrics, withStatus } from '../../../../make/canary.ts';
import { decidedBy, REVISION, targetOf, worldOf } from '../command-world.ts';
import { DOWN, kept, moves, primaryOf, READY } from './phase-world.ts';

const starting = (revision?: string, ...metrics: string[]): World =>
  worldOf(
    aCanary(
      withMetrics(...metrics.map((name) => ({ name }))),
      withStatus({ phase: 'Initializing', ...(revision && { revision }) }),
    ),
    { primary: undefined, routes: undefined },
  );

describe('a Canary that nobody has looked at', () => {
  it('begins with a status of its own, and nothing else', () => {
    const { status, actions } = decidedBy(worldOf(aCanary(), { primary: undefined }));
    expect(status).toMatchObject({ phase: 'Initializing', canaryWeight: 0, failedChecks: 0, iterations: 0 });
    expect(actions).toEqual([]);
  });
});

describe('the first start', () => {
  it('makes Services and primary, remembers of what, and touches neither target nor traffic', () => {
    const { status, actions } = decidedBy(starting());
    expect(status).toMatchObject({ phase: 'Initializing', revision: REVISION });
    expect(actions.map((action) => action.do)).toEqual(['ensure-services', 'prepare-routes', 'ensure-primary']);
  });

  it('waits for the primary however long it takes, and says so', () => {
    const { status, actions, events } = decidedBy({
      ...starting(REVISION),
      ...primaryOf({ readiness: DOWN, runsTarget: true }),
    });
    expect(status).toMatchObject({ phase: 'Initializing', revision: REVISION });
    expect(moves(actions)).toEqual(['prepare-routes']);
    expect(events).toEqual(['Synced: podinfo-primary.test not ready: 0 of 2 available']);
  });

  it('makes the primary anew of a later revision while the first one does not start', () => {
    const { status, actions } = decidedBy({ ...starting('broken'), ...primaryOf({ readiness: DOWN }) });
    expect(status?.revision).toBe(REVISION);
    expect(moves(actions)).toContain('promote');
  });

  it('does not make it anew where only somebody else changed the copy', () => {
    const { status, actions } = decidedBy({ ...starting(REVISION), ...primaryOf({ readiness: DOWN }) });
    expect(status?.revision).toBe(REVISION);
    expect(moves(actions)).not.toContain('promote');
  });

  it('of a primary that was there before takes it for an unknown revision until it is known', () => {
    const { status } = decidedBy({ ...starting(), ...primaryOf({ readiness: DOWN }) });
    expect(status?.revision).toBe('initial');
  });
});

describe('with a primary that is ready', () => {
  const ready: World = { ...starting(REVISION), ...primaryOf({ readiness: READY, runsTarget: true }) };

  it('traffic moves before the target rests', () => {
    const { actions, status, events } = decidedBy(ready);
    expect(kept(actions)).toEqual(['ensure-services', 'ensure-primary', 'ensure-primary-scaler', 'ensure-apex']);
    expect(moves(actions)).toEqual(['route 0%', 'pause-scaler', 'park-target']);
    expect(actions.findIndex(({ do: name }) => name === 'ensure-apex')).toBeLessThan(
      actions.findIndex(({ do: name }) => name === 'pause-scaler'),
    );
    expect(status).toMatchObject({
      phase: 'Initialized',
      revision: REVISION,
      history: [{ number: 1, revision: REVISION, result: 'initialized' }],
    });
    expect(status?.lastPromotedSpec).toBe(status?.lastAppliedSpec);
    expect(events).toEqual([
      'Synced: all the metrics providers are available!',
      'Synced: Initialization done! podinfo.test',
    ]);
  });

  it('a target that moved on meanwhile is still to be rolled out', () => {
    const { status } = decidedBy({ ...ready, ...primaryOf(), ...targetOf({ revision: 'newer' }) });
    expect(status).toMatchObject({ phase: 'Initialized', revision: 'initial' });
    expect(decidedBy({ ...ready, ...primaryOf() }).status?.revision).toBe(REVISION);
  });

  it('the metric providers are asked once, and their answer is only told', () => {
    const asking = { ...starting(REVISION, 'request-duration'), ...primaryOf({ runsTarget: true }) };
    expect(decide(asking, new Map())).toMatchObject({ ask: { ask: 'online' } });
    const { status, events } = decidedBy(
      asking,
      new Map([['online', { kind: 'error', message: 'prometheus not avaiable: refused', query: '' }]]),
    );
    expect(status?.phase).toBe('Initialized');
    expect(events[0]).toBe('Synced: Error checking metric providers: prometheus not avaiable: refused');
  });
});
