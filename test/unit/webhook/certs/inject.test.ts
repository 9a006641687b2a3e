import { beforeEach, expect, test } from 'vitest';
import { KINDS } from '../../../../shared/api/kinds.ts';
import type { KubeObject } from '../../../../shared/api/kube.ts';
import { webhookConfigurations } from '../../../../webhook/admission/configuration.ts';
import { publishBundle } from '../../../../webhook/certs/inject.ts';
import { createFakeKube, type FakeKube } from '../fake-kube.ts';

const OPTIONS = {
  name: 'kubectl-canary',
  target: { service: { name: 'webhook', namespace: 'canary-system' } },
  ownNamespace: 'canary-system',
};
const WANTED = webhookConfigurations(OPTIONS);
const BUNDLE = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
const ENCODED = Buffer.from(BUNDLE).toString('base64');

let kube: FakeKube;
beforeEach(() => {
  kube = createFakeKube();
});

const bundlesIn = (kind: 'validatingWebhook' | 'mutatingWebhook'): unknown[] => {
  const hooks = (kube.find(KINDS[kind], '', OPTIONS.name)?.['webhooks'] ?? []) as {
    clientConfig: { caBundle?: string };
  }[];
  return hooks.map((hook) => hook.clientConfig.caBundle);
};

const install = (): void => {
  kube.put(KINDS.validatingWebhook, WANTED.validating);
  kube.put(KINDS.mutatingWebhook, WANTED.mutating);
};

test('every entry of both configurations gets the bundle, and the second look sees it there', async () => {
  install();
  expect(await publishBundle({ kube, name: OPTIONS.name }, BUNDLE)).toBe(false);
  expect(bundlesIn('validatingWebhook')).toEqual([ENCODED, ENCODED]);
  expect(bundlesIn('mutatingWebhook')).toEqual([ENCODED]);
  expect(await publishBundle({ kube, name: OPTIONS.name }, BUNDLE)).toBe(true);
});

test('what holds the bundle is only read', async () => {
  install();
  await publishBundle({ kube, name: OPTIONS.name }, BUNDLE);
  kube.calls.length = 0;
  await publishBundle({ kube, name: OPTIONS.name }, BUNDLE);
  expect(kube.calls.map((call) => call.split(' ')[0])).toEqual(['get', 'get']);
});

test('nothing but the bundle is touched in configurations that somebody else made', async () => {
  const theirs = structuredClone(WANTED.validating);
  (theirs['webhooks'] as { timeoutSeconds: number }[])[0]!.timeoutSeconds = 7;
  kube.put(KINDS.validatingWebhook, theirs);
  await publishBundle({ kube, name: OPTIONS.name }, BUNDLE);
  const hooks = kube.find(KINDS.validatingWebhook, '', OPTIONS.name)?.['webhooks'] as { timeoutSeconds: number }[];
  expect(hooks[0]?.timeoutSeconds).toBe(7);
});

test('missing configurations are no success and are not created by a process that does not register', async () => {
  expect(await publishBundle({ kube, name: OPTIONS.name }, BUNDLE)).toBe(false);
  expect(await publishBundle({ kube, name: OPTIONS.name }, BUNDLE)).toBe(false);
  expect(bundlesIn('validatingWebhook')).toEqual([]);
});

test('a process that registers creates both with the bundle in them', async () => {
  const injection = { kube, name: OPTIONS.name, wanted: WANTED };
  await publishBundle(injection, BUNDLE);
  expect(bundlesIn('validatingWebhook')).toEqual([ENCODED, ENCODED]);
  expect(bundlesIn('mutatingWebhook')).toEqual([ENCODED]);
  expect(await publishBundle(injection, BUNDLE)).toBe(true);
});

test('a process that registers puts an altered configuration right, whatever the API server added', async () => {
  const injection = { kube, name: OPTIONS.name, wanted: WANTED };
  await publishBundle(injection, BUNDLE);
  const live = kube.find(KINDS.mutatingWebhook, '', OPTIONS.name) as KubeObject;
  const hooks = live['webhooks'] as Record<string, unknown>[];
  kube.put(KINDS.mutatingWebhook, { ...live, webhooks: hooks.map((hook) => ({ ...hook, objectSelector: {} })) });
  expect(await publishBundle(injection, BUNDLE)).toBe(true);
  kube.put(KINDS.mutatingWebhook, { ...live, webhooks: hooks.map((hook) => ({ ...hook, failurePolicy: 'Fail' })) });
  expect(await publishBundle(injection, BUNDLE)).toBe(false);
  expect(kube.find(KINDS.mutatingWebhook, '', OPTIONS.name)).toMatchObject({ webhooks: [{ failurePolicy: 'Ignore' }] });
});
