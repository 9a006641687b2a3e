/** What a test does with a running control plane, from whichever process it runs in. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Programs } from './cache.ts';

/** Plain data: crosses process borders. */
export interface ControlPlaneInfo {
  /** `https://127.0.0.1:<port>` */
  readonly server: string;
  /** Everything of this control plane lies here: certificates, logs, data. Removed by `stop`. */
  readonly folder: string;
  /** Path of the administrator's kubeconfig file. */
  readonly kubeconfig: string;
  readonly caFile: string;
  readonly programs: Programs;
  /** For programs that a test starts: KUBECONFIG, and a kubectl cache of this cluster's own. */
  readonly environment: Readonly<Record<string, string>>;
  /** Whether the KEDA operator and metrics adapter run. */
  readonly keda: boolean;
  /** One JSON line per API request, when asked for with `audit`. */
  readonly auditLog: string | undefined;
}

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  /** Standard input. */
  readonly input?: string;
  /** Another user's kubeconfig file. */
  readonly kubeconfig?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds; 60 s by default. The program is killed then, and its code is 124. */
  readonly timeoutMs?: number;
}

export interface ClusterHandle extends ControlPlaneInfo {
  /** Runs the real kubectl. Never throws for what kubectl says; the exit code tells. */
  kubectl(args: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** Runs the real helm. */
  helm(args: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** Applies objects server-side as field manager `user`; throws with kubectl's words when that is refused. */
  apply(...objects: readonly object[]): Promise<void>;
  /** One object as data, or undefined when it does not exist: `get('deployment', 'podinfo', 'test')`. */
  get(resource: string, name: string, namespace?: string): Promise<Record<string, unknown> | undefined>;
  /** Creates a namespace of the test's own, `<prefix>-<random>`, and answers its name. */
  namespace(prefix: string): Promise<string>;
  /** A kubeconfig file with which a program acts as the ServiceAccount, which must exist. Its token holds for an hour. */
  serviceAccountKubeconfig(namespace: string, name: string): Promise<string>;
}

export type User = { readonly token: string } | { readonly certificate: string; readonly key: string };

/** Writes a kubeconfig file with one user, and answers its path. */
export const writeKubeconfig = (
  file: string,
  cluster: { readonly server: string; readonly caFile: string },
  user: User,
): string => {
  const credentials =
    'token' in user ? { token: user.token } : { 'client-certificate': user.certificate, 'client-key': user.key };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server: cluster.server, 'certificate-authority': cluster.caFile } }],
    users: [{ name: 'test', user: credentials }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  };
  writeFileSync(file, stringify(config), { mode: 0o600 });
  return file;
};

/** Runs a program to its end and collects what it printed. */
export const runCommand = (
  file: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> =>
  new Promise((resolve, reject) => {
    const child = spawn(file, args, { env: { ...process.env, ...options.env }, stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, options.timeoutMs ?? 60_000);
    child.stdout.setEncoding('utf8').on('data', (part: string) => (stdout += part));
    child.stderr.setEncoding('utf8').on('data', (part: string) => (stderr += part));
    child.on('error', reject);
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code: late ? 124 : (code ?? 1), stdout, stderr });
    });
  });

const orThrow = (result: CommandResult, what: string): string => {
  if (result.code !== 0) throw new Error(`${what}: ${result.stderr.trim()}`);
  return result.stdout;
};

/** The handle of a control plane that runs somewhere on this machine. */
export const attach = (info: ControlPlaneInfo): ClusterHandle => {
  const run =
    (program: 'kubectl' | 'helm') =>
    (args: readonly string[], options: CommandOptions = {}) => {
      const user = options.kubeconfig === undefined ? {} : { KUBECONFIG: options.kubeconfig };
      const env = { ...info.environment, ...user, ...options.env };
      return runCommand(info.programs.paths[program], args, { ...options, env });
    };
  const kubectl = run('kubectl');
  return {
    ...info,
    kubectl,
    helm: run('helm'),
    apply: async (...objects) => {
      const input = objects.map((object) => JSON.stringify(object)).join('\n---\n');
      orThrow(await kubectl(['apply', '--server-side', '--field-manager=user', '-f', '-'], { input }), 'apply');
    },
    get: async (resource, name, namespace) => {
      const scope = namespace === undefined ? [] : ['--namespace', namespace];
      const text = orThrow(await kubectl(['get', resource, name, ...scope, '--ignore-not-found', '-o', 'json']), 'get');
      return text.trim() === '' ? undefined : (JSON.parse(text) as Record<string, unknown>);
    },
    namespace: async (prefix) => {
      const name = `${prefix}-${randomBytes(3).toString('hex')}`;
      orThrow(await kubectl(['create', 'namespace', name]), 'create namespace');
      return name;
    },
    serviceAccountKubeconfig: async (namespace, name) => {
      const token = orThrow(await kubectl(['create', 'token', name, '--namespace', namespace]), 'create token').trim();
      return writeKubeconfig(join(info.folder, `${namespace}-${name}.kubeconfig`), info, { token });
    },
  };
};
