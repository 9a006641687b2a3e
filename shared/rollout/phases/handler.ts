import type { Answers, Routes } from '../../api/model.ts';
import type { Outcome, TargetFacts, World } from '../world.ts';

/** A world in which everything that a phase needs could be read. */
export interface ReadableWorld extends World {
  target: TargetFacts;
  routes: Routes | undefined;
}

/** `forced`: a person said to go on; waiting times, checks and gates of this step are not asked. */
export type Handler = (world: ReadableWorld, answers: Answers, forced: boolean) => Outcome;
