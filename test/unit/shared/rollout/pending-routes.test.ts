import { describe, expect, it } from 'vitest';
import type { CanaryStatus } from '../../../../shared/api/canary.ts';
import type { LiveRoutes } from '../../../../shared/api/model.ts';
import { decide } from '../../../../shared/rollout/decide.ts';
import type { Decision, TargetFacts, World } from '../../../../shared/rollout/world.ts';
import { WEIGHTS_ONLY } from '../../../../shared/routing/router.ts';
import { aCanary, withMetrics, withStatus, withWeights } from '../../../make/canary.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const PENDING = 'HTTPRoute podinfo.test parent gw is not ready';

/** In mid-rollout at 25 percent, with nothing but the routes in the way. */
const worldOf = (
  dueAt: string,
  routes: Partial<LiveRoutes>,
  more: Pick<CanaryStatus, 'failedChecks' | 'waitingFor'> = {},
): World => ({
  now: NOW,
  nonce: '',
  canary: aCanary(
    withWeights(),
    withMetrics(),
    withStatus({
      phase: 'Progressing',
      canaryWeight: 25,
      revision: 'r2',
      trackedConfigs: {},
      lastAppliedSpec: 'x',
      dueAt,
      ...more,
    }),
  ),
  settings: { provider: 'any', clusterName: '', observer: 'any' },
  capabilities: WEIGHTS_ONLY,
  specProblem: undefined,
  target: {
    kind: 'Deployment',
    readiness: { ready: true },
    revision: 'r2',
    image: 'a:2',
    isParked: false,
    isScalerPaused: false,
  } as TargetFacts,
  primary: { readiness: { ready: true }, runsTarget: false, hasCopy: false },
  scaler: undefined,
  configs: {},
  routes: { primary: 75, canary: 25, mirrored: false, ...routes },
});

const decisionOf = (world: World): Decision => {
  const outcome = decide(world, new Map());
  if (!('decision' in outcome)) throw new Error('asks');
  return outcome.decision;
};

/** What the next pass decides. */
const after = (world: World, { status }: Decision): Decision =>
  decisionOf({ ...world, canary: { ...world.canary, status: status as CanaryStatus } });

const routeOf = ({ actions }: Decision) => actions.find((action) => action.do === 'route')?.routes;

describe('a data plane that has not taken over the last step', () => {
  const PAST = '2025-12-31T23:59:00Z';

  it('holds the next step, keeps everything in place and says so once', () => {
    const decision = decisionOf(worldOf(PAST, { pending: PENDING }));
    expect(routeOf(decision)).toBeUndefined();
    expect(decision.actions).toContainEqual({ do: 'ensure-routes' });
    expect(decision).toMatchObject({
      status: { phase: 'Progressing', canaryWeight: 25, waitingFor: { until: '2026-01-01T00:01:00.000Z' } },
      dueAt: NOW + 10_000,
      reports: [{ type: 'Warning', message: PENDING, once: PENDING }],
    });
  });

  it('holds nothing once it has', () => {
    expect(routeOf(decisionOf(worldOf(PAST, {})))).toMatchObject({ canary: 50 });
  });

  it('is no matter before the step is due', () => {
    expect(decisionOf(worldOf('2026-01-01T00:00:05Z', { pending: PENDING })).reports).toEqual([]);
  });

  it('does not stand in the way of a rollback', () => {
    const world = worldOf(PAST, { pending: PENDING }, { failedChecks: 3 });
    expect(routeOf(after(world, decisionOf(world)))).toMatchObject({ canary: 0 });
  });

  it('until the deadline ends the rollout, with an alert', () => {
    const waitingFor = {
      what: 'routes that the data plane has taken over',
      since: '2025-12-31T23:59:00Z',
      until: '2026-01-01T00:00:00Z',
    };
    const world = worldOf(PAST, { pending: PENDING }, { waitingFor });
    const decision = decisionOf(world);
    expect(decision.status?.rollback).toMatchObject({ reason: 'ProgressDeadlineExceeded', message: PENDING });
    expect(decision.reports).toContainEqual(expect.objectContaining({ tell: 'alert', severity: 'error' }));
    const drained = after(world, decision);
    expect(routeOf(drained)).toMatchObject({ canary: 0 });
    const later = { ...world, now: drained.dueAt ?? 0, routes: { primary: 100, canary: 0, mirrored: false } };
    expect(after(later, drained).status?.phase).toBe('Failed');
  });
});
