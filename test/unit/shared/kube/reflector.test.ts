import { describe, expect, it } from 'vitest';
import { KINDS } from '../../../../shared/api/kinds.ts';
import { type RestartReason, startReflector } from '../../../../shared/kube/reflector.ts';
import { createStore } from '../../../../shared/kube/store.ts';
import { silentLog } from '../../../../shared/platform/log.ts';
import { seededRandom } from '../../../../shared/platform/random.ts';
import { createTestClock, settle } from '../../../make/clock.ts';
import {
  added,
  anObject,
  bookmark,
  createScriptedKube,
  deleted,
  failure,
  listOf,
  modified,
} from '../../../make/scripted-kube.ts';

const start = async (...lists: Parameters<typeof createScriptedKube>) => {
  const clock = createTestClock();
  const kube = createScriptedKube(...lists);
  const store = createStore();
  const heard: string[] = [];
  const restarts: RestartReason[] = [];
  const reflector = startReflector({
    kube,
    clock,
    random: seededRandom(1),
    log: silentLog,
    kind: KINDS.deployment,
    namespace: '',
    metadataOnly: false,
    store,
    onNotices: (notices) =>
      heard.push(
        ...notices.map(({ change, object }) => `${change} ${object.metadata.name}@${object.metadata.resourceVersion}`),
      ),
    onRestart: (reason) => restarts.push(reason),
  });
  await settle();
  return { clock, kube, store, heard, restarts, reflector };
};

const names = (store: { all(): { metadata: { name: string } }[] }): string[] =>
  store.all().map((object) => object.metadata.name);

describe('a reflector', () => {
  it('lists, then watches from the version of the list, with bookmarks and a limit', async () => {
    const { kube, heard, reflector } = await start(listOf(10, anObject('a', 3)));
    await reflector.ready();
    expect(heard).toEqual(['set a@3']);
    expect(kube.last()).toMatchObject({ from: '10', options: { idleTimeoutMs: 150_000 } });
    expect(kube.last().options.timeoutSeconds).toBeGreaterThanOrEqual(300);
    expect(kube.last().options.timeoutSeconds).toBeLessThan(600);
    kube.last().send(added(anObject('b', 11)), modified(anObject('a', 12)), deleted(anObject('b', 13)));
    await settle();
    expect(heard.slice(1)).toEqual(['set b@11', 'set a@12', 'deleted b@13']);
    reflector.stop();
  });

  it('goes on at once, without a list, from where a watch ended', async () => {
    const { clock, kube, restarts, reflector } = await start(listOf(10));
    kube.last().send(added(anObject('b', 11)), bookmark(25));
    await clock.advance(400_000);
    kube.last().end();
    await settle();
    expect(kube.watches.map((watch) => watch.from)).toEqual(['10', '25']);
    expect(kube.counts.list).toBe(1);
    expect(restarts).toEqual(['ended']);
    reflector.stop();
  });

  it('comes back after a cut, again and again, and misses nothing', async () => {
    const { clock, kube, store, reflector } = await start(listOf(10));
    for (let cut = 0; cut < 20; cut += 1) {
      kube.last().send(added(anObject(`n${cut}`, 11 + cut)));
      await settle();
      kube.last().fail(failure('API_UNREACHABLE', 'cut'));
      await clock.advance(1000);
      expect(kube.last().from).toBe(String(11 + cut));
    }
    expect(names(store)).toHaveLength(20);
    expect(kube.counts.list).toBe(1);
    reflector.stop();
  });

  it('waits longer from failure to failure, up to half a minute, and never stops', async () => {
    const { clock, kube, reflector } = await start(failure('API_UNREACHABLE'));
    const waits: number[] = [];
    for (let count = 0; count < 12; count += 1) {
      const [wait = 0] = clock.waits();
      waits.push(wait);
      await clock.advance(wait);
    }
    expect(waits[0]).toBeLessThanOrEqual(1000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(30_000);
    expect(Math.min(...waits.slice(6))).toBeGreaterThanOrEqual(15_000);
    expect(kube.counts.list).toBe(13);
    kube.lists = [listOf(10, anObject('a', 3))];
    await clock.advance(30_000);
    await expect(reflector.ready()).resolves.toBeUndefined();
    reflector.stop();
  });

  it('lists again when its version is too old', async () => {
    const { clock, kube, heard, restarts, reflector } = await start(
      listOf(10, anObject('a', 3)),
      listOf(90, anObject('a', 50, { uid: 'new' })),
    );
    kube.last().fail(failure('API_EXPIRED'));
    await clock.advance(1000);
    expect(heard).toEqual(['set a@3', 'deleted a@3', 'set a@50']);
    expect(kube.last().from).toBe('90');
    expect(restarts).toEqual(['expired']);
    reflector.stop();
  });

  it('does not let every expired watch list at the same moment', async () => {
    const { clock, kube, reflector } = await start(listOf(10));
    kube.last().fail(failure('API_EXPIRED'));
    await settle();
    expect(kube.counts.list).toBe(1);
    expect(clock.waits()[0]).toBeGreaterThan(0);
    reflector.stop();
  });

  it('doubts its version after five failures in a row', async () => {
    const { clock, kube, reflector } = await start(listOf(10));
    for (let count = 0; count < 5; count += 1) {
      expect(kube.counts.list).toBe(1);
      kube.last().fail(failure('API_UNAVAILABLE', 'Too large resource version'));
      await clock.advance(30_000);
    }
    expect(kube.counts.list).toBe(2);
    reflector.stop();
  });

  it('does not spin where watches end at once', async () => {
    const { clock, kube, reflector } = await start(listOf(10));
    const open = kube.watch.bind(kube);
    kube.watch = (kind, options) => {
      const watch = open(kind, options);
      kube.last().end();
      return watch;
    };
    kube.last().end();
    await clock.advance(120_000);
    expect(kube.counts.watch).toBeGreaterThan(5);
    expect(kube.counts.watch).toBeLessThan(60);
    expect(kube.counts.list).toBeGreaterThan(1);
    reflector.stop();
  });

  it('lists again after an answer that makes no sense', async () => {
    const { clock, kube, reflector } = await start(listOf(10), listOf(20));
    kube.last().fail(failure('API_INVALID'));
    await clock.advance(1000);
    expect(kube.last().from).toBe('20');
    reflector.stop();
  });

  it('answers from what it has while the server is away', async () => {
    const { clock, kube, store, reflector } = await start(listOf(10, anObject('a', 3)), failure('API_UNREACHABLE'));
    kube.last().fail(failure('API_EXPIRED'));
    await clock.advance(60_000);
    await expect(reflector.ready()).resolves.toBeUndefined();
    expect(names(store)).toEqual(['a']);
    reflector.stop();
  });

  it('says why it is not ready to whoever waits and to whoever asks later', async () => {
    const { clock, kube, reflector } = await start(failure('API_FORBIDDEN', 'you may not list'));
    await expect(reflector.ready()).rejects.toThrow('you may not list');
    await expect(reflector.ready()).rejects.toThrow('you may not list');
    expect(kube.counts.list).toBe(1);
    kube.lists = [listOf(10)];
    await clock.advance(1000);
    await expect(reflector.ready()).resolves.toBeUndefined();
    reflector.stop();
  });

  it('probes a missing kind seldom and starts when it appears', async () => {
    const { clock, kube, restarts, reflector } = await start(failure('KIND_MISSING', 'not installed'));
    for (let count = 0; count < 100; count += 1) await expect(reflector.ready()).rejects.toThrow('not installed');
    expect(kube.counts.list).toBe(1);
    await clock.advance(10 * 60_000);
    expect(kube.counts.list).toBeLessThan(25);
    kube.lists = [listOf(10, anObject('a', 3))];
    await clock.advance(60_000);
    await expect(reflector.ready()).resolves.toBeUndefined();
    expect(new Set(restarts)).toEqual(new Set(['missing']));
    reflector.stop();
  });

  it('forgets everything when its kind is taken away', async () => {
    const { clock, kube, heard, reflector } = await start(
      listOf(10, anObject('a', 3)),
      failure('KIND_MISSING', 'not installed'),
    );
    kube.last().fail(failure('KIND_MISSING'));
    await clock.advance(1000);
    expect(heard).toEqual(['set a@3', 'deleted a@3']);
    await expect(reflector.ready()).rejects.toThrow('not installed');
    reflector.stop();
  });

  it('stops: no request, no timer, and those who wait are told', async () => {
    const clock = createTestClock();
    const { kube, reflector } = await start(listOf(10));
    reflector.stop();
    await settle();
    expect(kube.last().isOpen()).toBe(false);
    await clock.advance(600_000);
    expect(kube.counts).toMatchObject({ list: 1, watch: 1 });
    await expect(reflector.ready()).rejects.toThrow('the cache was closed');
  });

  it('lets go of a caller who gives up waiting', async () => {
    const stop = new AbortController();
    const kube = createScriptedKube();
    kube.list = () => new Promise(() => {});
    const reflector = startReflector({
      kube,
      clock: createTestClock(),
      random: seededRandom(1),
      log: silentLog,
      kind: KINDS.deployment,
      namespace: '',
      metadataOnly: false,
      store: createStore(),
      onNotices: () => {},
    });
    const waiting = reflector.ready(stop.signal);
    stop.abort(new Error('given up'));
    await expect(waiting).rejects.toThrow('given up');
    reflector.stop();
  });
});
