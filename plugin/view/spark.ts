import type { Style } from './style.ts';

const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
const ASCII_BARS = ['_', '.', '-', '~', '=', '+', '*', '#'] as const;

const at = <T>(list: readonly T[], share: number): T =>
  list[Math.min(list.length - 1, Math.max(0, Math.floor(share * list.length)))] as T;

/** One sign per value, as high as its share of `most`. */
export const sparkline = (values: readonly number[], most: number, style: Style): string => {
  const bars = style.ascii ? ASCII_BARS : BARS;
  return values.map((value) => at(bars, most <= 0 ? 0 : value / most - 1e-9)).join('');
};

/** A bar of `width` cells that is filled to `share` (0 to 1). */
export const bar = (share: number, width: number, style: Style): string => {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return style.sign('█', '#').repeat(full) + style.sign('░', '.').repeat(width - full);
};
