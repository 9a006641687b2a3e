/** Follows one Canary until its goal is reached or cannot be any more, and tells each state to a presenter. */
import type { Canary } from '../shared/api/canary.ts';
import { KINDS } from '../shared/api/kinds.ts';
import { refTo } from '../shared/api/kube.ts';
import { targetNameOf } from '../shared/api/names.ts';
import { isRestPhase } from '../shared/api/phase.ts';
import { CanaryError } from '../shared/errors.ts';
import type { CanaryList } from './canaries.ts';
import type { Input } from './cli/input.ts';
import { followCanaries } from './follow.ts';
import { judgeGoal, parseGoal, type Verdict, type Waiting } from './goal.ts';
import type { Connection, Io } from './io.ts';
import { KINDS_OF_TARGETS } from './related.ts';
import { phaseOf } from './view/summary.ts';

export interface Presenter {
  /** Called for each new state. */
  show(canary: Canary): void;
  /** Called once at the end, before anything is said about it. */
  close(): void;
}

export interface WaitOptions {
  readonly waiting: Waiting;
  /** `--image`: wait first until the driver has seen this image. */
  readonly image: string | undefined;
  /** Milliseconds; 0: for ever. */
  readonly timeoutMs: number;
}

/** Reads `--for`, `--revision`, `--image`, `--timeout` and `--fail-on-gate`. Throws USAGE. */
export const waitOptions = (input: Input, fallback: string): WaitOptions => ({
  waiting: {
    goal: parseGoal(input.text('for') ?? fallback),
    wanted: input.text('revision'),
    failOnGate: input.flag('fail-on-gate'),
    seen: undefined,
  },
  image: input.text('image'),
  timeoutMs: input.duration('timeout') ?? 0,
});

interface PodSpecHolder {
  spec?: { template?: { spec?: { containers?: { image?: string }[] } } };
}

/** The images that the target runs now. */
const targetImages = async (canary: Canary, connection: Connection, signal: AbortSignal): Promise<string[]> => {
  const kind = KINDS_OF_TARGETS[canary.spec.targetRef.kind ?? 'Deployment'] ?? KINDS.deployment;
  const target = await connection.kube
    .get(refTo(kind, canary.metadata.namespace ?? '', targetNameOf(canary)), { signal })
    .catch(() => undefined);
  const containers = (target as PodSpecHolder | undefined)?.spec?.template?.spec?.containers ?? [];
  return containers.flatMap((container) => container.image ?? []);
};

const seenImage = (canary: Canary): string | undefined => canary.status?.history?.at(-1)?.image;

/**
 * The image that the driver has still to notice: `--image`, or what the target runs already while the status speaks of
 * an older one. Without it, a `status` right after `kubectl set image` would report the end of the rollout before.
 */
const unseenImage = async (
  canary: Canary,
  options: WaitOptions,
  connection: Connection,
  signal: AbortSignal,
): Promise<string | undefined> => {
  if (options.image !== undefined) return options.image;
  const seen = seenImage(canary);
  if (seen === undefined || !isRestPhase(canary.status?.phase)) return undefined;
  const [image] = await targetImages(canary, connection, signal);
  return image !== undefined && !seen.includes(image) ? image : undefined;
};

const conclude = (verdict: Verdict, canary: Canary): void => {
  const where = `${canary.metadata.name} -n ${canary.metadata.namespace ?? ''}`;
  if (verdict.is === 'ended')
    throw new CanaryError('ROLLOUT_FAILED', verdict.message, { remedy: `kubectl canary why ${where}` });
  if (verdict.is === 'person')
    throw new CanaryError('NEEDS_PERSON', verdict.message, { remedy: `kubectl canary why ${where}` });
};

const asList = (canary: Canary): CanaryList => ({
  items: [canary],
  resourceVersion: canary.metadata.resourceVersion ?? '',
});

/** The Io of this wait: its signal also comes when the time is up. */
const limited = (io: Io, timeoutMs: number, late: () => CanaryError): { io: Io; done: () => void } => {
  if (timeoutMs === 0) return { io, done: () => undefined };
  const abort = new AbortController();
  const timer = io.clock.after(timeoutMs, () => abort.abort(late()));
  const pass = () => abort.abort(io.signal.reason);
  io.signal.addEventListener('abort', pass, { once: true });
  return {
    io: { ...io, signal: abort.signal },
    done: () => {
      timer.cancel();
      io.signal.removeEventListener('abort', pass);
    },
  };
};

/**
 * Waits. Returns the Canary as it stood when the goal was reached. Throws ROLLOUT_FAILED when the rollout ended
 * otherwise, NEEDS_PERSON, TIMEOUT, API_NOT_FOUND when it was deleted.
 */
export const waitFor = async (
  first: Canary,
  options: WaitOptions,
  presenter: Presenter,
  context: { connection: Connection; io: Io },
): Promise<Canary> => {
  const { connection } = context;
  let current = first;
  let awaited: string | undefined;
  const late = (): CanaryError => {
    const { name, namespace = '' } = first.metadata;
    const why =
      awaited === undefined
        ? `it is ${phaseOf(current.status) || 'New'}`
        : `no driver has noticed the image ${awaited} yet`;
    return new CanaryError('TIMEOUT', `timed out waiting for ${name}: ${why}`, {
      remedy: `kubectl canary why ${name} -n ${namespace}`,
    });
  };
  const { io, done } = limited(context.io, options.timeoutMs, late);
  awaited = await unseenImage(first, options, connection, io.signal);
  const judge = (): Verdict => {
    presenter.show(current);
    if (awaited !== undefined && seenImage(current)?.includes(awaited) !== true) return { is: 'open' };
    awaited = undefined;
    return judgeGoal(current, options.waiting, io.clock.now());
  };
  try {
    let verdict = judge();
    const selection = {
      namespace: first.metadata.namespace ?? '',
      fieldSelector: `metadata.name=${first.metadata.name}`,
    };
    if (verdict.is === 'open') {
      for await (const change of followCanaries(connection, selection, asList(first), io)) {
        current = change.canary;
        if (change.type === 'DELETED')
          throw new CanaryError('API_NOT_FOUND', `canary ${current.metadata.name} was deleted`);
        verdict = judge();
        if (verdict.is !== 'open') break;
      }
    }
    presenter.close();
    conclude(verdict, current);
    return current;
  } finally {
    presenter.close();
    done();
  }
};
