/** Registry of the small controllers, and how to start them. */
import type { Clock } from '../../engine/ports.ts';
import type { SimServer } from '../server.ts';
import { createDaemonSetController } from './daemonset.ts';
import { createDeploymentController } from './deployment.ts';
import { createGarbageCollector } from './garbage.ts';
import { createHpaController } from './hpa.ts';
import { createKedaController } from './keda.ts';
import { createNamespaceController } from './namespaces.ts';
import { createPodController, type PodOptions } from './pods.ts';
import { createReplicaSetController } from './replicaset.ts';
import { type Controller, createWorkshop, runController, type Workshop } from './runner.ts';
import { type LoadSource, noLoad } from './scaling.ts';

export type ControllerName =
  | 'deployment'
  | 'replicaset'
  | 'daemonset'
  | 'pod'
  | 'hpa'
  | 'keda'
  | 'garbage'
  | 'namespace';

export interface ControllersOptions {
  readonly clock: Clock;
  /** Which to run; all but KEDA unless told. */
  readonly only?: readonly ControllerName[];
  /** What scalers see of the load; without it they only keep their bounds. Asking for it keeps timers running for ever. */
  readonly load?: LoadSource;
  /** How long a controller takes to notice a change, in milliseconds (10). */
  readonly reactionMs?: number;
  /** How long a pod takes from its creation to ready, in milliseconds (1000). */
  readonly readyAfterMs?: number;
  /** Decides for one pod; undefined leaves it to annotation and image tag. */
  readonly readiness?: PodOptions['readiness'];
}

export interface Controllers {
  stop(): void;
}

const MAKERS: Readonly<Record<ControllerName, (workshop: Workshop, options: ControllersOptions) => Controller>> = {
  deployment: createDeploymentController,
  replicaset: createReplicaSetController,
  daemonset: createDaemonSetController,
  hpa: (workshop, options) => createHpaController(workshop, options.load ?? noLoad),
  keda: (workshop, options) => createKedaController(workshop, options.load ?? noLoad),
  pod: (workshop, options) =>
    createPodController(workshop, {
      readyAfterMs: options.readyAfterMs ?? 1000,
      ...(options.readiness === undefined ? {} : { readiness: options.readiness }),
    }),
  garbage: createGarbageCollector,
  namespace: createNamespaceController,
};

/** Starts the controllers on a clock. They work until stopped. */
export const startControllers = (server: SimServer, options: ControllersOptions): Controllers => {
  const workshop = createWorkshop(server, options.clock);
  const names = options.only ?? (Object.keys(MAKERS) as ControllerName[]).filter((name) => name !== 'keda');
  const stops = names.map((name) => runController(workshop, MAKERS[name](workshop, options), options.reactionMs ?? 10));
  return {
    stop() {
      for (const stop of stops) stop();
    },
  };
};
