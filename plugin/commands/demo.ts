import type { Canary } from '../../shared/api/canary.ts';
import { EXIT } from '../../shared/errors.ts';
import type { Input } from '../cli/input.ts';
import type { Run } from '../cli/spec.ts';
import { usageError } from '../cli/usage.ts';
import { type DemoCluster, startCluster } from '../demo/cluster.ts';
import { play, storyLog, type Teller } from '../demo/story.ts';
import type { Io } from '../io.ts';
import { outStyle } from '../print.ts';
import { columns } from '../view/columns.ts';
import { canaryRows } from '../view/table.ts';

const clockText = (ms: number): string =>
  `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, '0')}`;

const tellerOn = (io: Io, input: Input): Teller => {
  const style = outStyle(input, io);
  const start = io.clock.monotonic();
  const line = (text: string) =>
    io.stdout.write(`${style.paint('dim', clockText(io.clock.monotonic() - start))}  ${text}\n`);
  return { act: (text) => line(style.paint('strong', text)), note: (text) => line(`  ${text}`) };
};

const portOf = (input: Input): number => {
  const port = input.whole('port') ?? 0;
  if (port < 0 || port > 65_535)
    throw usageError(`invalid value "${port}" for --port: must be a port number, or 0 for any free one`);
  return port;
};

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

const summarize = (canaries: readonly Canary[], refusal: string | undefined, input: Input, io: Io): number => {
  const rows = canaryRows(
    canaries,
    { now: io.clock.now(), wide: false, namespaces: false, showLabels: false, labelColumns: [], headers: true },
    outStyle(input, io),
  );
  io.stdout.write(`\n${columns(rows).join('\n')}\n\n`);
  const phases = Object.fromEntries(canaries.map((canary) => [canary.metadata.name, canary.status?.phase]));
  const isTold =
    phases['cart'] === 'Succeeded' && phases['ads'] === 'Failed' && phases['search'] === 'WaitingPromotion';
  const refused = refusal === undefined ? 'the wrong ScaledObject was not judged' : 'the wrong ScaledObject denied';
  io.stdout.write(`cart promoted, ads rolled back, search waits for a person, ${refused}.\n`);
  return isTold && refusal !== undefined ? EXIT.done : EXIT.no;
};

const keepRunning = async (cluster: DemoCluster, io: Io): Promise<void> => {
  const hints = [
    'it keeps running; Ctrl-C ends it. In another terminal:',
    `  export KUBECONFIG=${cluster.kubeconfig}`,
    '  kubectl get canaries -n shop -w',
    '  kubectl canary why ads -n shop',
    '  kubectl canary promote search -n shop',
  ];
  io.stdout.write(`${hints.join('\n')}\n`);
  await aborted(io.signal);
};

/** Starts the simulated cluster, plays the story, sums it up and ends. */
export const run: Run = async (input, io) => {
  let teller: Teller | undefined;
  const log = storyLog(() => teller);
  const cluster = await startCluster(io.clock, portOf(input), log);
  try {
    io.stdout.write(`a Kubernetes API server in this process: ${cluster.url}\n`);
    io.stdout.write(`kubectl works on it: export KUBECONFIG=${cluster.kubeconfig}\n\n`);
    teller = tellerOn(io, input);
    const { canaries, refusal } = await play(cluster, teller, io.clock, io.signal);
    teller = input.flag('keep') ? teller : undefined;
    const code = summarize(canaries, refusal, input, io);
    if (input.flag('keep')) await keepRunning(cluster, io);
    return code;
  } finally {
    await cluster.close();
  }
};
