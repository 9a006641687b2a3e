import { describe, expect, it } from 'vitest';
import { CallQueue } from '../../../../shared/engine/call-queue.ts';
import { createVirtualClock } from '../../../../shared/sim/clock.ts';

const open = () => {
  const clock = createVirtualClock(0);
  const queue = new CallQueue(clock, new AbortController().signal);
  const done: string[] = [];
  const calling =
    (name: string, ms: number, fails = false) =>
    (): Promise<void> =>
      new Promise((resolve, reject) => {
        clock.after(ms, () => {
          done.push(name);
          if (fails) reject(new Error(name));
          else resolve();
        });
      });
  return { clock, queue, done, calling };
};

describe('calls beside a pass', () => {
  it('come one after the other', async () => {
    const { clock, queue, done, calling } = open();
    queue.add(calling('slow', 500));
    queue.add(calling('quick', 1));
    await clock.advance(500);
    expect(done).toEqual(['slow']);
    await clock.advance(1);
    expect(done).toEqual(['slow', 'quick']);
  });

  it('go on after one that failed', async () => {
    const { clock, queue, done, calling } = open();
    queue.add(calling('bad', 1, true));
    queue.add(calling('good', 1));
    await clock.advance(2);
    expect(done).toEqual(['bad', 'good']);
  });

  it('are waited for, but not for ever', async () => {
    const { clock, queue, calling } = open();
    queue.add(calling('slow', 5000));
    let settledAt: number | undefined;
    void queue.settle(2000).then(() => (settledAt = clock.now()));
    await clock.advance(10_000);
    expect(settledAt).toBe(2000);
    settledAt = undefined;
    queue.add(calling('quick', 10));
    void queue.settle(2000).then(() => (settledAt = clock.now()));
    await clock.advance(10);
    expect(settledAt).toBe(10_010);
  });

  it('of none are waited for no time at all', async () => {
    const { clock, queue } = open();
    await queue.settle(2000);
    expect(clock.now()).toBe(0);
  });

  it('that pile up before a receiver that hangs are dropped', () => {
    const { queue, calling } = open();
    const taken = Array.from({ length: 150 }, () => queue.add(calling('x', 1_000_000)));
    expect(taken.filter(Boolean)).toHaveLength(100);
  });
});
