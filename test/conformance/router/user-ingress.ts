/** What fixtures of providers have in common that write an Ingress of their own beside the user's. */
import type { KubeObject } from '../../../shared/api/kube.ts';
import { withSpec } from '../../make/canary.ts';

/** Why no object of the user is taken over or given back. */
export const BESIDE = "it writes an Ingress of its own beside the user's, which it never changes";

/** The Canary names the user's Ingress. */
export const withIngress = withSpec({
  ingressRef: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'web' },
});

/** The user's Ingress, with more in its spec. */
export const userIngress = (more: object = {}): KubeObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'web', namespace: 'test', labels: { team: 'a' }, annotations: { note: 'mine' } },
  spec: {
    ...more,
    rules: [
      {
        host: 'app.example.com',
        http: {
          paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'podinfo', port: { number: 80 } } } }],
        },
      },
    ],
  },
});
