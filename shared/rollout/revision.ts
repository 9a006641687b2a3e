/** Is the target something new? */
import { haveConfigsChanged, phaseOf } from './status.ts';
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
  if (phase === 'Initialized' || phase === 'Succeeded') return world.primary?.runsTarget === false || haveConfigsChanged(world);
  return false;
};

/** Another controller left this status: its revision is adopted as it stands, its hashes untouched. */
export const needsAdoption = (world: World): boolean =>
  world.canary.status?.revision === undefined && !isProblem(world.target) && world.canary.status?.lastAppliedSpec !== undefined;
