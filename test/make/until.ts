/** Waits until `condition` holds and answers what it answered. Looks again every few milliseconds of real time. */
export const until = async <T>(
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  what = 'the condition',
  limitMs = 10_000,
): Promise<T> => {
  const end = performance.now() + limitMs;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > end) throw new Error(`${what} did not come true within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
