import { describe, expect, it } from 'vitest';
import type { Report } from '../../../../shared/api/model.ts';
import { CallQueue } from '../../../../shared/engine/call-queue.ts';
import { sleep } from '../../../../shared/engine/ports.ts';
import { eventQueue, Recorder } from '../../../../shared/engine/recorder.ts';
import { CanaryError } from '../../../../shared/errors.ts';
import { aCanary } from '../../../make/canary.ts';
import { named, stored } from '../../../make/modify.ts';
import { openEngineWorld } from './engine-world.ts';

type EventReport = Extract<Report, { tell: 'event' }>;
const event = (message: string, more: Partial<EventReport> = {}): EventReport => ({
  tell: 'event',
  type: 'Normal',
  reason: 'Synced',
  message,
  ...more,
});
const CANARY = stored('7')(aCanary());
const { signal } = new AbortController();

const open = async (intercept?: Parameters<typeof openEngineWorld>[1]) => {
  const world = await openEngineWorld([], intercept);
  const queue = eventQueue(world.clock, signal);
  const recorder = new Recorder(world.deps, queue, signal);
  const list = () => world.server.store.list('/events', 'test');
  /** Resolves once the event is written, or given up. */
  const record = (report: EventReport, canary = CANARY): Promise<void> => {
    recorder.record(canary, report);
    return queue.settle(1000);
  };
  return { ...world, list, record };
};

describe('an event', () => {
  it("speaks of its Canary, as the reference's do", async () => {
    const { record, list } = await open();
    await record(event('Advance', { type: 'Warning' }));
    expect(list()).toMatchObject([
      {
        involvedObject: {
          apiVersion: 'flagger.app/v1beta1',
          kind: 'Canary',
          name: 'podinfo',
          namespace: 'test',
          uid: 'uid-Canary-podinfo',
        },
        type: 'Warning',
        reason: 'Synced',
        message: 'Advance',
        source: { component: 'flagger' },
        count: 1,
        firstTimestamp: '2026-01-01T00:00:01Z',
      },
    ]);
  });

  it('is logged as what it is, with its Canary', async () => {
    const { deps } = await open();
    const lines: string[] = [];
    const log = {
      ...deps.log,
      info: (message: string, fields?: object) => void lines.push(`info ${message} ${JSON.stringify(fields)}`),
      warn: (message: string, fields?: object) => void lines.push(`warn ${message} ${JSON.stringify(fields)}`),
    };
    const recorder = new Recorder({ ...deps, log }, eventQueue(deps.clock, signal), signal);
    recorder.record(CANARY, event('Advance'));
    recorder.record(CANARY, event('Halt', { type: 'Warning' }));
    expect(lines).toEqual(['info Advance {"canary":"podinfo.test"}', 'warn Halt {"canary":"podinfo.test"}']);
  });

  it('of our own comes from us', async () => {
    const { record, list } = await open();
    await record(event('Paused', { reason: 'Paused' }));
    expect(list()[0]).toMatchObject({ source: { component: 'kubectl-canary' } });
  });

  it('that is told again is counted', async () => {
    const { record, list, clock } = await open();
    await record(event('again'));
    await clock.advance(5000);
    await record(event('again'));
    await record(event('again', { type: 'Warning' }));
    expect(list().map(({ type, count }) => [type, count])).toEqual(
      expect.arrayContaining([
        ['Normal', 2],
        ['Warning', 1],
      ]),
    );
    expect(list().find(({ type }) => type === 'Normal')).toMatchObject({
      firstTimestamp: '2026-01-01T00:00:01Z',
      lastTimestamp: '2026-01-01T00:00:06Z',
    });
  });

  it('that the server has forgotten is written anew', async () => {
    const { record, list, server, kube } = await open();
    await record(event('again'));
    await kube.remove({
      kind: { apiVersion: 'v1', kind: 'Event', plural: 'events', namespaced: true },
      namespace: 'test',
      name: list()[0]?.metadata.name ?? '',
    });
    await record(event('again'));
    expect(server.store.list('/events', 'test')).toMatchObject([{ count: 1 }]);
  });

  it('too long for the server is cut', async () => {
    const { record, list } = await open();
    await record(event('x'.repeat(5000)), stored('1')(aCanary(named('n'.repeat(250)))));
    expect(String(list()[0]?.['message'])).toHaveLength(1024);
    expect(list()[0]?.metadata.name.length).toBeLessThanOrEqual(253);
  });

  it('that cannot be written stops nothing', async () => {
    const { record, list } = await open(({ kind }) => {
      if (kind?.kind === 'Event') throw new CanaryError('API_FORBIDDEN', 'no');
    });
    await expect(record(event('Advance'))).resolves.toBeUndefined();
    expect(list()).toEqual([]);
  });

  it('has the time at which it happened, however late it is written', async () => {
    const { deps, clock, list } = await open();
    const queue = new CallQueue(clock, signal);
    queue.add(() => sleep(clock, 60_000));
    new Recorder(deps, queue, signal).record(CANARY, event('Advance'));
    await clock.advance(59_000);
    expect(list()).toEqual([]);
    await clock.advanceUntil(() => list().length > 0);
    expect(list()).toMatchObject([{ firstTimestamp: '2026-01-01T00:00:01Z', lastTimestamp: '2026-01-01T00:00:01Z' }]);
  });

  it('is given up, and said so, where too many wait already', async () => {
    const { deps, clock, list } = await open();
    const lines: string[] = [];
    const log = { ...deps.log, error: (message: string) => void lines.push(message) };
    const queue = new CallQueue(clock, signal, 1);
    const recorder = new Recorder({ ...deps, log }, queue, signal);
    recorder.record(CANARY, event('first'));
    recorder.record(CANARY, event('second'));
    await queue.settle(1000);
    expect(lines).toEqual(['event not written: 1 wait already']);
    expect(list()).toMatchObject([{ message: 'first' }]);
  });

  it('that waits when its driver ends is not written any more', async () => {
    const { deps, clock, list } = await open();
    const driver = new AbortController();
    const queue = eventQueue(clock, driver.signal);
    queue.add(() => Promise.resolve());
    new Recorder(deps, queue, driver.signal).record(CANARY, event('late'));
    driver.abort(new Error('stopped'));
    await clock.advance(10);
    expect(list()).toEqual([]);
  });

  it('of many texts is remembered for the last of them alone', async () => {
    const { record, list } = await open();
    for (let number = 0; number < 60; number += 1) await record(event(`text ${number}`));
    await record(event('text 59'));
    await record(event('text 0'));
    expect(list().filter(({ message }) => message === 'text 59')).toMatchObject([{ count: 2 }]);
    expect(list().filter(({ message }) => message === 'text 0')).toHaveLength(2);
  });
});
