import { intervalMsOf, stepWeightPromotionOf } from '../../api/defaults.ts';
import type { Routes } from '../../api/model.ts';
import { strategyOf } from '../../api/names.ts';
import { toldOfPods } from '../deadlines.ts';
import { decided, KEEP, KEEP_WITH_ROUTES } from '../outcome.ts';
import { failPromotion } from '../rollback.ts';
import type { Change } from '../status.ts';
import { iterationsFor } from '../steps.ts';
import { canaryText, normal, primaryText, warning } from '../texts.ts';
import { DRAIN_MS } from '../times.ts';
import type { Outcome } from '../world.ts';
import { waitForDue } from './due.ts';
import type { Handler, RoutedWorld } from './handler.ts';

/**
 * Promoting: the primary comes up with the new revision, then takes the traffic back. The target's readiness does not
 * matter any more: the primary runs the same.
 */
export const finishPromotion: Handler<RoutedWorld> = (world, _answers, forced) => {
  const waiting = waitForPrimary(world);
  if (waiting !== undefined) return waiting;
  if (world.capabilities.iterationsOnly) return finalising(world, {});
  const step = stepWeightPromotionOf(world.canary);
  if (step <= 0 || !canShift(world))
    return finalising(world, { routes: ALL_TO_PRIMARY, text: 'Routing all traffic to primary' });
  return catchUp(world) ?? shiftBack(world, step, forced);
};

const ALL_TO_PRIMARY: Routes = { primary: 100, canary: 0, mirrored: false };

/** An A/B test sends whole groups of users. Where more traffic is found than the last shift left, shifting does not help. */
const canShift = (world: RoutedWorld): boolean => {
  const known = world.canary.status?.canaryWeight ?? 0;
  return strategyOf(world.canary) !== 'ab-testing' && (known === 0 || (world.routes?.canary ?? 0) <= known);
};

/** While the primary is not ready nothing moves; when it never will be, the promotion has failed. */
export const waitForPrimary = (world: RoutedWorld): Outcome | undefined => {
  const readiness = world.primary?.readiness;
  if (readiness === undefined) return decided(world, { actions: KEEP_WITH_ROUTES });
  if (readiness.ready) return undefined;
  if (readiness.deadlineExceeded) return failPromotion(world, readiness.message);
  const told = warning(world, `${primaryText(world.canary)} not ready: ${readiness.message}`, { once: 'promotion' });
  return decided(world, { actions: KEEP_WITH_ROUTES, ...toldOfPods(world, 'primary', told, readiness.deadlineAt) });
};

const FINALISING: Change = { phase: 'Finalising', canaryWeight: 0, iterations: 0, waitingFor: null };

const finalising = (world: RoutedWorld, { routes, text }: { routes?: Routes; text?: string }): Outcome =>
  decided(world, {
    actions: [
      ...(routes ? [...KEEP, { do: 'route' as const, routes }] : KEEP_WITH_ROUTES),
      { do: 'sync-primary-scaler' },
    ],
    change: { ...FINALISING, dueAt: null },
    drainMs: routes && DRAIN_MS,
    reports: text === undefined ? [] : [normal(world, text)],
  });

/** What the canary should still have, by the status; undefined: it does not say. */
const knownWeight = (world: RoutedWorld): number | undefined => {
  const weight = world.canary.status?.canaryWeight ?? 0;
  if (weight > 0) return weight;
  return iterationsFor(world.canary, world.capabilities) > 0 ? 100 : undefined;
};

const shiftText = (world: RoutedWorld, primary: number): string =>
  `Advance ${canaryText(world.canary)} primary weight ${primary}`;

/** Less than the status knows: traffic was shifted, and the driver ended before it could say so. */
const catchUp = (world: RoutedWorld): Outcome | undefined => {
  const weight = world.routes?.canary ?? 0;
  const known = knownWeight(world);
  if (known === undefined || weight === 0 || weight >= known) return undefined;
  const dueAt = world.now + intervalMsOf(world.canary);
  const reports = [normal(world, shiftText(world, 100 - weight))];
  return decided(world, {
    actions: KEEP_WITH_ROUTES,
    change: { canaryWeight: weight, waitingFor: null, dueAt },
    reports,
  });
};

/** Back to the primary by `step` percent per interval; the first at once. */
const shiftBack = (world: RoutedWorld, step: number, forced: boolean): Outcome => {
  const weight = world.routes?.canary ?? 0;
  if (weight === 0) return finalising(world, {});
  const waiting = forced ? undefined : waitForDue(world);
  if (waiting !== undefined) return waiting;
  const canary = Math.max(0, weight - step);
  const routes: Routes = { primary: 100 - canary, canary, mirrored: false };
  const text = shiftText(world, routes.primary);
  if (canary === 0) return finalising(world, { routes, text });
  const dueAt = world.now + intervalMsOf(world.canary);
  return decided(world, {
    actions: [...KEEP, { do: 'route', routes }, { do: 'sync-primary-scaler' }],
    change: { canaryWeight: canary, waitingFor: null, dueAt },
    reports: [normal(world, text)],
    dueAt,
  });
};
