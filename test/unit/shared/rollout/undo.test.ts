import { describe, expect, it } from 'vitest';
import type { Command } from '../../../../shared/api/command.ts';
import { digestOf } from '../../../../shared/api/digest.ts';
import { probeKey } from '../../../../shared/api/model.ts';
import { decide } from '../../../../shared/rollout/decide.ts';
import { withStatus } from '../../../make/canary.ts';
import { answerTo, canaryIn, command, decidedBy, REVISION, targetOf, told, worldOf } from './command-world.ts';

const KEPT = new Map([[probeKey({ ask: 'kept', revision: 'old' }), { kind: 'kept', isKept: true } as const]]);

describe('undo', () => {
  const undone = (order: Partial<Command>, more = {}) =>
    worldOf(canaryIn('Succeeded', told(command('undo', order))), more);

  it('asks whether the cluster keeps the revision that served before, then puts the target back to it', () => {
    expect(decide(undone({}), new Map())).toEqual({ ask: { ask: 'kept', revision: 'old' }, reports: [] });
    expect(decidedBy(undone({}), KEPT).actions).toEqual([{ do: 'restore-target', revision: 'old' }]);
  });

  it.each(['older', '1'])('goes to revision %s where it is named', (toRevision) => {
    expect(decide(undone({ toRevision }), new Map())).toEqual({ ask: { ask: 'kept', revision: 'older' }, reports: [] });
  });

  it('is refused where nobody keeps the revision, or it is not in the history', () => {
    const gone = new Map([[probeKey({ ask: 'kept', revision: 'old' }), { kind: 'kept', isKept: false } as const]]);
    expect(answerTo(undone({}), gone)).toBe(
      'refused: the cluster no longer keeps revision 2, old, of Deployment podinfo.test',
    );
    const hidden = new Map([
      [probeKey({ ask: 'kept', revision: 'old' }), { kind: 'kept', isKept: false, error: 'you may not list' } as const],
    ]);
    expect(answerTo(undone({}), hidden)).toBe('refused: you may not list');
    expect(answerTo(undone({ toRevision: 'x' }))).toBe('refused: revision x is not in the history');
  });

  const served = (revision: string, configs: Record<string, string>) =>
    ({ revision, result: 'promoted', configs: digestOf(configs) }) as const;
  const [OLD, NEW] = [{ 'configmap/a': '1' }, { 'configmap/a': '2' }];

  it('says what does not come back with the pod template', () => {
    const said = (entry: object, configs: Record<string, string> | undefined): string | undefined => {
      const history = [
        { number: 1, revision: 'old', result: 'promoted' as const, ...entry },
        { number: 2, ...served(REVISION, NEW) },
      ];
      const canary = canaryIn('Succeeded', withStatus({ history, trackedConfigs: NEW }), told(command('undo')));
      return decidedBy(worldOf(canary, { configs }), KEPT).status?.commands?.at(-1)?.message;
    };
    const plain = 'podinfo.test gets the pod template of revision 1, old, again';
    expect(said(served('old', OLD), NEW)).toBe(
      `${plain}; its ConfigMaps and Secrets have changed since and stay as they are now, their content is not kept`,
    );
    expect(said({}, NEW)).toBe(`${plain}; its ConfigMaps and Secrets stay as they are now`);
    expect([said(served('old', NEW), NEW), said({}, undefined)]).toEqual([plain, plain]);
  });

  it('is refused where only ConfigMaps or Secrets were others before, whose content nobody keeps', () => {
    const history = [
      { number: 1, ...served('older', OLD) },
      { number: 2, ...served(REVISION, OLD) },
      { number: 3, ...served(REVISION, NEW) },
    ];
    expect(answerTo(worldOf(canaryIn('Succeeded', withStatus({ history }), told(command('undo')))))).toBe(
      'refused: revision 2 differs from the present one in ConfigMaps or Secrets alone, whose content is not kept; put them back by hand, or name another revision',
    );
  });

  it('after a failure goes to what has served last', () => {
    expect(decide(worldOf(canaryIn('Failed', told(command('undo')))), new Map())).toMatchObject({
      ask: { ask: 'kept', revision: 'old' },
    });
  });

  it('is obeyed without a write where the target is there already', () => {
    const world = undone({ toRevision: 'old' }, targetOf({ revision: 'old' }));
    expect([answerTo(world), decidedBy(world).actions]).toEqual(['obeyed', []]);
  });
});
