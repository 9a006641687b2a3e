import { KINDS } from '../../shared/api/kinds.ts';
import { refTo } from '../../shared/api/kube.ts';
import { hasCode, messageOf } from '../../shared/errors.ts';
import { buildInfo } from '../build-info.ts';
import type { Input } from '../cli/input.ts';
import type { Run } from '../cli/spec.ts';
import { knownDrivers } from '../drivers.ts';
import type { Io } from '../io.ts';
import { formOf, writeView } from '../print.ts';

interface ClusterVersions {
  /** Version of the API server. */
  server?: string;
  /** `v1beta1` when the Canary resource is served. */
  crd?: string;
  controller?: string;
  /** Of these what there is, if anything, may not be read. */
  unread?: readonly string[];
  problem?: string;
}

const own = {
  version: `v${buildInfo.version}`,
  commit: buildInfo.commit,
  built: buildInfo.date,
  node: process.version,
  platform: `${process.platform}/${process.arch}`,
};

const UNREAD = 'unread';

/** What can be learnt; a cluster that does not answer is no failure of `version`. */
const clusterVersions = async (input: Input, io: Io): Promise<ClusterVersions> => {
  try {
    const connection = await io.connect(input);
    try {
      const { kube } = connection;
      const [server, crd, drivers] = await Promise.all([
        kube.raw('GET', '/version', undefined, io.signal) as Promise<{ gitVersion?: string }>,
        kube.get(refTo(KINDS.crd, '', 'canaries.flagger.app'), { signal: io.signal, metadataOnly: true }).then(
          () => 'v1beta1',
          (error: unknown) => (hasCode(error, 'API_NOT_FOUND') ? undefined : UNREAD),
        ),
        knownDrivers(connection, { namespace: connection.namespace }, io).catch(() => undefined),
      ]);
      const unread = [...(crd === UNREAD ? ['crd'] : []), ...(drivers === undefined ? ['controller'] : [])];
      const controller = drivers?.find((driver) => driver.is === 'controller');
      return {
        ...(server.gitVersion === undefined ? {} : { server: server.gitVersion }),
        ...(crd === undefined || crd === UNREAD ? {} : { crd }),
        ...(controller === undefined ? {} : { controller: controller.holder }),
        ...(unread.length === 0 ? {} : { unread }),
      };
    } finally {
      connection.close();
    }
  } catch (error) {
    return { problem: messageOf(error) };
  }
};

const lines = (cluster: ClusterVersions | undefined): string[] => {
  const client = `kubectl-canary ${own.version} (${own.commit}, Node ${own.node}, ${own.platform})`;
  if (cluster === undefined) return [client];
  if (cluster.problem !== undefined) return [client, `cluster         not asked: ${cluster.problem}`];
  const absent = (what: string, word: string) =>
    cluster.unread?.includes(what) ? 'not known: it may not be read' : word;
  return [
    client,
    `api server      ${cluster.server ?? 'unknown'}`,
    `Canary type     ${cluster.crd ?? absent('crd', 'not installed')}`,
    `controller      ${cluster.controller ?? absent('controller', 'none alive')}`,
  ];
};

export const run: Run = async (input, io) => {
  const form = await formOf(input, io, ['text', 'json', 'yaml']);
  if (input.flag('short')) {
    io.stdout.write(`${own.version}\n`);
    return 0;
  }
  const cluster = input.flag('client') ? undefined : await clusterVersions(input, io);
  if (form.is === 'text') io.stdout.write(`${lines(cluster).join('\n')}\n`);
  else
    await writeView(
      {
        kind: 'Version',
        apiVersion: 'view.kubectl-canary/v1',
        client: own,
        ...(cluster === undefined ? {} : { cluster }),
      },
      form,
      io,
    );
  return 0;
};
