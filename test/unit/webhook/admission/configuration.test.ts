import { expect, test } from 'vitest';
import { type ConfigurationOptions, webhookConfigurations } from '../../../../webhook/admission/configuration.ts';

const OPTIONS: ConfigurationOptions = {
  name: 'kubectl-canary',
  target: { service: { name: 'webhook', namespace: 'canary-system' } },
  ownNamespace: 'canary-system',
};

interface Hook {
  name: string;
  rules: { apiGroups: string[]; resources: string[]; operations: string[] }[];
  clientConfig: Record<string, unknown>;
  [field: string]: unknown;
}

const hooksIn = (options: ConfigurationOptions): Hook[] => {
  const { validating, mutating } = webhookConfigurations(options);
  return [validating, mutating].flatMap((configuration) => configuration['webhooks'] as Hook[]);
};

test('three entries: validate, delete, mutate; each with a name of three parts', () => {
  expect(hooksIn(OPTIONS).map((hook) => hook.name)).toEqual([
    'validate.webhook.kubectl-canary',
    'delete.webhook.kubectl-canary',
    'mutate.webhook.kubectl-canary',
  ]);
});

test('only our kinds and ScaledObjects are ever sent, main resources alone', () => {
  for (const hook of hooksIn(OPTIONS)) {
    expect(hook.rules.map((rule) => [rule.apiGroups, rule.resources])).toEqual([
      [['flagger.app'], ['canaries', 'metrictemplates', 'alertproviders']],
      [['keda.sh'], ['scaledobjects']],
    ]);
  }
});

test('every entry fails open, has no side effects, takes three seconds at most and spares system namespaces and its own', () => {
  for (const hook of hooksIn(OPTIONS)) {
    expect(hook).toMatchObject({
      failurePolicy: 'Ignore',
      sideEffects: 'None',
      timeoutSeconds: 3,
      matchPolicy: 'Equivalent',
      namespaceSelector: {
        matchExpressions: [
          {
            key: 'kubernetes.io/metadata.name',
            operator: 'NotIn',
            values: ['kube-system', 'kube-node-lease', 'kube-public', 'canary-system'],
          },
        ],
      },
    });
  }
});

test('a stricter policy never reaches deletes', () => {
  const policies = hooksIn({ ...OPTIONS, failurePolicy: 'Fail' }).map((hook) => hook['failurePolicy']);
  expect(policies).toEqual(['Fail', 'Ignore', 'Fail']);
});

test('a Service is named with its path and port 443', () => {
  expect(hooksIn(OPTIONS).map((hook) => hook.clientConfig['service'])).toEqual([
    { name: 'webhook', namespace: 'canary-system', path: '/validate', port: 443 },
    { name: 'webhook', namespace: 'canary-system', path: '/validate', port: 443 },
    { name: 'webhook', namespace: 'canary-system', path: '/mutate', port: 443 },
  ]);
});

test('outside of a cluster an address takes the place of the Service', () => {
  const [first] = hooksIn({ ...OPTIONS, target: { url: 'https://127.0.0.1:10250/' }, caBundle: 'PEM' });
  expect(first?.clientConfig).toEqual({ url: 'https://127.0.0.1:10250/validate', caBundle: 'UEVN' });
});

test('a chart gets no caBundle: that one is written by the process', () => {
  expect(hooksIn(OPTIONS).some((hook) => 'caBundle' in hook.clientConfig)).toBe(false);
});
