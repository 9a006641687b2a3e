import { describe, expect, it } from 'vitest';
import { KINDS } from '../../../../shared/api/kinds.ts';
import { refTo } from '../../../../shared/api/kube.ts';
import { service } from '../../../../shared/targets/service.ts';
import type { CandidateCodec } from '../../../../shared/targets/target.ts';
import { contextFor, OWNER, question } from './contexts.ts';

type Loose = ReturnType<typeof JSON.parse>;

const PORTS = [{ name: 'http', port: 80, targetPort: 9898, protocol: 'TCP' }];

const target = (spec: object, metadata: object = {}): Loose => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'podinfo', namespace: 'test', resourceVersion: '7', ...metadata },
  spec,
});

const ofAddress = (selector: string, more: object = {}): Loose =>
  target({
    type: 'ClusterIP',
    clusterIP: '10.0.0.1',
    clusterIPs: ['10.0.0.1'],
    ipFamilies: ['IPv4'],
    selector: { app: selector },
    ports: PORTS,
    ...more,
  });

const CONTEXT = contextFor(KINDS.service);
const candidate = service.candidate as CandidateCodec;
const CANDIDATE = { ...CONTEXT, ref: refTo(KINDS.service, 'test', 'podinfo-canary') };

/** A copy as the server keeps it: with an address, and a port on the nodes where its type has one. */
const stored = (copy: Loose, ip = '10.0.0.9', nodePort?: number): Loose => {
  const ports = copy.spec.ports?.map((port: Loose) => ({ ...port, ...(nodePort !== undefined && { nodePort }) }));
  return {
    ...copy,
    metadata: { ...copy.metadata, resourceVersion: '9' },
    spec: { ...copy.spec, clusterIP: ip, clusterIPs: [ip], ...(ports && { ports }) },
  };
};

describe('a copy of a Service', () => {
  it('has everything but what the server gives to one alone', () => {
    const source = ofAddress('a', {
      type: 'LoadBalancer',
      ports: [{ ...PORTS[0], nodePort: 31_000 }],
      healthCheckNodePort: 32_000,
      trafficDistribution: 'PreferClose',
    });
    const metadata = {
      labels: { team: 'a' },
      annotations: { note: 'keep', 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
      finalizers: ['x'],
    };
    const copy = service.createPrimary({ ...source, metadata: { ...source.metadata, ...metadata } }, CONTEXT) as Loose;
    expect(copy.metadata).toEqual({
      name: 'podinfo-primary',
      namespace: 'test',
      labels: { team: 'a' },
      annotations: { note: 'keep' },
      ownerReferences: [OWNER],
    });
    expect(copy.spec).toEqual({
      type: 'LoadBalancer',
      ipFamilies: ['IPv4'],
      selector: { app: 'a' },
      ports: PORTS,
      trafficDistribution: 'PreferClose',
    });
  });

  it.each<[string, object, object]>([
    ['that is headless', { clusterIP: 'None', clusterIPs: ['None'] }, { clusterIP: 'None', clusterIPs: ['None'] }],
    [
      'that is a name',
      { type: 'ExternalName', externalName: 'a.example.com' },
      { type: 'ExternalName', externalName: 'a.example.com' },
    ],
  ])('%s stays so', (_what, spec, expected) => {
    expect((service.createPrimary(target(spec), CONTEXT) as Loose).spec).toEqual(expected);
  });

  it('takes the traffic distribution of the Canary', () => {
    const context = { ...CONTEXT, trafficDistribution: 'PreferClose' };
    expect((service.createPrimary(ofAddress('a'), context) as Loose).spec.trafficDistribution).toBe('PreferClose');
  });
});

describe('promoting a Service', () => {
  const made = (nodePort?: number): Loose =>
    stored(service.createPrimary(ofAddress('a'), CONTEXT), '10.0.0.9', nodePort);

  it('keeps the address, the owner and what others wrote on the copy', () => {
    const primary = made();
    primary.metadata.annotations = { theirs: 'x' };
    const after = service.promotePrimary(
      { ...ofAddress('b'), metadata: { name: 'podinfo', labels: { rev: '2' } } },
      primary,
      CONTEXT,
    ) as Loose;
    expect(after.spec).toEqual({ ...primary.spec, selector: { app: 'b' } });
    expect(after.metadata).toEqual({ ...primary.metadata, labels: { rev: '2' } });
  });

  it('keeps the ports on the nodes by their name', () => {
    const source = ofAddress('b', {
      type: 'NodePort',
      ports: [
        { ...PORTS[0], nodePort: 31_000 },
        { name: 'more', port: 81, nodePort: 31_001 },
      ],
    });
    const after = service.promotePrimary(source, made(30_123), CONTEXT) as Loose;
    expect(after.spec.ports.map((port: Loose) => port.nodePort)).toEqual([30_123, undefined]);
  });

  it('gives the address up where the new form has none', () => {
    const after = service.promotePrimary(
      target({ type: 'ExternalName', externalName: 'a.example.com' }),
      made(),
      CONTEXT,
    ) as Loose;
    expect(after.spec).toEqual({ type: 'ExternalName', externalName: 'a.example.com' });
  });

  it('is nothing where the copy is as the target', () => {
    const primary = made();
    expect(service.promotePrimary(ofAddress('a'), primary, CONTEXT)).toBe(primary);
    expect(service.runsSame(ofAddress('a'), primary, CONTEXT)).toBe(true);
    expect(service.runsSame(ofAddress('b'), primary, CONTEXT)).toBe(false);
  });
});

describe('the Service of the new revision', () => {
  it('is named after the target, and follows it when told', () => {
    expect(candidate.nameOf('podinfo')).toBe('podinfo-canary');
    const live = stored(candidate.create(ofAddress('a'), CANDIDATE));
    expect(live.metadata.name).toBe('podinfo-canary');
    expect(candidate.follow(ofAddress('a'), live, CANDIDATE)).toBe(live);
    expect((candidate.follow(ofAddress('b'), live, CANDIDATE) as Loose).spec).toEqual({
      ...live.spec,
      selector: { app: 'b' },
    });
  });
});

describe('a Service as target', () => {
  it('is a new revision when it changes, but not by what the server gives it', () => {
    const source = service.revisionSource(ofAddress('a'));
    expect(service.revisionSource(ofAddress('a', { clusterIP: '10.0.0.2', clusterIPs: ['10.0.0.2'] }))).toEqual(source);
    expect(service.revisionSource(ofAddress('b'))).not.toEqual(source);
  });

  it('has no pods that could be unready or be put to rest', () => {
    expect(service.readiness(ofAddress('a'), question())).toEqual({ ready: true });
    expect(service.hasPods).toBe(false);
    expect(service.isParked(ofAddress('a'))).toBe(false);
    expect(service.imageOf(target({ externalName: 'a.example.com' }))).toBe('a.example.com');
  });
});
