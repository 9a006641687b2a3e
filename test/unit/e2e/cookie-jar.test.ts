import { describe, expect, it } from 'vitest';
import { CookieJar } from '../../e2e/load/cookie-jar.ts';

const jarWith = (...headers: string[]): CookieJar => {
  const jar = new CookieJar();
  for (const header of headers) jar.set(header, 1000);
  return jar;
};

describe('a cookie jar', () => {
  it('sends what it was given, the last value of each name', () => {
    expect(jarWith('a=1; Path=/', 'b=x=y', 'a=2').header(1000)).toBe('a=2; b=x=y');
  });

  it('forgets a cookie when its time is over', () => {
    const jar = jarWith('a=1; Max-Age=10', 'b=2');
    expect(jar.has('a', 10_999)).toBe(true);
    expect(jar.has('a', 11_000)).toBe(false);
    expect(jar.header(11_000)).toBe('b=2');
  });

  it('drops a cookie that is taken back', () => {
    const jar = jarWith('a=1; Max-Age=60', 'a=1; Max-Age=-1');
    expect(jar.has('a', 1000)).toBe(false);
    expect(jar.header(1000)).toBeUndefined();
  });
});
