/** One control plane for the whole lane: each test works in a namespace of its own. */
import type { TestProject } from 'vitest/node';
import type { ControlPlaneInfo } from './control-plane/handle.ts';
import { startControlPlane } from './control-plane/start.ts';

declare module 'vitest' {
  interface ProvidedContext {
    controlPlane: ControlPlaneInfo;
  }
}

/** Vitest calls this before the lane, and what it returns after it. */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const { server, folder, kubeconfig, caFile, programs, environment, keda, auditLog, stop } = await startControlPlane({
    keda: true,
    audit: true,
  });
  project.provide('controlPlane', { server, folder, kubeconfig, caFile, programs, environment, keda, auditLog });
  return stop;
};
