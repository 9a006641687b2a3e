/** Answers of the kubeconfig and the cluster for completion: quick, kept for ten seconds, silent about failures. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Canary } from '../../shared/api/canary.ts';
import { KINDS } from '../../shared/api/kinds.ts';
import { placesOf, readKubeconfig } from '../../shared/kube/kubeconfig-files.ts';
import { GLOBALS } from '../cli/flags.ts';
import { makeInput } from '../cli/input.ts';
import type { CommandSpec } from '../cli/spec.ts';
import { findCommand } from '../cli/table.ts';
import type { Io } from '../io.ts';
import { isRunning, phaseOf, summarize } from '../view/summary.ts';
import type { Ask, Asked, Candidate } from './candidates.ts';

const KEEP_MS = 10_000;
/** A shell waits while we ask; longer than this is worse than no answer. */
const LIMIT = '800ms';

const valueOf = (flags: readonly string[], name: string): string | undefined =>
  flags.findLast((flag) => flag.startsWith(`--${name}=`))?.slice(name.length + 3);

const fromKubeconfig = async ({ what, flags }: Asked, io: Io): Promise<Candidate[]> => {
  const config = await readKubeconfig(placesOf(valueOf(flags, 'kubeconfig'), io.env));
  const names = what === 'contexts' ? config.contexts : what === 'clusters' ? config.clusters : config.users;
  return names.map(({ name }) => ({ word: name }));
};

/** Canaries that a verb can act on; all of them for the others. */
const suits = (command: CommandSpec | undefined, canary: Canary): boolean => {
  const phase = phaseOf(canary.status);
  switch (command?.name) {
    case 'promote':
    case 'rollback':
      return isRunning(phase);
    case 'pause':
      return isRunning(phase) && canary.status?.paused === undefined;
    case 'resume':
      return canary.status?.paused !== undefined;
    case 'retry':
      return phase === 'Failed';
    case 'approve':
    case 'reject':
      return canary.status?.waitingFor?.gate !== undefined;
    case 'skip-step':
    case 'set-weight':
      return phase === 'Progressing' || phase === 'WaitingPromotion';
    case 'undo':
    case 'restart':
      return !isRunning(phase);
    default:
      return true;
  }
};

const fromCluster = async ({ what, flags, command }: Asked, io: Io): Promise<Candidate[]> => {
  const spec = findCommand('get') as CommandSpec;
  const values = Object.fromEntries(
    Object.keys(GLOBALS).flatMap((name) => (valueOf(flags, name) === undefined ? [] : [[name, valueOf(flags, name)]])),
  );
  const connection = await io.connect(makeInput(spec, GLOBALS, { ...values, 'request-timeout': LIMIT }, []));
  try {
    if (what === 'namespaces') {
      const { items } = await connection.kube.list(KINDS.namespace, { metadataOnly: true });
      return items.map(({ metadata }) => ({ word: metadata.name }));
    }
    const { items } = await connection.kube.list(KINDS.canary, { namespace: connection.namespace });
    return (items as Canary[])
      .filter((canary) => suits(command, canary))
      .map((canary) => ({ word: canary.metadata.name, about: summarize(canary, io.clock.now()).word }));
  } finally {
    connection.close();
  }
};

const cacheFile = (asked: Asked, io: Io): string => {
  const key = JSON.stringify([asked.what, asked.command?.name, asked.flags, io.env['KUBECONFIG'], io.cwd]);
  const folder = join(tmpdir(), `kubectl-canary-complete-${userInfo().uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (statSync(folder).uid !== userInfo().uid) throw new Error('not our folder');
  return join(folder, createHash('sha256').update(key).digest('hex').slice(0, 24));
};

/** Asks; an answer is kept for ten seconds per question, context and namespace. */
export const askWith =
  (io: Io): Ask =>
  async (asked) => {
    if (asked.what === 'contexts' || asked.what === 'clusters' || asked.what === 'users')
      return fromKubeconfig(asked, io);
    const file = cacheFile(asked, io);
    try {
      if (io.clock.now() - statSync(file).mtimeMs < KEEP_MS)
        return JSON.parse(readFileSync(file, 'utf8')) as Candidate[];
    } catch {
      // Nothing kept yet.
    }
    const found = await fromCluster(asked, io);
    writeFileSync(file, JSON.stringify(found), { mode: 0o600 });
    return found;
  };
