/** The bundles as users run them: built afresh, started as processes, ended by their own id. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Site } from './bench.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Builds all programs into `folder`. Throws with the builder's words. */
export const buildInto = (folder: string): void => {
  const script = join(ROOT, 'scripts/build.ts');
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', script, '--outdir', folder], {
    cwd: ROOT,
  });
  if (status !== 0) throw new Error(`the build failed: ${stderr.toString()}`);
};

/** The environment of this process without what makes each start of Node dearer than it is for users. */
export const plainEnvironment = (): NodeJS.ProcessEnv => {
  const { NODE_EXTRA_CA_CERTS: _ca, NODE_OPTIONS: _options, KUBECONFIG: _kubeconfig, ...env } = process.env;
  return env;
};

export const plugin = (site: Site): string => join(site.dist, 'kubectl-canary.cjs');

export type LogLine = Readonly<Record<string, unknown>>;

export interface Program {
  readonly pid: number;
  /** The first log line, past or to come, of which `test` says yes. Rejects when the program ends before. */
  line(test: (line: LogLine) => boolean): Promise<LogLine>;
  /** Asks it to end; resolves when it is gone. */
  stop(): Promise<void>;
}

const HURRY_MS = 10_000;

const stopChild = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const killer = setTimeout(() => child.kill('SIGKILL'), HURRY_MS);
  child.kill('SIGTERM');
  await gone;
  clearTimeout(killer);
};

/** Starts Node with these arguments; what it writes to stdout and stderr are its log lines, JSON or text. */
export const startProgram = (args: readonly string[], env: NodeJS.ProcessEnv): Program => {
  const child = spawn(process.execPath, args, { env, cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: LogLine[] = [];
  const waiting = new Set<(line: LogLine) => void>();
  const ended = new Promise<never>((_, reject) => {
    child.once('exit', (code) =>
      reject(new Error(`${args.join(' ')} ended (${code}): ${JSON.stringify(lines.at(-1))}`)),
    );
  });
  ended.catch(() => undefined);
  process.once('exit', () => void (child.exitCode === null && child.kill('SIGKILL')));
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (text) => {
      const line = (text.startsWith('{') ? JSON.parse(text) : { msg: text }) as LogLine;
      if (waiting.size > 0 || lines.length < 1000) lines.push(line);
      for (const look of waiting) look(line);
    });
  }
  return {
    pid: child.pid ?? 0,
    line(test) {
      const known = lines.find(test);
      if (known !== undefined) return Promise.resolve(known);
      const coming = new Promise<LogLine>((resolve) => {
        const look = (line: LogLine): void => {
          if (!test(line)) return;
          waiting.delete(look);
          resolve(line);
        };
        waiting.add(look);
      });
      return Promise.race([coming, ended]);
    },
    stop: () => stopChild(child),
  };
};

export interface ControllerProgram extends Program {
  /** Where /healthz, /readyz and /metrics are. */
  readonly health: string;
}

/** As the chart sets it. */
const CONTROLLER_OPTIONS = '--max-semi-space-size=4';

/** The controller's bundle against an API server; resolves when it has started. */
export const startControllerProgram = async (site: Site, kubeconfig: string): Promise<ControllerProgram> => {
  const flags = ['--mesh-provider', 'kubernetes', '--metrics-server', site.metricsServer, '--port', '127.0.0.1:0'];
  const env = { ...site.env, NODE_OPTIONS: CONTROLLER_OPTIONS };
  const program = startProgram([plugin(site), 'controller', '--kubeconfig', kubeconfig, ...flags], env);
  const started = await program.line((line) => line['msg'] === 'controller starts');
  return { ...program, health: `http://127.0.0.1:${String(started['port'])}` };
};

/** The sum of a metric's series, and how many there are. */
export const readMetric = async (health: string, name: string): Promise<{ count: number; sum: number }> => {
  const text = await (await fetch(`${health}/metrics`)).text();
  const values = text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .map((line) => Number(line.slice(line.lastIndexOf(' ') + 1)));
  return { count: values.length, sum: values.reduce((sum, value) => sum + value, 0) };
};

/** Resolves once the controller has looked at so many Canaries: each has its series then. */
export const synced = async (controller: ControllerProgram, canaries: number): Promise<void> => {
  while ((await readMetric(controller.health, 'flagger_canary_status')).count < canaries) await wait(250);
};
