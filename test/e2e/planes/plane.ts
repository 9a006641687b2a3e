/** A running data plane, and what a scenario has to know of it. */
import type { Kind, KubeObject } from '../../../shared/api/kube.ts';
import type { Child, Command } from '../../apiserver/control-plane/child.ts';
import type { ClusterHandle } from '../../apiserver/control-plane/handle.ts';
import type { Reading, RouteReading } from '../count/weights.ts';

/** The host name of the app in a namespace. */
export const hostOf = (namespace: string): string => `${namespace}.example.com`;

/** An object of a user, named as the app where nothing else is said. */
export const objectOf = (
  { apiVersion, kind }: Pick<Kind, 'apiVersion' | 'kind'>,
  namespace: string,
  spec: object,
  name = 'podinfo',
): KubeObject => ({ apiVersion, kind, metadata: { name, namespace }, spec });

/** One way to tell a data plane where requests go: a traffic provider of ours. */
export interface Road {
  readonly provider: string;
  /** How it keeps sessions: by a cookie for each side, or by one of its own making for both. */
  readonly cookies: 'one' | 'two';
  /** Where its weights stand. */
  readonly reading: RouteReading;
  /** Objects of the user that lead a host's requests to what the controller writes. */
  entry(namespace: string, host: string): object[];
  /** The route that a user has before there is a Canary, under the name that the controller writes to. */
  own(namespace: string): object[];
  /** What the Canary's `service` says besides its port. */
  service(host: string): object;
}

export interface Plane {
  /** Where clients send their requests, `http://127.0.0.1:8000`. */
  readonly origin: string;
  /** Milliseconds within which it follows a change of weights, with some to spare. */
  readonly followMs: number;
  /** What it does with a host's requests right now, where it can be asked; undefined: it has no route for the host. */
  readonly doing?: (host: string) => Promise<Reading | undefined>;
  /** Whether each request is a throw of dice, so that shares scatter. */
  readonly random: boolean;
  /** Where routes and Services are told apart: a route may lead to one that is not known yet, for a moment. */
  readonly unknownYet?: UnknownYet;
}

export interface UnknownYet {
  /** What a client sees of it. */
  readonly failure: string;
  /** To how many requests that has happened, by the data plane's own count since its start. */
  count(): Promise<number>;
}

export interface PlaneSite {
  readonly cluster: ClusterHandle;
  /** Starts a program whose end is an error; it is ended with the world. */
  start(command: Command): Child;
  /** Waits for a condition while all programs live. */
  waitFor(what: string, look: () => Promise<boolean>): Promise<void>;
}
