/** Is the target something new? */
import { isSameJson } from '../api/same-json.ts';
import { type Change, haveConfigsChanged, phaseOf } from './status.ts';
import { isProblem, type World } from './world.ts';

/**
 * True when the target is not what was last looked at. Without our own digest (another controller wrote the status)
 * the primary tells: a target that equals what it runs is known. In Failed the present target is the one that failed.
 */
export const isNewRevision = (world: World): boolean => {
  if (isProblem(world.target)) return false;
  const known = world.canary.status?.revision;
  if (known !== undefined) return world.target.revision !== known || haveConfigsChanged(world);
  const phase = phaseOf(world.canary);
  if (phase === 'Initialized' || phase === 'Succeeded')
    return world.primary?.runsTarget === false || haveConfigsChanged(world);
  return false;
};

/**
 * What another controller's status lacks: the revision as it stands, and checksums where none were kept. Its two
 * hashes stay untouched, so that it starts nothing when it comes back. Undefined: nothing is lacking.
 */
export const adoption = (world: World): Change | undefined => {
  if (isProblem(world.target)) return undefined;
  const { revision, trackedConfigs } = world.canary.status ?? {};
  const isUncounted =
    revision === undefined && !haveConfigsChanged(world) && !isSameJson(trackedConfigs, world.configs);
  const configs =
    (trackedConfigs === undefined || isUncounted) && world.configs !== undefined && !isProblem(world.configs)
      ? world.configs
      : undefined;
  if (revision !== undefined && configs === undefined) return undefined;
  return {
    ...(revision === undefined && { revision: world.target.revision }),
    ...(configs && { trackedConfigs: configs }),
  };
};
