import { readdirSync, readFileSync } from 'node:fs';
import type { KubeObject } from '../../../shared/api/kube.ts';
import type { Call } from '../../support/hook-receiver.ts';
import type { MetricValues } from '../../support/scripted-prometheus.ts';

/** One state of an object; the text ends an object that went away. */
export type State = KubeObject | 'DELETED';
export type EventRow = readonly [object: string, type: string, reason: string, message: string];

/** What was seen of one rollout: the recording's `expect`, and what a run of ours yields. */
export interface Trace {
  /** `group/plural/name` -> states in order. */
  readonly objects: Readonly<Record<string, readonly State[]>>;
  readonly events: readonly EventRow[];
  readonly hooks: readonly Call[];
  readonly alerts: readonly Call[];
  readonly queries: readonly string[];
}

export type Step =
  | readonly ['phase', string, number?]
  | readonly ['reach', string, number, number?]
  | readonly ['values', Partial<MetricValues>]
  | readonly ['hook', string, number]
  | readonly ['apply', KubeObject]
  | readonly ['patch', KubeObject, unknown]
  | readonly ['delete', KubeObject]
  | readonly ['gone']
  | readonly ['sleep', number];

export interface Scenario {
  readonly name: string;
  readonly namespace: string;
  readonly canary: string;
  readonly values: Partial<MetricValues>;
  readonly objects: readonly KubeObject[];
  readonly steps: readonly Step[];
  readonly expect: Trace;
}

const FOLDER = new URL('../scenarios/', import.meta.url);
const STEPS = new Set(['phase', 'reach', 'values', 'hook', 'apply', 'patch', 'delete', 'gone', 'sleep']);

/** Where the recordings' hooks, alerts and metric templates point to. */
export const RECORDED_HOST = '127.0.0.1:9099';

export const scenarioNames = (): string[] =>
  readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();

/** Reads one recording. Throws when it has a step that the player does not know. */
export const loadScenario = (name: string): Scenario => {
  const scenario = JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) as Scenario;
  const unknown = scenario.steps.find(([verb]) => !STEPS.has(verb));
  if (unknown !== undefined) throw new Error(`scenario ${name}: unknown step ${JSON.stringify(unknown)}`);
  return scenario;
};

/** Replaces texts (hosts, namespaces) wherever they occur, in objects, steps and expectations alike. */
export const rewrite = <T>(value: T, replacements: Readonly<Record<string, string>>): T => {
  let text = JSON.stringify(value);
  for (const [from, to] of Object.entries(replacements)) text = text.replaceAll(from, to);
  return JSON.parse(text) as T;
};
