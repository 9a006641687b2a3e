/** A key's verb: the same writing and waiting as the command's, told in one line at the foot of the screen. */
import type { Canary } from '../../shared/api/canary.ts';
import { messageOf } from '../../shared/errors.ts';
import { readCanary } from '../canaries.ts';
import { GLOBALS } from '../cli/flags.ts';
import { makeInput } from '../cli/input.ts';
import type { CommandSpec } from '../cli/spec.ts';
import { findCommand } from '../cli/table.ts';
import { actOnCanary } from '../verbs/act.ts';
import { whoAmI } from '../verbs/actor.ts';
import { APPROVE } from '../verbs/gate.ts';
import { PAUSE, RESUME } from '../verbs/pause.ts';
import { PROMOTE } from '../verbs/promote.ts';
import { ROLLBACK } from '../verbs/rollback.ts';
import type { VerbSpec } from '../verbs/verb.ts';
import type { LiveOptions } from './view.ts';

/** What a key may order. */
export type Order = 'promote' | 'approve' | 'rollback' | 'pause';
export type Act = (action: Order, canary: Canary) => void;

const specOf = (order: Order, { status }: Canary): VerbSpec => {
  if (order === 'pause') return status?.paused === undefined ? PAUSE : RESUME;
  return { promote: PROMOTE, approve: APPROVE, rollback: ROLLBACK }[order];
};

/** Acts one after the other; `say` is told when it begins and how it ended. */
export const actWith = ({ io, connection }: LiveOptions, say: (message: string) => void): Act => {
  let busy = false;
  const run = async (spec: VerbSpec, canary: Canary): Promise<void> => {
    const namespace = canary.metadata.namespace ?? '';
    const input = makeInput(findCommand(spec.verb) as CommandSpec, GLOBALS, {}, [canary.metadata.name]);
    const context = { input, io, connection: { ...connection, namespace }, by: await whoAmI(connection, io) };
    const fresh = await readCanary(context.connection, canary.metadata.name, io.signal);
    say((await actOnCanary(fresh, spec, context)).text);
  };
  return (action, canary) => {
    if (busy) return say('the word before is still on its way');
    busy = true;
    const spec = specOf(action, canary);
    say(`${spec.verb} ${canary.metadata.name} …`);
    void run(spec, canary)
      .catch((error: unknown) => say(messageOf(error)))
      .finally(() => {
        busy = false;
      });
  };
};
