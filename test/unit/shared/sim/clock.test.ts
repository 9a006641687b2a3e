import { describe, expect, it } from 'vitest';
import { sleep } from '../../../../shared/engine/ports.ts';
import { createVirtualClock } from '../../../../shared/sim/clock.ts';

describe('the virtual clock', () => {
  it('stands still until it is moved', async () => {
    const clock = createVirtualClock(1000);
    let fired = false;
    clock.after(10, () => (fired = true));
    await clock.settle();
    expect([clock.now(), clock.monotonic(), fired]).toEqual([1000, 0, false]);
    await clock.advance(10);
    expect([clock.now(), clock.monotonic(), fired]).toEqual([1010, 10, true]);
  });

  it('runs timers at their own moment, in order, the older first', async () => {
    const clock = createVirtualClock(0);
    const seen: string[] = [];
    const note = (name: string) => (): void => void seen.push(`${name}@${clock.now()}`);
    clock.after(20, note('late'));
    clock.after(10, note('first'));
    clock.after(10, note('second'));
    clock.after(10, () => void clock.after(5, note('nested')));
    await clock.advance(100);
    expect(seen).toEqual(['first@10', 'second@10', 'nested@15', 'late@20']);
  });

  it('waits for promises before it goes on', async () => {
    const clock = createVirtualClock(0);
    const seen: number[] = [];
    const work = async (): Promise<void> => {
      for (let step = 0; step < 3; step += 1) {
        await sleep(clock, 10);
        for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
        seen.push(clock.now());
      }
    };
    const done = work();
    await clock.advance(30);
    await done;
    expect(seen).toEqual([10, 20, 30]);
  });

  it('waits for tracked work on real sockets', async () => {
    const clock = createVirtualClock(0);
    const order: string[] = [];
    clock.after(
      1,
      () => void clock.track(new Promise<void>((resolve) => setTimeout(resolve, 20))).then(() => order.push('answer')),
    );
    clock.after(2, () => order.push('next timer'));
    await clock.advance(5);
    expect(order).toEqual(['answer', 'next timer']);
  });

  it('forgets cancelled timers', async () => {
    const clock = createVirtualClock(0);
    let fired = false;
    const timer = clock.after(1, () => (fired = true));
    timer.cancel();
    expect(clock.nextAt()).toBeUndefined();
    await clock.advance(10);
    expect(fired).toBe(false);
  });

  it('goes on until a condition holds and says how long that took', async () => {
    const clock = createVirtualClock(0);
    let count = 0;
    const tick = (): void => {
      count += 1;
      clock.after(1000, tick);
    };
    clock.after(1000, tick);
    expect(await clock.advanceUntil(() => count === 5)).toBe(5000);
    expect(await clock.advanceUntil(() => count === 5)).toBe(0);
  });

  it('says when nothing can happen any more', async () => {
    const clock = createVirtualClock(0);
    clock.after(50, () => {});
    await expect(clock.advanceUntil(() => false)).rejects.toThrow(
      'nothing is left to happen after 50 ms of virtual time',
    );
  });

  it('gives up at its limit, without going past it', async () => {
    const clock = createVirtualClock(0);
    const tick = (): void => void clock.after(100, tick);
    tick();
    await expect(clock.advanceUntil(() => false, 250)).rejects.toThrow('did not come true within 250 ms');
    expect(clock.now()).toBe(200);
  });
});
