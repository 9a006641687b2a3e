/** The control plane that all tests of this lane share. */
import { inject } from 'vitest';
import { attach, type ClusterHandle } from './control-plane/handle.ts';

/** kubectl, helm and kubeconfigs of the running control plane; only inside a test of this lane. */
export const sharedCluster = (): ClusterHandle => attach(inject('controlPlane'));
