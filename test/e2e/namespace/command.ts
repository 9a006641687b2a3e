/** A network namespace of the test's own: pods get addresses there that exist nowhere else. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Every pod's address lies here; whatever listens inside the namespace may take one. */
const SETUP = 'ip link set lo up && ip route add local 10.244.0.0/16 dev lo';

const INSIDE = fileURLToPath(new URL('./inside.ts', import.meta.url));

/** As root the kernel asks for nothing more; other users need a user namespace as well. */
const WAYS: readonly (readonly string[])[] = [['--net'], ['--net', '--user', '--map-root-user']];

/** One plain line for a machine that allows no namespaces. */
export const NO_NAMESPACES =
  'this machine allows no network namespaces; real requests need Linux, `ip`, and `unshare --net` as root or with user namespaces';

/** How `unshare` makes a namespace on this machine; undefined: it can't. */
export const unshareFlags = (): readonly string[] | undefined =>
  WAYS.find((flags) => spawnSync('unshare', [...flags, 'sh', '-c', SETUP], { stdio: 'ignore' }).status === 0);

export interface NamespacedCommand {
  readonly file: string;
  readonly args: readonly string[];
}

/** The command that runs Node with `args` in a fresh namespace. */
export const inNamespace = (flags: readonly string[], args: readonly string[]): NamespacedCommand => {
  const node = [process.execPath, '--import', 'tsx', INSIDE, ...args];
  return { file: 'unshare', args: [...flags, 'sh', '-c', `${SETUP} && exec "$@"`, 'sh', ...node] };
};
