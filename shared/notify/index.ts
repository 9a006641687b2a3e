import { discord } from './discord.ts';
import { gchat } from './gchat.ts';
import type { Notifier } from './notifier.ts';
import { rocket } from './rocket.ts';
import { slack } from './slack.ts';
import { teams } from './teams.ts';

/** Every chat service: one line each. */
export const NOTIFIERS: readonly Notifier[] = [slack, teams, discord, rocket, gchat];

/** The service of an AlertProvider's `spec.type`; undefined: unknown. */
export const notifierOf = (type: string): Notifier | undefined => NOTIFIERS.find((notifier) => notifier.type === type);
