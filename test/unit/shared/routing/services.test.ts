import { describe, expect, it } from 'vitest';
import type { Canary, CanaryService } from '../../../../shared/api/canary.ts';
import { type KubeObject, refKey } from '../../../../shared/api/kube.ts';
import {
  type ServiceContext,
  type Side,
  serviceRef,
  serviceRestored,
  serviceWrite,
} from '../../../../shared/routing/services.ts';
import { aCanary, withService } from '../../../make/canary.ts';
import { contextOf, type Loose } from './board.ts';

const DRIFT = {
  'kustomize.toolkit.fluxcd.io/reconcile': 'disabled',
  'helm.toolkit.fluxcd.io/driftDetection': 'disabled',
};

const contextFor = (
  service: Partial<CanaryService> = {},
  containers: ServiceContext['containers'] = [],
): ServiceContext => {
  const canary: Canary = aCanary(withService(service));
  return { ...contextOf(canary), selectorLabel: 'app', selectorValue: 'podinfo', containers };
};

const made = (side: Side, context = contextFor()): Loose => {
  const write = serviceWrite(context, side, new Map()) as Loose;
  expect(write.do).toBe('create');
  return write.object;
};

/** The write for a Service that is there already. */
const write = (live: KubeObject, context = contextFor(), side: Side = 'apex'): Loose =>
  serviceWrite(context, side, new Map([[refKey(serviceRef(context, side)), live]]));

const edited = (live: Loose, change: (object: Loose) => void): KubeObject => {
  const copy = structuredClone(live);
  change(copy);
  return copy;
};

describe('a new Service', () => {
  it.each<[Side, string, string]>([
    ['apex', 'podinfo', 'podinfo-primary'],
    ['primary', 'podinfo-primary', 'podinfo-primary'],
    ['canary', 'podinfo-canary', 'podinfo'],
  ])('for the %s is named %s and selects %s', (side, name, selected) => {
    expect(made(side)).toMatchObject({
      metadata: {
        name,
        namespace: 'test',
        labels: { app: name },
        annotations: DRIFT,
        ownerReferences: [{ kind: 'Canary' }],
      },
      spec: {
        type: 'ClusterIP',
        selector: { app: selected },
        ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 9898 }],
      },
    });
  });

  it('is named after spec.service.name where there is one', () => {
    expect(
      (['apex', 'primary', 'canary'] as const).map((side) => made(side, contextFor({ name: 'front' })).metadata.name),
    ).toEqual(['front', 'front-primary', 'front-canary']);
  });

  it('has the labels and annotations given for its side, but not its own overruled', () => {
    const context = contextFor({ canary: { labels: { app: 'mine', team: 'a' }, annotations: { note: 'x' } } });
    expect(made('canary', context).metadata).toMatchObject({
      labels: { app: 'podinfo-canary', team: 'a' },
      annotations: { note: 'x' },
    });
    expect(made('primary', context).metadata.labels).toEqual({ app: 'podinfo-primary' });
  });

  it('may be headless, and keep traffic close', () => {
    expect(made('apex', contextFor({ headless: true, trafficDistribution: 'PreferClose' })).spec).toMatchObject({
      clusterIP: 'None',
      trafficDistribution: 'PreferClose',
    });
  });
});

describe('a Service of ours', () => {
  const live: Loose = { ...made('apex'), metadata: { ...made('apex').metadata, resourceVersion: '4' } };
  live.spec.clusterIP = '10.0.0.1';

  it('that is as it should be is not written', () => {
    expect(write(live)).toBeUndefined();
    expect(write(edited(live, ({ spec }) => spec.ports.reverse()))).toBeUndefined();
  });

  it.each<[string, (object: Loose) => void]>([
    ['another selector', ({ spec }) => (spec.selector = { app: 'podinfo' })],
    ['another port', ({ spec }) => (spec.ports[0].targetPort = 1)],
    ['no ports', ({ spec }) => delete spec.ports],
    ['a label more', ({ metadata }) => (metadata.labels.foreign = '1')],
    ['an annotation less', ({ metadata }) => (metadata.annotations = {})],
  ])('with %s is put right, and keeps what the server set', (_what, change) => {
    const { object, do: how } = write(edited(live, change));
    expect(how).toBe('replace');
    expect(object).toEqual(live);
  });

  it('never becomes headless afterwards: the API server admits no such change', () => {
    expect(write(live, contextFor({ headless: true }))).toBeUndefined();
  });

  it('keeps the keys that the user told us to leave', () => {
    const marked = edited(live, ({ metadata }) => {
      metadata.labels.lb = '1';
      metadata.annotations.cloud = '2';
      metadata.annotations.other = '3';
    });
    const context = contextFor({ unmanagedMetadata: { labels: ['lb'], annotations: ['cloud'] } });
    expect(write(marked, context).object.metadata).toMatchObject({
      labels: { app: 'podinfo', lb: '1' },
      annotations: { cloud: '2', ...DRIFT },
    });
    expect(write(marked, context).object.metadata.annotations).not.toHaveProperty('other');
  });

  it('follows a traffic distribution that alone has changed', () => {
    const { object } = write(live, contextFor({ trafficDistribution: 'PreferClose' }));
    expect(object.spec).toEqual({ ...live.spec, trafficDistribution: 'PreferClose' });
  });

  it('follows a changed port, protocol and traffic distribution', () => {
    const { object } = write(
      live,
      contextFor({
        port: 8080,
        portName: 'grpc',
        appProtocol: 'kubernetes.io/h2c',
        trafficDistribution: 'PreferSameZone',
      }),
    );
    expect(object.spec).toMatchObject({
      clusterIP: '10.0.0.1',
      trafficDistribution: 'PreferSameZone',
      ports: [{ name: 'grpc', port: 8080, targetPort: 9898, appProtocol: 'kubernetes.io/h2c' }],
    });
  });
});

describe('a Service of a user', () => {
  const ofUser: Loose = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'podinfo', namespace: 'test', labels: { mine: '1' }, annotations: { note: 'x' } },
    spec: {
      type: 'LoadBalancer',
      sessionAffinity: 'ClientIP',
      selector: { app: 'podinfo' },
      ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 9898, nodePort: 30_080 }],
    },
  };

  const ORIGINAL = 'flagger.kubernetes.io/original-configuration';
  const APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
  const adopted = (live: KubeObject): Loose => write(live).object;
  const restored = (live: KubeObject): Loose => {
    const context = contextFor();
    const found = serviceRestored(context, new Map([[refKey(serviceRef(context, 'apex')), live]])) as Loose;
    return found?.object;
  };

  it('keeps its type, node ports and metadata; Flux alone is told to leave it', () => {
    const object = adopted(ofUser);
    expect(object.metadata).toEqual({
      ...ofUser.metadata,
      annotations: { note: 'x', ...DRIFT, [ORIGINAL]: expect.stringContaining('"selector"') },
    });
    expect(object.spec).toEqual({ ...ofUser.spec, selector: { app: 'podinfo-primary' } });
    expect(write(object)).toBeUndefined();
  });

  it('keeps ports of its own, and comes back as it was', () => {
    const wide = edited(ofUser, ({ spec }) => {
      spec.selector = { app: 'podinfo', tier: 'front' };
      spec.ports = [
        { name: 'web', protocol: 'TCP', port: 80, targetPort: 9898, nodePort: 30_080 },
        { name: 'metrics', protocol: 'TCP', port: 9797, targetPort: 9797, nodePort: 30_081 },
      ];
    });
    const object = adopted(wide);
    expect(object.spec.selector).toEqual({ app: 'podinfo-primary' });
    expect(object.spec.ports.map(({ name, port, nodePort }: Loose) => `${name} ${port} ${nodePort}`)).toEqual([
      'http 80 30080',
      'metrics 9797 30081',
    ]);
    expect(write(object)).toBeUndefined();
    expect(restored(object)).toEqual(wide);
    expect(restored(wide)).toBeUndefined();
  });

  it.each([
    ['the same number', { port: 80 }, [['http', 30_080]]],
    ['the same name', { port: 8080 }, [['http', 30_080]]],
    [
      'the same number alone, once',
      { port: 80, portName: 'web', ports: [{ name: 'http', port: 8080 }] },
      [
        ['web', 30_080],
        ['http', undefined],
      ],
    ],
  ])('keeps the node port of %s', (_what, service, ports) => {
    const { object } = write(ofUser, contextFor(service));
    expect(object.spec.ports.map(({ name, nodePort }: Loose) => [name, nodePort])).toEqual(ports);
  });

  it('comes back as kubectl last applied it, with the node ports that it has', () => {
    const applied = { spec: { selector: { app: 'podinfo', tier: 'front' }, ports: [{ name: 'http', port: 80 }] } };
    const known = edited(ofUser, ({ metadata }) => (metadata.annotations[APPLIED] = JSON.stringify(applied)));
    const object = adopted(known);
    expect(object.metadata.annotations[ORIGINAL]).toBeUndefined();
    expect(restored(object)).toMatchObject({
      metadata: known.metadata,
      spec: { selector: applied.spec.selector, ports: [{ name: 'http', port: 80, nodePort: 30_080 }] },
    });
  });

  it.each([undefined, 'no JSON', '{}'])('leads to the target in the end where it is remembered as %s', (memory) => {
    const object = edited(adopted(ofUser), ({ metadata }) => {
      if (memory === undefined) delete metadata.annotations[ORIGINAL];
      else metadata.annotations[ORIGINAL] = memory;
    });
    expect(restored(object)).toEqual(ofUser);
  });

  it('is not restored where it was made for a Canary, or is gone', () => {
    expect(restored(made('apex'))).toBeUndefined();
    expect(serviceRestored(contextFor(), new Map())).toBeUndefined();
  });

  it('that selects the primary already is not written for its metadata alone', () => {
    expect(write(edited(ofUser, ({ spec }) => (spec.selector = { app: 'podinfo-primary' })))).toBeUndefined();
  });

  it('of another Canary is not ours', () => {
    const other = edited(
      ofUser,
      ({ metadata }) => (metadata.ownerReferences = [{ kind: 'Canary', name: 'other', controller: true }]),
    );
    expect(write(other).object.metadata.labels).toEqual({ mine: '1' });
  });
});
