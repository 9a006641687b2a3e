import type { Clock, Log, Timer } from '../../shared/engine/ports.ts';
import { messageOf } from '../../shared/errors.ts';
import type { KeyPair } from './authority.ts';
import { type CertFiles, readCertFiles } from './files.ts';

export interface FileKeeperOptions {
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly checkMs: number;
  readonly load: (leaf: KeyPair) => Promise<void> | void;
  /** Tells API servers of the folder's `ca.crt`. Undefined: whoever issues the files does that. */
  readonly publish?: (bundle: string, signal: AbortSignal) => Promise<boolean>;
  readonly onPass?: (files: CertFiles) => void;
}

const PUBLISH_LIMIT_MS = 10_000;

/** Serves certificates that somebody else issues and renews; files are compared, because mounts swap links, not files. */
export const keepCertFiles = (options: FileKeeperOptions) => {
  let loaded: string | undefined;
  let trouble: string | undefined = 'no certificate yet';
  let timer: Timer | undefined;
  let stopped = false;

  const pass = async (): Promise<void> => {
    const files = await readCertFiles(options.folder);
    if (files.leaf.cert + files.leaf.key !== loaded) {
      await options.load(files.leaf);
      loaded = files.leaf.cert + files.leaf.key;
    }
    options.onPass?.(files);
    if (options.publish !== undefined && files.ca !== undefined) {
      await options.publish(files.ca, AbortSignal.timeout(PUBLISH_LIMIT_MS));
    }
    trouble = undefined;
  };

  const loop = async (): Promise<void> => {
    try {
      await pass();
    } catch (error) {
      if (loaded === undefined) trouble = messageOf(error);
      options.log.warn('certificate files could not be used', { reason: messageOf(error) });
    }
    if (!stopped) timer = options.clock.after(options.checkMs, () => void loop());
  };

  return {
    pass,
    trouble: (): string | undefined => trouble,
    start: () => void loop(),
    stop(): void {
      stopped = true;
      timer?.cancel();
    },
  };
};
