/** The chart's programs as real processes of this machine, under the rights that the chart gives them. */
import { fileURLToPath } from 'node:url';
import { containerOf, type Workload } from './chart-release.ts';
import { type Child, lastLines, startChild } from './control-plane/child.ts';
import { eventually, type Patience } from './control-plane/eventually.ts';
import type { ClusterHandle } from './control-plane/handle.ts';

interface PodSpec {
  readonly serviceAccountName: string;
}

/** Starts what a Deployment's pod would start, with its arguments, as its ServiceAccount; `folder` has the `main.ts`. */
export const startAs = async (
  cluster: ClusterHandle,
  deployment: { readonly name: string; readonly namespace: string; readonly folder: 'plugin' | 'webhook' },
  more: readonly string[],
): Promise<Child> => {
  const { name, namespace, folder } = deployment;
  const workload = (await cluster.get('deployment', name, namespace)) as unknown as Workload;
  const { args } = containerOf(workload);
  const { serviceAccountName } = workload.spec.template.spec as unknown as PodSpec;
  const kubeconfig = await cluster.serviceAccountKubeconfig(namespace, serviceAccountName);
  const main = fileURLToPath(new URL(`../../${folder}/main.ts`, import.meta.url));
  const command = ['--import', import.meta.resolve('tsx'), main, ...args, '--kubeconfig', kubeconfig, ...more];
  return startChild({ name, file: process.execPath, args: command, env: { POD_NAMESPACE: namespace } }, cluster.folder);
};

/** All that a program has written so far. */
export const logOf = (child: Child): string => lastLines(child.logFile, Number.MAX_SAFE_INTEGER);

/** Waits until `look` says yes; gives up at once, with its last words, when one of the programs has ended. */
export const eventuallyAlive = async (
  programs: readonly (Child | undefined)[],
  look: () => Promise<boolean>,
  patience: Patience,
): Promise<void> => {
  const deadOne = (): Child | undefined => programs.find((child) => child?.exitReason() !== undefined);
  await eventually(async () => deadOne() !== undefined || (await look()), {
    timeoutMs: 120_000,
    everyMs: 300,
    ...patience,
  });
  const dead = deadOne();
  if (dead !== undefined) throw new Error(`${dead.name} ended with ${dead.exitReason()}: ${lastLines(dead.logFile)}`);
};
