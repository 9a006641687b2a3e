/** Admission webhooks: which are called, in which order, and what becomes of their answers. */
import { randomUUID } from 'node:crypto';
import type { KubeObject } from '../api/kube.ts';
import {
  type Answer,
  addressOf,
  readAnswer,
  requestOf,
  type ServiceResolver,
  sendOverHttps,
  type Transport,
} from './admission-call.ts';
import { type Hook, holdsConditions, hooksOf, MUTATING, matchHook, VALIDATING } from './admission-match.ts';
import type { Admission, Caller, Review } from './context.ts';
import type { Fields } from './json.ts';
import { clone, equal, listAt, own, textAt } from './json.ts';
import type { Registry, ServedKind } from './kinds.ts';
import { jsonPatch } from './patches.ts';
import { badRequest, internalError, type StatusBody, type StatusCause, StatusError } from './status.ts';
import type { Store } from './store.ts';

export interface AdmissionOptions {
  /** Keeps virtual time from moving on while a webhook is being called over a real socket. */
  readonly track?: <T>(work: Promise<T>) => Promise<T>;
  readonly transport?: Transport;
  /** For configurations that name a Service: where it listens. */
  readonly resolveService?: ServiceResolver;
}

const WARNING_LIMIT = 4096;
const WARNING_CUT = 256;
const isControl = (letter: string): boolean => letter < ' ' || letter === '\u007f';

/** Warnings reach the client unless they hold control characters; too much text at once is cut. */
const addWarnings = (caller: Caller, texts: readonly string[]): void => {
  const clean = texts.filter((text) => ![...text].some(isControl));
  const total = [...caller.warnings, ...clean].reduce((sum, text) => sum + text.length, 0);
  if (total <= WARNING_LIMIT) {
    caller.warnings.push(...clean);
    return;
  }
  const cut = [...caller.warnings, ...clean]
    .map((text) => text.slice(0, WARNING_CUT))
    .slice(0, WARNING_LIMIT / WARNING_CUT);
  caller.warnings.splice(0, caller.warnings.length, ...cut);
};

/** The refusal that a client sees, from what a webhook said. */
const denial = (hook: Hook, status: Fields | undefined): StatusError => {
  const by = `admission webhook "${hook.name}" denied the request`;
  const [message, reason, code] = [
    textAt(status, 'message'),
    textAt(status, 'reason'),
    Number(own(status, 'code') ?? 0),
  ];
  const details = own(status, 'details');
  const body: StatusBody = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: message !== '' ? `${by}: ${message}` : reason !== '' ? `${by}: ${reason}` : `${by} without explanation`,
    ...(reason === '' ? {} : { reason }),
    ...(details === undefined ? {} : { details: { ...(details as object), ...causesOf(details) } }),
    code: code < 400 ? 400 : code,
  };
  return new StatusError(body);
};

const causesOf = (details: unknown): { causes?: StatusCause[] } => {
  const causes = listAt(details, 'causes') as StatusCause[];
  return causes.length === 0 ? {} : { causes };
};

interface World {
  readonly store: Store;
  readonly registry: Registry;
}

type Outcome = Answer | 'skipped';

/** One hook that takes one write, in the version of the kind that it wants. */
interface Match {
  readonly hook: Hook;
  readonly kind: ServedKind;
  readonly isMutating: boolean;
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Whether the match conditions hold; one that cannot be evaluated counts by the failurePolicy. */
const isWanted = async (hook: Hook, request: Fields): Promise<boolean> => {
  try {
    return await holdsConditions(hook, request);
  } catch (error) {
    if (hook.failurePolicy === 'Ignore') return false;
    throw internalError(`webhook "${hook.name}" match conditions: ${textOf(error)}`);
  }
};

/** Calls one hook; its failure counts by its failurePolicy, its refusal is thrown. */
const callHook = async (
  options: AdmissionOptions,
  { hook, kind, isMutating }: Match,
  review: Review,
): Promise<Outcome> => {
  const uid = randomUUID();
  const request = requestOf(review, kind, uid);
  if (!(await isWanted(hook, request))) return 'skipped';
  if (review.caller.dryRun && !['None', 'NoneOnDryRun'].includes(hook.sideEffects)) {
    throw badRequest(`admission webhook "${hook.name}" does not support dry run`);
  }
  let answer: Answer;
  try {
    answer = readAnswer(await exchange(options, hook, request), uid, isMutating);
  } catch (error) {
    if (hook.failurePolicy === 'Ignore') return 'skipped';
    throw internalError(`failed calling webhook "${hook.name}": ${textOf(error)}`);
  }
  addWarnings(review.caller, answer.warnings);
  if (!answer.allowed) throw denial(hook, answer.status);
  return answer;
};

/** The body of a hook's answer. */
const exchange = async (options: AdmissionOptions, hook: Hook, request: Fields): Promise<string> => {
  const send = options.transport ?? sendOverHttps;
  const ca = Buffer.from(textAt(hook.definition, 'clientConfig', 'caBundle'), 'base64').toString('utf8');
  const { url, shown, serverName } = addressOf(hook, options.resolveService);
  const body = JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request });
  const result = await send({ url, body, ca, serverName, timeoutMs: hook.timeoutSeconds * 1000 }).catch(
    (error: unknown) => {
      throw new Error(`failed to call webhook: Post "${shown}": ${textOf(error)}`);
    },
  );
  if (result.status === 200) return result.body;
  const said = JSON.stringify(result.body.trim().slice(0, 2048));
  throw new Error(`failed to call webhook: an error on the server (${said}) has prevented the request from succeeding`);
};

const mutateAll = async (world: World, options: AdmissionOptions, review: Review): Promise<KubeObject | undefined> => {
  let object = review.object;
  const called: { hook: Hook; before: KubeObject | undefined }[] = [];
  const step = async (hook: Hook): Promise<void> => {
    const now = { ...review, object };
    const matched = matchHook(hook, now, world);
    if (matched === undefined) return;
    const answer = await callHook(options, { hook, kind: matched, isMutating: true }, now);
    if (answer === 'skipped') return;
    if (answer.patch !== undefined) {
      if (review.operation === 'DELETE') throw internalError('a patch cannot be applied to a deletion');
      object = patched(object, answer.patch, review.kind);
    }
    called.push({ hook, before: object });
  };
  for (const hook of hooksOf(world.store, MUTATING)) await step(hook);
  const end = object;
  const again = called.filter(({ hook, before }) => hook.reinvocationPolicy === 'IfNeeded' && !equal(before, end));
  for (const { hook } of again) await step(hook);
  return object;
};

/** Objects travel in the version that the hook matched and come back in the one that was written. */
const patched = (object: KubeObject | undefined, patch: unknown, kind: ServedKind): KubeObject => {
  try {
    return { ...(jsonPatch(clone(object), patch) as KubeObject), apiVersion: kind.apiVersion };
  } catch (error) {
    const cause = error instanceof StatusError && typeof error.cause === 'string' ? error.cause : String(error);
    throw internalError(cause);
  }
};

const validateAll = async (world: World, options: AdmissionOptions, review: Review): Promise<void> => {
  const matched = hooksOf(world.store, VALIDATING).flatMap((hook) => {
    const kind = matchHook(hook, review, world);
    return kind === undefined ? [] : [{ hook, kind, isMutating: false }];
  });
  const results = await Promise.allSettled(matched.map((match) => callHook(options, match, review)));
  const refused = results.find((result) => result.status === 'rejected');
  if (refused?.status === 'rejected') throw refused.reason;
};

/** Calls the webhooks that the store's configurations name. */
export const createAdmission = (world: World, options: AdmissionOptions = {}): Admission => {
  const track = options.track ?? (<T>(work: Promise<T>) => work);
  return {
    isIdle: () => world.store.list(MUTATING, '').length === 0 && world.store.list(VALIDATING, '').length === 0,
    mutate: (review) => track(mutateAll(world, options, review)),
    validate: (review) => track(validateAll(world, options, review)),
  };
};
