import { describe, expect, it } from 'vitest';
import { type Loose, type Played, played } from './staged.ts';

const PRIMARY = 'apps/deployments/podinfo-primary';
const CONFIG = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cfg', namespace: 'a-config-tracking' } };
const MISSING = 'GetTargetConfigs failed: configmap cfg.a-config-tracking get query error: configmaps "cfg" not found';

/** The ConfigMaps that the primary has been given to read, one after the other. */
const readBy = ({ states }: Played): string[] => {
  const live = states(PRIMARY).filter((state) => state !== 'DELETED');
  const names = live.map(({ spec }) => String(spec.template.spec.containers[0].envFrom[0].configMapRef.name));
  return names.filter((name, at) => name !== names[at - 1]);
};

/** A rollout whose ConfigMap is deleted in its middle; `steps` are what follows. */
const withoutConfig = (steps: readonly unknown[], change: (canary: Loose) => void = () => undefined): Promise<Played> =>
  played('config-tracking', (scenario) => {
    change(scenario.objects.find(({ kind }) => kind === 'Canary'));
    scenario.steps.splice(4, 1, ['delete', CONFIG], ...steps);
  });

describe('a ConfigMap that is deleted in mid-rollout', () => {
  it('and does not come back ends the rollout at its deadline, and no primary is made to read what is gone', async () => {
    const run = await withoutConfig([['phase', 'Failed', 120]]);
    expect(run.stuck).toBeUndefined();
    expect(readBy(run)).toEqual(['cfg-primary']);
    expect(run.events).toContain(MISSING);
    const stalled = run.canary.status?.conditions?.find(({ type }) => type === 'Stalled');
    expect(stalled).toMatchObject({ status: 'True', reason: 'ProgressDeadlineExceeded', message: MISSING });
  });

  it('and comes back in time is promoted with it', async () => {
    const run = await withoutConfig([
      ['sleep', 50],
      ['apply', { ...CONFIG, data: { k: '2' } }],
      ['phase', 'Succeeded'],
    ]);
    expect(run.stuck).toBeUndefined();
    expect(readBy(run)).toEqual(['cfg-primary']);
  });

  it('holds a promotion without analysis, too', async () => {
    const run = await withoutConfig([['sleep', 20]], ({ spec }) => (spec.skipAnalysis = true));
    expect(readBy(run)).toEqual(['cfg-primary']);
  });

  it('lets no lost primary be made of pods that read what is gone', async () => {
    const metadata = { name: 'podinfo-primary', namespace: 'a-config-tracking' };
    const run = await withoutConfig([
      ['delete', { apiVersion: 'apps/v1', kind: 'Deployment', metadata }],
      ['sleep', 20],
    ]);
    expect([run.last(PRIMARY), readBy(run)]).toEqual(['DELETED', ['cfg-primary']]);
    expect(run.events).toContain(MISSING);
  });
});
