import { describe, expect, it } from 'vitest';
import { orAborted, within } from '../../../../shared/platform/within.ts';
import { createTestClock } from '../../../make/clock.ts';

const never = (signal: AbortSignal): Promise<string> =>
  new Promise((_resolve, reject) =>
    signal.addEventListener('abort', () => reject(new Error('what the work made of it'))),
  );

const limits = (timeoutMs: number, signal?: AbortSignal) => {
  const clock = createTestClock();
  return { clock, limit: { clock, timeoutMs, signal, late: () => new Error('late') } };
};

describe('work within a limit', () => {
  it('answers when it is done in time, and leaves no timer', async () => {
    const { clock, limit } = limits(1000);
    expect(await within(limit, () => Promise.resolve('done'))).toBe('done');
    expect(clock.pending()).toBe(0);
  });

  it('fails with its own error when it fails in time', async () => {
    const { limit } = limits(1000);
    await expect(within(limit, () => Promise.reject(new Error('own')))).rejects.toThrow('own');
  });

  it('is late when its time is over', async () => {
    const { clock, limit } = limits(1000);
    const work = within(limit, never).catch((error: unknown) => error);
    await clock.advance(1000);
    expect(await work).toMatchObject({ message: 'late' });
  });

  it('has no limit when that is 0', async () => {
    const { clock, limit } = limits(0);
    void within(limit, never);
    expect(clock.pending()).toBe(0);
  });

  it('ends with the reason of the caller', async () => {
    const stop = new AbortController();
    const { limit } = limits(1000, stop.signal);
    const work = within(limit, never);
    stop.abort(new Error('given up'));
    await expect(work).rejects.toThrow('given up');
    await expect(within(limit, () => Promise.resolve('never started'))).rejects.toThrow('given up');
  });
});

describe('work that others wait for too', () => {
  it('goes on when one of them gives up', async () => {
    const stop = new AbortController();
    let finish: (value: string) => void = () => {};
    const work = new Promise<string>((resolve) => (finish = resolve));
    const [impatient, patient] = [orAborted(work, stop.signal), orAborted(work, undefined)];
    stop.abort(new Error('given up'));
    await expect(impatient).rejects.toThrow('given up');
    finish('done');
    expect(await patient).toBe('done');
  });
});
