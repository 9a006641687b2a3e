import { describe, expect, it } from 'vitest';
import type { AnalysisAlert, Canary } from '../../../../shared/api/canary.ts';
import { KINDS } from '../../../../shared/api/kinds.ts';
import type { KubeObject } from '../../../../shared/api/kube.ts';
import type { Report } from '../../../../shared/api/model.ts';
import { tick } from '../../../../shared/engine/tick.ts';
import { aCanary, withAnalysis, withHooks } from '../../../make/canary.ts';
import { aDeployment } from '../../../make/deployment.ts';
import type { Modifier } from '../../../make/modify.ts';
import { answered, type EngineWorld, openEngineWorld } from './engine-world.ts';

type Severity = Extract<Report, { tell: 'alert' }>['severity'];

const PROVIDER: KubeObject = {
  apiVersion: 'flagger.app/v1beta1',
  kind: 'AlertProvider',
  metadata: { name: 'chat', namespace: 'test' },
  spec: { type: 'slack', address: 'http://chat/hook' },
};

const open = (...modifiers: Modifier<Canary>[]): Promise<EngineWorld> =>
  openEngineWorld([
    [KINDS.deployment, aDeployment()],
    [KINDS.alertProvider, PROVIDER],
    [KINDS.canary, aCanary(...modifiers)],
  ]);

const entry = (severity?: AnalysisAlert['severity']): AnalysisAlert => ({
  name: 'chat',
  providerRef: { name: 'chat' },
  ...(severity !== undefined && { severity }),
});

/** How many of these alerts reach the chat of a Canary with this entry. */
const heard = async (alert: AnalysisAlert, severities: readonly Severity[]): Promise<number> => {
  const world = await open(withAnalysis({ alerts: [alert] }));
  const { alerts } = world.tick().memory;
  for (const severity of severities) alerts.tell(world.canary(), { tell: 'alert', severity, message: 'x', fields: [] });
  await world.clock.advance(1000);
  return world.asked.filter(({ url }) => url === 'http://chat/hook').length;
};

describe('an entry of analysis.alerts', () => {
  it('hears of everything where it names no severity, else of what is as grave', async () => {
    const all: Severity[] = ['info', 'warn', 'error'];
    expect(await heard(entry(), all)).toBe(3);
    expect(await heard(entry(''), all)).toBe(3);
    expect(await heard(entry('warn'), all)).toBe(2);
    expect(await heard(entry('error'), all)).toBe(1);
  });
});

describe('a receiver that never answers', () => {
  const silence = () => new Promise<never>(() => undefined);

  it('of events or alerts keeps no pass waiting', async () => {
    const events = withHooks({ name: 'events', type: 'event', url: 'http://events/' });
    const world = await open(withAnalysis({ metrics: [] }), events, withAnalysis({ alerts: [entry()] }));
    const input = world.tick();
    await world.pass(tick(input, world.deps));
    world.answer = silence;
    const before = world.clock.now();
    input.memory.alerts.tell(world.canary(), { tell: 'alert', severity: 'error', message: 'x', fields: [] });
    const canary = world.canary();
    input.memory.eventHooks.tell(canary, { message: 'x', type: 'Normal', time: before, phase: 'Progressing' });
    for (let pass = 0; pass < 3; pass += 1) await world.pass(tick(input, world.deps));
    expect(world.asked.map(({ url }) => url)).toEqual(expect.arrayContaining(['http://chat/hook', 'http://events/']));
    expect(world.server.store.get('apps/deployments', 'test', 'podinfo-primary')).toBeDefined();
    expect(world.clock.now() - before).toBeLessThan(100);
    world.answer = () => Promise.resolve(answered(200));
  });
});
