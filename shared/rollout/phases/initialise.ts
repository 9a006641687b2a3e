import { metricsOf } from '../../api/defaults.ts';
import { probeKey, type Probe, type Report } from '../../api/model.ts';
import { startEntry } from '../history.ts';
import { decided } from '../outcome.ts';
import { alert, canaryText, normal, primaryText, warning } from '../texts.ts';
import type { Handler, ReadableWorld } from './handler.ts';

/**
 * First start: make the primary, and touch neither the target nor its traffic before the primary is ready.
 * Then the primary takes over, and the target rests.
 */
export const initialise: Handler = (world, answers) => {
  const { primary } = world;
  if (!primary?.readiness.ready) {
    const reports = primary && !primary.readiness.ready ? [notReady(world, primary.readiness.message)] : [];
    return decided(world, { actions: [{ do: 'ensure-services' }, { do: 'ensure-primary' }], reports });
  }
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
      { do: 'pause-scaler' },
      { do: 'ensure-apex' },
      { do: 'ensure-routes' },
      { do: 'park-target' },
    ],
    change: {
      phase,
      canaryWeight: 0,
      failedChecks: 0,
      iterations: 0,
      sync: true,
      promoted: true,
      history: startEntry(world, 'initialized'),
      // The target moved on while the primary was made of its former revision: that one is still to be rolled out.
      ...(!primary.runsTarget && { revision: 'initial' }),
    },
    reports: [
      ...online,
      normal(world, `Initialization done! ${canaryText(world.canary)}`, { phase }),
      alert(world, 'info', `New ${world.target.kind} detected, initialization completed.`, true),
    ],
  });
};

const notReady = (world: ReadableWorld, message: string): Report =>
  warning(world, `${primaryText(world.canary)} not ready: ${message}`, { once: 'primary not ready' });
