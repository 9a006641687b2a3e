import type { Log } from '../shared/engine/ports.ts';
import { CanaryError, EXIT, messageOf } from '../shared/errors.ts';
import { createCache } from '../shared/kube/cache.ts';
import { createKube } from '../shared/kube/client.ts';
import { loadConnection } from '../shared/kube/config.ts';
import { systemClock } from '../shared/platform/clock.ts';
import { createLog } from '../shared/platform/log.ts';
import { systemRandom } from '../shared/platform/random.ts';
import { helpText } from './flags.ts';
import { startWebhook } from './serve.ts';
import { readSettings, type Settings } from './settings.ts';

/** Aborted when the process is asked to end, or when it can't be trusted any more. */
const endOf = (log: Log): { signal: AbortSignal; code: () => number } => {
  const end = new AbortController();
  let code: number = EXIT.done;
  // A second signal ends the process at once, as signals do when nobody listens.
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => end.abort(new Error(name)));
  process.once('uncaughtException', (error) => {
    code = EXIT.bug;
    log.error('unexpected failure, ending', { reason: messageOf(error) });
    end.abort(error);
  });
  return { signal: end.signal, code: () => code };
};

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

const serve = async (settings: Settings): Promise<number> => {
  const log = createLog({ clock: systemClock, level: settings.logLevel });
  const { signal, code } = endOf(log);
  const { kubeconfig } = settings;
  const kube = createKube(
    await loadConnection({ ...(kubeconfig === undefined ? {} : { kubeconfig }), interactive: false }),
  );
  const cache = createCache({ kube, clock: systemClock, random: systemRandom, log });
  try {
    const webhook = await startWebhook(settings, { kube, cache, clock: systemClock, log }, signal);
    await aborted(signal);
    log.info('webhook ends', { reason: messageOf(signal.reason) });
    await webhook.stop();
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    kube.close();
  }
  return code();
};

const describe = (error: unknown): string => {
  const because = error instanceof CanaryError && error.because !== undefined ? `\nbecause: ${error.because}` : '';
  const remedy = error instanceof CanaryError && error.remedy !== undefined ? `\ntry: ${error.remedy}` : '';
  return `error: ${messageOf(error)}${because}${remedy}\n`;
};

/** Runs the webhook until it is asked to end; resolves with the exit code. */
const main = async (argv: readonly string[]): Promise<number> => {
  try {
    const settings = readSettings(argv, process.env);
    if (settings !== undefined) return await serve(settings);
    process.stdout.write(helpText());
    return EXIT.done;
  } catch (error) {
    process.stderr.write(describe(error));
    return error instanceof CanaryError ? error.exitCode : EXIT.bug;
  }
};

void main(process.argv.slice(2)).then((code) => process.exit(code));
