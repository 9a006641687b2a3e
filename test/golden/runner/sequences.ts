import { canonical } from './canonical.ts';

/** Neighbours that are equal count once. */
export const withoutRepeats = <T>(items: readonly T[]): T[] =>
  items.filter((item, at) => at === 0 || canonical(item) !== canonical(items[at - 1]));

const squareAt = (texts: readonly string[]): { at: number; length: number } | undefined => {
  for (let length = 1; length * 2 <= texts.length; length += 1) {
    for (let at = 0; at + length * 2 <= texts.length; at += 1) {
      if (texts.slice(at, at + length).every((text, i) => text === texts[at + length + i])) return { at, length };
    }
  }
  return undefined;
};

/** A run of items that comes again at once (a closed gate, asked again with its checks) counts once, however often it came. */
export const withoutCycles = <T>(items: readonly T[]): T[] => {
  const left = [...items];
  const texts = left.map(canonical);
  for (let square = squareAt(texts); square !== undefined; square = squareAt(texts)) {
    left.splice(square.at, square.length);
    texts.splice(square.at, square.length);
  }
  return left;
};
