import { describe, expect, it } from 'vitest';
import { Queue } from '../../../../shared/engine/queue.ts';
import { createVirtualClock } from '../../../../shared/sim/clock.ts';

/** A queue whose works end when told to. */
const open = (concurrency = 10) => {
  const clock = createVirtualClock(0);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (key: string): Promise<void> => {
    begun.push(`${key}@${clock.now()}`);
    return new Promise((resolve) => ends.set(key, resolve));
  };
  const queue = new Queue({ clock, concurrency, work });
  const end = async (key: string): Promise<void> => {
    ends.get(key)?.();
    await clock.settle();
  };
  return { clock, queue, begun, end };
};

describe('a key', () => {
  it('is worked on at once unless it is due later', async () => {
    const { clock, queue, begun } = open();
    queue.add('a');
    queue.add('b', 500);
    expect(begun).toEqual(['a@0']);
    await clock.advance(500);
    expect(begun).toEqual(['a@0', 'b@500']);
  });

  it('is due at its earliest wish', async () => {
    const { clock, queue, begun } = open();
    queue.add('a', 500);
    queue.add('a', 900);
    queue.add('a', 200);
    await clock.advance(1000);
    expect(begun).toEqual(['a@200']);
  });

  it('that is wished for while at work is taken once more, and never twice at once', async () => {
    const { clock, queue, begun, end } = open();
    queue.add('a');
    queue.add('a');
    queue.add('a');
    await clock.advance(100);
    expect(begun).toEqual(['a@0']);
    await end('a');
    expect(begun).toEqual(['a@0', 'a@100']);
    await end('a');
    expect(queue.size).toBe(0);
  });

  it('that is wished for later while at work waits for its time', async () => {
    const { clock, queue, begun, end } = open();
    queue.add('a');
    queue.add('a', 300);
    await end('a');
    expect(begun).toEqual(['a@0']);
    await clock.advance(300);
    expect(begun).toEqual(['a@0', 'a@300']);
  });

  it('that is removed is not taken', async () => {
    const { clock, queue, begun } = open();
    queue.add('a', 100);
    queue.add('b', 100);
    queue.remove('a');
    await clock.advance(100);
    expect(begun).toEqual(['b@100']);
  });
});

describe('a queue', () => {
  it('works on so many keys at once, and on the next as soon as one is done', async () => {
    const { queue, begun, end } = open(2);
    for (const key of ['a', 'b', 'c', 'd']) queue.add(key);
    expect(begun).toEqual(['a@0', 'b@0']);
    await end('b');
    expect(begun).toEqual(['a@0', 'b@0', 'c@0']);
    expect(queue.size).toBe(3);
  });

  it('that was full when a key became due does not forget it', async () => {
    const { clock, queue, begun, end } = open(1);
    queue.add('a');
    queue.add('b', 100);
    await clock.advance(200);
    expect(begun).toEqual(['a@0']);
    await end('a');
    expect(begun).toEqual(['a@0', 'b@200']);
  });

  it('gives the place of a key that waits for an answer to the next one', async () => {
    const clock = createVirtualClock(0);
    const begun: string[] = [];
    let answer = (): void => undefined;
    const hook = new Promise<void>((resolve) => (answer = resolve));
    const queue: Queue = new Queue({
      clock,
      concurrency: 1,
      async work(key) {
        begun.push(key);
        if (key === 'a') await queue.aside(() => hook);
      },
    });
    for (const key of ['a', 'b', 'a']) queue.add(key);
    await clock.settle();
    expect(begun).toEqual(['a', 'b']);
    answer();
    await clock.settle();
    expect(begun).toEqual(['a', 'b', 'a']);
  });

  it('lets not more than sixteen times its places wait for answers', async () => {
    const clock = createVirtualClock(0);
    let begun = 0;
    const queue: Queue = new Queue({
      clock,
      concurrency: 2,
      work: () => ((begun += 1), queue.aside(() => new Promise<void>(() => undefined))),
    });
    for (let key = 0; key < 100; key += 1) queue.add(String(key));
    await clock.settle();
    expect(begun).toBe(34);
  });

  it('that closes takes nothing more and waits for what is at work', async () => {
    const { clock, queue, begun, end } = open();
    queue.add('a');
    queue.add('b', 100);
    let isClosed = false;
    void queue.close().then(() => (isClosed = true));
    queue.add('c');
    await clock.advance(1000);
    expect({ begun, isClosed }).toEqual({ begun: ['a@0'], isClosed: false });
    await end('a');
    expect(isClosed).toBe(true);
  });

  it('without work closes at once', async () => {
    await expect(open().queue.close()).resolves.toBeUndefined();
  });

  it('says when none of certain keys is at work', async () => {
    const { clock, queue, end } = open();
    queue.add('a1');
    queue.add('b1');
    let isSettled = false;
    void queue.settled((key) => key.startsWith('a')).then(() => (isSettled = true));
    await end('b1');
    expect(isSettled).toBe(false);
    await end('a1');
    await clock.settle();
    expect(isSettled).toBe(true);
  });
});
