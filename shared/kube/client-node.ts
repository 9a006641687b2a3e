/** The one place that names the library. A module of its own, so that bundlers keep of it only what is named here. */
export { KubeConfig } from '@kubernetes/client-node';
