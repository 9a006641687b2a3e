import { describe, expect, it } from 'vitest';
import type { Canary } from '../../../../shared/api/canary.ts';
import { sceneOf } from '../../../../shared/engine/scene.ts';
import { DEFAULT_SETTINGS } from '../../../../shared/engine/settings.ts';
import { aCanary, withSpec } from '../../../make/canary.ts';

const KNATIVE = { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name: 'podinfo' } as const;

/** A Canary of this provider, or of none. */
const canaryOf = (provider: string | undefined, targetRef?: typeof KNATIVE): Canary => {
  const { provider: _, ...spec } = aCanary(...(targetRef ? [withSpec({ targetRef })] : [])).spec;
  return { ...aCanary(), spec: { ...spec, ...(provider !== undefined && { provider }) } };
};

describe('the provider that counts', () => {
  it.each<[string, Canary, string, string]>([
    ["the controller's where the Canary names none", canaryOf(undefined), 'nginx', 'nginx'],
    ["the Canary's own before it", canaryOf('nginx'), 'knative', 'nginx'],
    ["the controller's for a Knative Service, too", canaryOf(undefined, KNATIVE), 'knative', 'knative'],
  ])('is %s', (_what, canary, meshProvider, provider) => {
    expect(sceneOf(canary, { ...DEFAULT_SETTINGS, meshProvider })).toMatchObject({ provider, router: { provider } });
  });

  it.each<[string, Canary, string]>([
    ['a Deployment', canaryOf(undefined), 'knative'],
    ['a Knative Service', canaryOf(undefined, KNATIVE), 'istio'],
  ])("is told where %s can't be its target", (_what, canary, meshProvider) => {
    const problem = expect.stringContaining(`"${meshProvider}" cannot route to a target of kind`) as string;
    expect(sceneOf(canary, { ...DEFAULT_SETTINGS, meshProvider })).toEqual({ problem });
  });
});
