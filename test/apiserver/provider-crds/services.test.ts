import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KINDS } from '../../../shared/api/kinds.ts';
import { type KubeObject, type Ref, refKey, refTo } from '../../../shared/api/kube.ts';
import type { Write } from '../../../shared/api/model.ts';
import {
  type ServiceContext,
  type Side,
  serviceRef,
  serviceRestored,
  serviceWrite,
} from '../../../shared/routing/services.ts';
import { FULL_SERVICE } from '../../conformance/router/canaries.ts';
import { aCanary, withService } from '../../make/canary.ts';
import { contextOf, type Loose } from '../../unit/shared/routing/board.ts';
import { lostOf } from './difference.ts';
import { type StrictServer, startStrictServer } from './server.ts';

const SIDES: readonly Side[] = ['canary', 'primary', 'apex'];

let server: StrictServer;

beforeAll(async () => {
  server = await startStrictServer();
});

afterAll(() => server?.close());

const contextFor = (...more: Parameters<typeof aCanary>): ServiceContext => ({
  ...contextOf(aCanary(...more)),
  selectorLabel: 'app',
  selectorValue: 'podinfo',
  containers: [
    { name: 'podinfo', ports: [{ containerPort: 9898 }, { name: 'dns', containerPort: 53, protocol: 'UDP' }] },
  ],
});

const objectsOf = (ref: Ref, live: KubeObject) => new Map([[refKey(ref), live]]);

/** Carries it out; what it sent must be what is held. */
const written = async (write: Write | undefined): Promise<KubeObject> => {
  if (write?.do !== 'create' && write?.do !== 'replace') throw new Error('nothing was to be written');
  const held = await server.write(write);
  expect(lostOf(write.object['spec'], held['spec'])).toEqual([]);
  return held;
};

describe('a Service on a real API server', () => {
  it.each([
    ['little', contextFor()],
    ['all that it can be', contextFor(FULL_SERVICE, withService({ trafficDistribution: 'PreferClose' }))],
    ['headless', contextFor(withService({ headless: true }))],
  ])('is kept whole where it says %s, and its defaults are no drift', async (_what, context) => {
    for (const side of SIDES) {
      const ref = serviceRef(context, side);
      const held = await written(serviceWrite(context, side, new Map()));
      expect(serviceWrite(context, side, objectsOf(ref, held))).toBeUndefined();
      expect(serviceRestored(context, objectsOf(ref, held))).toBeUndefined();
      await server.kube.remove(ref);
    }
  });

  it('of a user, reached through nodes, is taken over and comes back as it was', async () => {
    const context = contextFor();
    const ref = refTo(KINDS.service, 'test', 'podinfo');
    const object: KubeObject = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'podinfo', namespace: 'test', labels: { mine: '1' } },
      spec: {
        type: 'NodePort',
        selector: { app: 'podinfo', tier: 'front' },
        ports: [
          { name: 'web', port: 80, targetPort: 9898 },
          { name: 'metrics', port: 9797, targetPort: 9797 },
        ],
      },
    };
    const nodePorts = ({ spec }: Loose): number[] => spec.ports.map(({ nodePort }: Loose) => nodePort);
    const before = await server.write({ do: 'create', ref, object });
    const taken = await written(serviceWrite(context, 'apex', objectsOf(ref, before)));
    expect(taken['spec']).toMatchObject({
      selector: { app: 'podinfo-primary' },
      ports: [{ port: 80 }, { port: 9797 }],
    });
    expect(nodePorts(taken)).toEqual(nodePorts(before));
    expect(serviceWrite(context, 'apex', objectsOf(ref, taken))).toBeUndefined();
    const back = await written(serviceRestored(context, objectsOf(ref, taken)));
    expect(lostOf(before['spec'], back['spec'])).toEqual([]);
    expect(back.metadata.annotations).toBeUndefined();
    await server.kube.remove(ref);
  });
});
