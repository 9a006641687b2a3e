import type { Answers, LiveRoutes } from '../../api/model.ts';
import type { Outcome, TargetFacts, World } from '../world.ts';

/** A world in which it is known where traffic goes; the target may be gone. */
export interface RoutedWorld extends World {
  routes: LiveRoutes | undefined;
}

/** A world in which everything that a phase needs could be read. */
export interface ReadableWorld extends RoutedWorld {
  target: TargetFacts;
}

/** `forced`: a person said to go on; waiting times, checks and gates of this step are not asked. */
export type Handler<W extends World = ReadableWorld> = (world: W, answers: Answers, forced: boolean) => Outcome;
