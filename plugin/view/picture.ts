import type { Canary } from '../../shared/api/canary.ts';
import type { KubeObject } from '../../shared/api/kube.ts';

export interface Workload {
  readonly object: KubeObject | undefined;
  readonly pods: readonly KubeObject[];
  /** It could not be read, and may be there. */
  readonly isHidden?: boolean;
}

/** A Canary and what stands around it; undefined: not there, or not to be read. */
export interface Picture {
  readonly canary: Canary;
  readonly target: Workload;
  readonly primary: Workload;
  readonly scaler: KubeObject | undefined;
  readonly primaryScaler: KubeObject | undefined;
  readonly services: {
    readonly apex: KubeObject | undefined;
    readonly primary: KubeObject | undefined;
    readonly canary: KubeObject | undefined;
    /** One of them could not be read, and may be there. */
    readonly isHidden?: boolean;
  };
  readonly events: readonly KubeObject[];
}
