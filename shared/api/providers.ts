/** Every value of `spec.provider` that the API admits; whether a router exists for it is the registry's to say. */
export const PROVIDERS = [
  'apisix',
  'appmesh',
  'appmesh:v1beta2',
  'contour',
  'gatewayapi:v1',
  'gatewayapi:v1beta1',
  'gloo',
  'istio',
  'knative',
  'kubernetes',
  'kuma',
  'linkerd',
  'nginx',
  'osm',
  'skipper',
  'smi:v1alpha1',
  'smi:v1alpha2',
  'smi:v1alpha3',
  'traefik',
] as const;

/** Of Canaries that name none, unless the driver is told otherwise; the reference's default too. */
export const DEFAULT_PROVIDER: ProviderName = 'istio';

export type ProviderName = (typeof PROVIDERS)[number];
