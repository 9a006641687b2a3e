import { KINDS } from '../../shared/api/kinds.ts';
import type { Kind } from '../../shared/api/kube.ts';
import type { Kube } from '../../shared/engine/ports.ts';
import { hasCode } from '../../shared/errors.ts';
import { createKube } from '../../shared/kube/client.ts';
import { loadConnection } from '../../shared/kube/config.ts';
import { removePlaces } from '../conformance/kube/fixture.ts';
import { kubeSuite } from '../conformance/kube/suite.ts';
import { until } from '../make/until.ts';
import { sharedCluster } from './shared-cluster.ts';

const THING: Kind = { apiVersion: 'kube-suite.example/v1', kind: 'Thing', plural: 'things', namespaced: true };
const GROUP = 'kube-suite.example';

/** The server's memory of a kind begins when the kind is first served: version 1 is from before that. */
const newKind = async (kube: Kube): Promise<{ kind: Kind; version: string }> => {
  await kube.create(KINDS.crd, {
    apiVersion: KINDS.crd.apiVersion,
    kind: KINDS.crd.kind,
    metadata: { name: `${THING.plural}.${GROUP}` },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: { kind: THING.kind, plural: THING.plural, singular: 'thing', listKind: 'ThingList' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  });
  const isServed = (): Promise<boolean> =>
    kube.list(THING).then(
      () => true,
      (error: unknown) => !hasCode(error, 'KIND_MISSING'),
    );
  await until(isServed, 'the new kind', 60_000);
  return { kind: THING, version: '1' };
};

kubeSuite('our client to a real API server', async () => {
  const kube = createKube(await loadConnection({ kubeconfig: sharedCluster().kubeconfig, env: {} }), { pageSize: 3 });
  return {
    kube,
    tooOld: () => newKind(kube),
    async stop() {
      await removePlaces(kube);
      await kube.remove({ kind: KINDS.crd, namespace: '', name: `${THING.plural}.${GROUP}` });
      kube.close();
    },
  };
});
