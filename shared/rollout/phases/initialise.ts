import { metricsOf } from '../../api/defaults.ts';
import { type Probe, probeKey, type Readiness, type Report } from '../../api/model.ts';
import { podsOf, toldOfPods, waitFor } from '../deadlines.ts';
import { startEntry } from '../history.ts';
import { decided } from '../outcome.ts';
import type { Change } from '../status.ts';
import { alert, canaryText, normal, primaryText, warning } from '../texts.ts';
import type { Outcome } from '../world.ts';
import type { Handler, ReadableWorld } from './handler.ts';

/** Stands for a revision that nobody has looked at. */
const UNKNOWN = 'initial';

/**
 * First start: make the primary, and touch neither the target nor its traffic before the primary is ready.
 * Then the primary takes over, and the target rests.
 */
export const initialise: Handler = (world, answers) => {
  const { primary } = world;
  if (!primary?.readiness.ready) return makePrimary(world);
  const probe: Probe = { ask: 'online' };
  const answer = answers.get(probeKey(probe));
  if (answer === undefined && metricsOf(world.canary).length > 0) return { ask: probe, reports: [] };
  const online: Report[] =
    answer?.kind === 'error'
      ? [warning(world, `Error checking metric providers: ${answer.message}`)]
      : [normal(world, 'all the metrics providers are available!')];
  const phase = 'Initialized';
  return decided(world, {
    actions: [
      { do: 'ensure-services' },
      { do: 'ensure-primary' },
      { do: 'ensure-primary-scaler' },
      { do: 'ensure-apex' },
      { do: 'route', routes: { primary: 100, canary: 0, mirrored: false } },
      { do: 'pause-scaler' },
      { do: 'park-target' },
    ],
    change: {
      phase,
      canaryWeight: 0,
      failedChecks: 0,
      iterations: 0,
      sync: true,
      promoted: true,
      waitingFor: null,
      history: startEntry(world, 'initialized'),
      // The target moved on while the primary was made of its former revision: that one is still to be rolled out.
      ...(!isMadeOfTarget(world) && { revision: UNKNOWN }),
    },
    reports: [
      ...online,
      normal(world, `Initialization done! ${canaryText(world.canary)}`, { phase }),
      alert(world, 'info', `New ${world.target.kind} detected, initialization completed.`, true),
    ],
  });
};

const isMadeOfTarget = ({ canary, primary, target }: ReadableWorld): boolean =>
  primary?.runsTarget === true || canary.status?.revision === target.revision;

/**
 * The status remembers which revision the primary is being made of: one that never starts gives way to the next, since
 * nobody depends on it yet.
 */
const makePrimary = (world: ReadableWorld): Outcome => {
  const { primary, target } = world;
  const { revision: made, waitingFor } = world.canary.status ?? {};
  const isOutdated = primary !== undefined && !primary.runsTarget && made !== undefined && made !== target.revision;
  const runs = primary === undefined || isOutdated || isMadeOfTarget(world) ? target.revision : UNKNOWN;
  return decided(world, {
    actions: [{ do: 'ensure-services' }, { do: 'prepare-routes' }, { do: isOutdated ? 'promote' : 'ensure-primary' }],
    change: made === runs && waitingFor !== undefined ? undefined : making(world, runs),
    ...(primary && !primary.readiness.ready && notReady(world, primary.readiness)),
  });
};

type Unready = Extract<Readiness, { ready: false }>;

/** Another revision has the whole deadline for itself. */
const making = (world: ReadableWorld, revision: string): Change => ({
  revision,
  waitingFor: waitFor(world, podsOf(world.canary, 'primary')),
  notReady: null,
  stalled: null,
});

const notReady = (world: ReadableWorld, { message, deadlineAt }: Unready) => {
  const told = warning(world, `${primaryText(world.canary)} not ready: ${message}`, { once: 'primary not ready' });
  return toldOfPods(world, 'primary', told, deadlineAt);
};
