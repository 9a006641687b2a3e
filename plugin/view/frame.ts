/** One frame of a live view; it gives up pods, then older events, then the tree, before it outgrows its height. */
import { eventLine, sortEvents } from './event-rows.ts';
import { checkLines, headerLine, waitingLine, weightLines } from './header.ts';
import type { Picture, Workload } from './picture.ts';
import type { Style } from './style.ts';
import { treeLines } from './tree.ts';

export interface FrameOptions {
  readonly now: number;
  /** Lines that the frame may take. */
  readonly height: number;
  readonly events: number;
}

const withoutPods = (workload: Workload): Workload => ({ ...workload, pods: [] });

const podCount = (picture: Picture): number => picture.target.pods.length + picture.primary.pods.length;

/** Header, weight, checks, tree, events. */
export const frameLines = (picture: Picture, options: FrameOptions, style: Style): string[] => {
  const { canary } = picture;
  const { now, height } = options;
  const fixed = [
    headerLine(canary, now, style),
    ...weightLines(canary, now, style),
    ...checkLines(canary.status?.checks, style).map((line) => ` ${line}`),
    ...waitingLine(canary, now, style),
  ];
  const events = (most: number) =>
    sortEvents(picture.events)
      .slice(-most)
      .reverse()
      .map((event) => eventLine(event, style));
  const lean: Picture = { ...picture, target: withoutPods(picture.target), primary: withoutPods(picture.primary) };
  const folded = podCount(picture) === 0 ? [] : [style.paint('dim', `   … ${podCount(picture)} pods`)];
  const frames = [
    () => [...fixed, ...treeLines(picture, now, style), ...events(options.events)],
    () => [...fixed, ...treeLines(lean, now, style), ...folded, ...events(options.events)],
    () => [...fixed, ...treeLines(lean, now, style), ...events(1)],
    () => [...fixed, ...events(1)],
  ];
  for (const frame of frames) {
    const lines = frame();
    if (lines.length <= height) return lines;
  }
  return fixed;
};
