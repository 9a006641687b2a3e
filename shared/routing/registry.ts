/** Every traffic provider, or family of them: one line each. */
export { apisix } from './apisix.ts';
export { appMesh } from './app-mesh.ts';
export { appMeshV1beta2 } from './app-mesh-v1beta2.ts';
export { contour } from './contour.ts';
export { gatewayApiRouters } from './gateway-api.ts';
export { gloo } from './gloo.ts';
export { istio } from './istio.ts';
export { knative } from './knative.ts';
export { kubernetes } from './kubernetes.ts';
export { kuma } from './kuma.ts';
export { nginx } from './nginx.ts';
export { skipper } from './skipper.ts';
export { smi } from './smi.ts';
export { traefik } from './traefik.ts';
