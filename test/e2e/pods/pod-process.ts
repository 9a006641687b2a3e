/** One pod as one podinfo process that listens on the pod's own address. */
import { type Child, startChild } from '../../apiserver/control-plane/child.ts';
import { eventually } from '../../apiserver/control-plane/eventually.ts';
import { type Identity, writeIdentity } from './identity.ts';

export const POD_PORT = 9898;

/** What a kubelet grants a container by default. */
const GRACE_MS = 30_000;

export interface PodProcess {
  readonly identity: Identity;
  readonly address: string;
  readonly child: Child;
  /** Resolves when the application says that it is ready; throws when it ends before. */
  ready(): Promise<void>;
  /** SIGTERM, and SIGKILL after the grace period. Resolves when it is gone. */
  end(): Promise<void>;
}

const isReady = async (address: string): Promise<boolean> =>
  (await fetch(`http://${address}:${POD_PORT}/readyz`, { signal: AbortSignal.timeout(1_000) })).ok;

export const startPodProcess = (
  program: string,
  folder: string,
  pod: { readonly identity: Identity; readonly address: string },
): PodProcess => {
  const { identity, address } = pod;
  const args = ['--host', address, '--port', String(POD_PORT), '--ui-message', writeIdentity(identity)];
  const name = `pod-${address}`;
  const child = startChild({ name, file: program, args: [...args, '--level', 'error'] }, folder);
  return {
    identity,
    address,
    child,
    ready: async () => {
      const patience = { what: `${identity.pod} to be ready`, everyMs: 25 };
      const reason = await eventually(
        async () => child.exitReason() ?? ((await isReady(address)) && 'ready'),
        patience,
      );
      if (reason !== 'ready') throw new Error(`${identity.pod} ended by itself: ${reason}`);
    },
    end: () => child.stop(GRACE_MS),
  };
};
