import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { withAutoscaler } from '../make/canary.ts';
import { modify, withAnnotations } from '../make/modify.ts';
import { eventually } from './control-plane/eventually.ts';
import type { CommandResult } from './control-plane/handle.ts';
import { sharedCluster } from './shared-cluster.ts';
import { WebhookSite } from './webhook-site.ts';

const PAUSED = 'autoscaling.keda.sh/paused-replicas';

let site: WebhookSite;

beforeAll(async () => {
  site = await WebhookSite.open(sharedCluster(), 'webhook-mutate');
  await site.start();
});

afterAll(() => site?.close());
afterEach(() => site.clear());

const paused = () => modify(site.scaledObject(), [withAnnotations({ [PAUSED]: '0' })]);
const pauseOf = (): Promise<string> =>
  site.field('scaledobject', 'podinfo-so', `{.metadata.annotations.${PAUSED.replaceAll('.', '\\.')}}`);
const annotate = (kind: string, name: string, ...more: readonly string[]): Promise<CommandResult> =>
  site.kubectl(['annotate', kind, name, '--overwrite', ...more]);
const setPhase = (phase: string): Promise<CommandResult> => {
  const status = { phase, canaryWeight: 0, failedChecks: 0, iterations: 0 };
  const patch = JSON.stringify({ status });
  return site.kubectl(['patch', 'canary', 'podinfo', '--subresource', 'status', '--type', 'merge', '-p', patch]);
};

/** The webhook knows by its watch that the Canary keeps its target at zero. */
const untilHeld = () =>
  eventually(async () => (await site.replace(site.scaledObject(), '--dry-run=server')).stderr.includes('put back'), {
    what: 'the webhook to hold the pause',
  });

it.each(['Initialized', 'Succeeded', 'Failed'])(
  'puts the pause back on a ScaledObject that is replaced or made anew while its Canary is %s',
  async (phase) => {
    await site.apply(paused(), site.canary(withAutoscaler()));
    await setPhase(phase);
    await untilHeld();
    const replaced = await site.replace(site.scaledObject());
    expect(replaced.code).toBe(0);
    expect(replaced.stderr).toContain(
      `Warning: ${PAUSED}: "0" put back: Canary podinfo is ${phase} and keeps the target at zero.`,
    );
    expect(await pauseOf()).toBe('0');
    await site.kubectl(['delete', 'scaledobject', 'podinfo-so']);
    await site.apply(site.scaledObject());
    expect(await pauseOf()).toBe('0');
  },
);

it.each(['Progressing', 'Promoting', 'Finalising', 'Waiting'])(
  'leaves it awake while its Canary is %s',
  async (phase) => {
    await site.apply(paused(), site.canary(withAutoscaler()));
    await setPhase('Initialized');
    await untilHeld();
    await setPhase(phase);
    expect((await site.replace(site.scaledObject())).code).toBe(0);
    expect(await pauseOf()).toBe('');
  },
);

it('leaves it awake when a driver wakes it, and when it is applied again right after', async () => {
  await site.apply(paused(), site.canary(withAutoscaler()));
  await setPhase('Succeeded');
  await untilHeld();
  expect((await annotate('scaledobject', 'podinfo-so', `${PAUSED}-`, '--field-manager=canary-controller')).code).toBe(
    0,
  );
  expect(await pauseOf()).toBe('');
  const changed = site.scaledObject((object) => ({ ...object, spec: { ...object.spec, maxReplicaCount: 5 } }));
  expect((await site.apply(changed)).code).toBe(0);
  expect(await pauseOf()).toBe('');
});

it('takes every pause off the generated ScaledObject of a primary', async () => {
  await site.apply(site.canary(withAutoscaler()));
  const uid = await site.field('canary', 'podinfo', '{.metadata.uid}');
  const copied = modify(site.here(site.scaledObject(), 'podinfo-so-primary'), [
    withAnnotations({ [PAUSED]: '0', team: 'web' }),
  ]);
  const ownerReferences = [{ apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: 'podinfo', uid }];
  await site.kubectl(['create'], { ...copied, metadata: { ...copied.metadata, ownerReferences } });
  expect(JSON.parse(await site.field('scaledobject', 'podinfo-so-primary', '{.metadata.annotations}'))).toEqual({
    team: 'web',
  });
  await site.kubectl(['delete', 'scaledobject', 'podinfo-so-primary', '--wait=false']);
});

it('writes into a command who really gave it, whoever it claims to be from, and keeps that name', async () => {
  const as = (user: string): string[] => ['--as', user, '--as-group', 'system:masters'];
  const command = (id: string): string => {
    const text = JSON.stringify({ id, verb: 'pause', at: '2026-01-01T00:00:00Z', by: 'somebody-else' });
    return `kubectl-canary/command=${text}`;
  };
  const giver = async (): Promise<unknown> =>
    JSON.parse(await site.field('canary', 'podinfo', '{.metadata.annotations.kubectl-canary/command}')).by;
  await site.apply(site.canary());
  expect((await annotate('canary', 'podinfo', command('c1'), ...as('jane'))).code).toBe(0);
  expect(await giver()).toBe('jane');
  await annotate('canary', 'podinfo', 'team=web', ...as('joe'));
  expect(await giver()).toBe('jane');
  await annotate('canary', 'podinfo', command('c2'), ...as('joe'));
  expect(await giver()).toBe('joe');
});
