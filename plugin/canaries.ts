/** Finding the Canaries that a command is about. */
import type { Canary } from '../shared/api/canary.ts';
import { KINDS } from '../shared/api/kinds.ts';
import { type Ref, refTo } from '../shared/api/kube.ts';
import { CanaryError, hasCode } from '../shared/errors.ts';
import type { Input } from './cli/input.ts';
import { nearest } from './cli/nearest.ts';
import { usageError } from './cli/usage.ts';
import type { Connection, Io } from './io.ts';
import { isLive } from './view/style.ts';

const KIND_WORDS = [
  'canary',
  'canaries',
  'canary.flagger.app',
  'canaries.flagger.app',
  'canary.v1beta1.flagger.app',
  'canaries.v1beta1.flagger.app',
];

/** A name becomes a part of a path on the server; one that is none would ask for something else there. */
const checkedName = (name: string): string => {
  if (name === '') throw usageError('the name of the canary is empty', 'kubectl canary get');
  if (name === '.' || name === '..' || /[/%]/.test(name))
    throw usageError(`"${name}" cannot be the name of a canary`, 'kubectl canary get');
  return name;
};

/** `podinfo`, `canary/podinfo` or `canaries.flagger.app/podinfo` -> `podinfo`. Throws USAGE for what is no such name. */
export const nameOf = (word: string): string => {
  const cut = word.indexOf('/');
  if (cut < 0) return checkedName(word);
  const kind = word.slice(0, cut).toLowerCase();
  if (!KIND_WORDS.includes(kind))
    throw usageError(`"${word}" is no canary: the kind is "${kind}"`, `kubectl canary get ${word.slice(cut + 1)}`);
  return checkedName(word.slice(cut + 1));
};

export const canaryRef = (namespace: string, name: string): Ref => refTo(KINDS.canary, namespace, name);

/** Adds what this program knows to a refusal of the server; other failures pass unchanged. */
export const explained = (error: unknown): unknown => {
  if (hasCode(error, 'KIND_MISSING') && error.message.includes('canaries.flagger.app')) {
    return new CanaryError('KIND_MISSING', 'the Canary resource type is not installed in this cluster', {
      remedy: 'helm install kubectl-canary charts/kubectl-canary --namespace canary-system --create-namespace',
    });
  }
  const user = hasCode(error, 'API_FORBIDDEN') ? /User "([^"]+)"/.exec(error.because ?? '')?.[1] : undefined;
  if (user === undefined) return error;
  const { message, because, remedy, status } = error as CanaryError;
  return new CanaryError('API_FORBIDDEN', `${message} (user ${user})`, {
    ...(because === undefined ? {} : { because }),
    ...(remedy === undefined ? {} : { remedy }),
    ...(status === undefined ? {} : { status }),
  });
};

const missing = async (connection: Connection, namespace: string, name: string): Promise<CanaryError> => {
  const others = await connection.kube.list(KINDS.canary, { namespace }).then(
    (list) => list.items.map((item) => item.metadata.name),
    () => [],
  );
  const meant = nearest(name, others);
  return new CanaryError(
    'API_NOT_FOUND',
    `canary "${name}" not found in namespace "${namespace}" (context ${connection.context})`,
    {
      remedy: `kubectl canary get -n ${namespace}${meant === undefined ? '' : `        did you mean "${meant}"?`}`,
    },
  );
};

/** One Canary by name. Throws API_NOT_FOUND with the nearest name, KIND_MISSING, API_FORBIDDEN. */
export const readCanary = async (connection: Connection, name: string, signal: AbortSignal): Promise<Canary> => {
  const { namespace } = connection;
  try {
    return (await connection.kube.get(canaryRef(namespace, name), { signal })) as Canary;
  } catch (error) {
    if (hasCode(error, 'API_NOT_FOUND')) throw await missing(connection, namespace, name);
    throw explained(error);
  }
};

export interface Selection {
  /** Empty: all namespaces. */
  readonly namespace: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** What `-A`, `-l` and `--field-selector` say; `-A` beats `-n`. */
export const selectionOf = (input: Input, connection: Connection): Selection => ({
  namespace: input.flag('all-namespaces') ? '' : connection.namespace,
  ...(input.text('selector') === undefined ? {} : { labelSelector: input.text('selector') as string }),
  ...(input.text('field-selector') === undefined ? {} : { fieldSelector: input.text('field-selector') as string }),
});

const byName = (a: Canary, b: Canary): number =>
  (a.metadata.namespace ?? '').localeCompare(b.metadata.namespace ?? '') ||
  a.metadata.name.localeCompare(b.metadata.name);

export interface CanaryList {
  readonly items: Canary[];
  readonly resourceVersion: string;
}

export const listCanaries = async (
  connection: Connection,
  selection: Selection,
  signal: AbortSignal,
): Promise<CanaryList> => {
  const { namespace, ...selectors } = selection;
  try {
    const list = await connection.kube.list(KINDS.canary, {
      ...(namespace === '' ? {} : { namespace }),
      ...selectors,
      signal,
    });
    return { items: (list.items as Canary[]).sort(byName), resourceVersion: list.resourceVersion };
  } catch (error) {
    throw explained(error);
  }
};

/** `No resources found in test namespace.`, kubectl's words. */
export const nothingFound = (namespace: string): string =>
  namespace === '' ? 'No resources found' : `No resources found in ${namespace} namespace.`;

const pick = async (names: readonly string[], io: Io): Promise<string> => {
  io.stderr.write(`${names.map((name, index) => `  ${index + 1}) ${name}`).join('\n')}\nwhich one? `);
  const answer = (await io.stdin.line()).trim();
  const chosen = /^\d+$/.test(answer) ? names[Number(answer) - 1] : names.find((name) => name === answer);
  if (chosen === undefined) throw usageError(`no canary chosen; one of: ${names.join(', ')}`);
  return chosen;
};

/** The one Canary of a reading command; without a name the only one of the namespace, said on stderr. */
export const readOne = async (input: Input, io: Io, connection: Connection): Promise<Canary> => {
  const word = input.words[0];
  if (word !== undefined) return readCanary(connection, nameOf(word), io.signal);
  const { items } = await listCanaries(connection, { namespace: connection.namespace }, io.signal);
  const [only] = items;
  if (only === undefined) {
    throw new CanaryError(
      'API_NOT_FOUND',
      `there is no canary in namespace "${connection.namespace}" (context ${connection.context})`,
      {
        remedy: 'kubectl canary get -A',
      },
    );
  }
  if (items.length === 1) {
    io.stderr.write(`canary ${only.metadata.name} in namespace ${connection.namespace}\n`);
    return only;
  }
  const names = items.map((item) => item.metadata.name);
  if (!isLive(io.env, io.stdin.isTTY && io.stderr.isTTY)) {
    throw usageError(`namespace "${connection.namespace}" has ${items.length} canaries, name one: ${names.join(', ')}`);
  }
  const name = await pick(names, io);
  return items.find((item) => item.metadata.name === name) as Canary;
};
