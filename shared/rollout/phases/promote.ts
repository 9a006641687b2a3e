import { intervalMsOf, stepWeightPromotionOf } from '../../api/defaults.ts';
import type { Routes } from '../../api/model.ts';
import { decided, KEEP, KEEP_WITH_ROUTES } from '../outcome.ts';
import { failPromotion } from '../rollback.ts';
import type { Change } from '../status.ts';
import { canaryText, normal, primaryText, warning } from '../texts.ts';
import type { Outcome } from '../world.ts';
import type { Handler, ReadableWorld } from './handler.ts';

/**
 * Promoting: the primary comes up with the new revision, then takes the traffic back. The target's readiness does not
 * matter any more: the primary runs the same.
 */
export const finishPromotion: Handler = (world, _answers, forced) => {
  const readiness = world.primary?.readiness;
  if (readiness === undefined) return decided(world, { actions: KEEP_WITH_ROUTES });
  if (!readiness.ready) {
    if (readiness.deadlineExceeded) return failPromotion(world, readiness.message);
    const told = warning(world, `${primaryText(world.canary)} not ready: ${readiness.message}`, { once: 'promotion' });
    return decided(world, { actions: KEEP_WITH_ROUTES, reports: [told] });
  }
  if (world.capabilities.iterationsOnly) return finalising(world, {});
  const step = stepWeightPromotionOf(world.canary);
  if (step <= 0) {
    return finalising(world, { routes: { primary: 100, canary: 0, mirrored: false }, text: 'Routing all traffic to primary' });
  }
  return shiftBack(world, step, forced);
};

const FINALISING: Change = { phase: 'Finalising', canaryWeight: 0, iterations: 0, dueAt: null, waitingFor: null };

const finalising = (world: ReadableWorld, { routes, text }: { routes?: Routes; text?: string }): Outcome =>
  decided(world, {
    actions: [...(routes ? [...KEEP, { do: 'route' as const, routes }] : KEEP_WITH_ROUTES), { do: 'sync-primary-scaler' }],
    change: FINALISING,
    reports: text === undefined ? [] : [normal(world, text)],
  });

/** Back to the primary by `step` percent per interval; the first at once. */
const shiftBack = (world: ReadableWorld, step: number, forced: boolean): Outcome => {
  const weight = world.routes?.canary ?? 0;
  if (weight === 0) return finalising(world, {});
  const due = Date.parse(world.canary.status?.dueAt ?? '');
  if (!forced && due > world.now) return decided(world, { actions: KEEP_WITH_ROUTES, dueAt: due });
  const canary = Math.max(0, weight - step);
  const routes: Routes = { primary: 100 - canary, canary, mirrored: false };
  const text = `Advance ${canaryText(world.canary)} primary weight ${routes.primary}`;
  if (canary === 0) return finalising(world, { routes, text });
  const dueAt = world.now + intervalMsOf(world.canary);
  return decided(world, {
    actions: [...KEEP, { do: 'route', routes }, { do: 'sync-primary-scaler' }],
    change: { canaryWeight: canary, dueAt },
    reports: [normal(world, text)],
    dueAt,
  });
};
