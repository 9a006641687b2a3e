import { describe, expect, it } from 'vitest';
import { KINDS } from '../../../../shared/api/kinds.ts';
import { refTo } from '../../../../shared/api/kube.ts';
import { checkCrds } from '../../../../shared/engine/preflight.ts';
import { CanaryError } from '../../../../shared/errors.ts';
import { openEngineWorld } from './engine-world.ts';

const NAME = 'canaries.flagger.app';

describe('before anything is driven', () => {
  it('our CRDs are found sound', async () => {
    const { deps } = await openEngineWorld([]);
    await expect(checkCrds(deps.kube)).resolves.toBeUndefined();
  });

  it.each([
    [NAME, 'Canary'],
    ['metrictemplates.flagger.app', 'MetricTemplate'],
    ['alertproviders.flagger.app', 'AlertProvider'],
  ])('a missing %s is named, with the command that brings it', async (crd, kind) => {
    const { deps, kube } = await openEngineWorld([]);
    await kube.remove(refTo(KINDS.crd, '', crd));
    const failure = await checkCrds(deps.kube).catch((error: unknown) => error as CanaryError);
    expect(failure).toMatchObject({
      code: 'KIND_MISSING',
      message: `the ${kind} resource type is not installed in this cluster`,
    });
    expect((failure as CanaryError).remedy).toContain('kubectl apply');
  });

  it('a CRD that would drop what a rollout remembers is refused', async () => {
    const { deps, kube } = await openEngineWorld([]);
    const crd = (await kube.get(refTo(KINDS.crd, '', NAME))) as unknown as {
      spec: { versions: { schema: { openAPIV3Schema: { properties: { status: { properties: object } } } } }[] };
    };
    const { properties } = crd.spec.versions[0]?.schema.openAPIV3Schema ?? { properties: { status: {} } };
    delete (properties.status as { properties?: { revision?: object } }).properties?.revision;
    await kube.replace(KINDS.crd, crd as never);
    await expect(checkCrds(deps.kube)).rejects.toMatchObject({ code: 'REFUSED' });
  });

  it('who may not read CRDs goes on, and any other failure stops', async () => {
    const forbidden = await openEngineWorld([], ({ kind }) => {
      if (kind === KINDS.crd) throw new CanaryError('API_FORBIDDEN', 'no');
    });
    await expect(checkCrds(forbidden.deps.kube)).resolves.toBeUndefined();
    const broken = await openEngineWorld([], () => {
      throw new CanaryError('API_UNREACHABLE', 'nobody there');
    });
    await expect(checkCrds(broken.deps.kube)).rejects.toMatchObject({ code: 'API_UNREACHABLE' });
  });
});
