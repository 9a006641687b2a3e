import { describe, expect, it } from 'vitest';
import { portsOf } from '../../../../shared/routing/ports.ts';

const HTTP = { name: 'http', protocol: 'TCP', port: 80, targetPort: 9898 };

describe('the ports of the generated Services', () => {
  const service = { port: 80, targetPort: 9898 };

  it('are the one of the Canary, then its further ones as they are given', () => {
    const ports = [
      { name: 'grpc', port: 9999, protocol: 'TCP', appProtocol: 'kubernetes.io/h2c' },
      { name: 'dns', port: 53, targetPort: 'dns', protocol: 'UDP' },
    ] as const;
    expect(portsOf({ ...service, ports: [...ports] }, [])).toEqual([
      HTTP,
      { ...ports[0], targetPort: 9999 },
      { ...ports[1] },
    ]);
  });

  it('that are found in containers come in the order of their number, without those of sidecars', () => {
    const containers = [
      {
        name: 'app',
        ports: [
          { containerPort: 9999, name: 'grpc' },
          { containerPort: 53, protocol: 'UDP' },
        ],
      },
      { name: 'envoy', ports: [{ containerPort: 15_000 }] },
      { name: 'log', ports: [{ containerPort: 9898 }, { containerPort: 70 }] },
    ];
    expect(portsOf({ ...service, portDiscovery: true }, containers)).toEqual([
      HTTP,
      { name: 'udp-app-1', protocol: 'UDP', port: 53, targetPort: 53 },
      { name: 'tcp-log-1', protocol: 'TCP', port: 70, targetPort: 70 },
      { name: 'grpc', protocol: 'TCP', port: 9999, targetPort: 9999 },
    ]);
  });

  it('each stand once by name, and by protocol and number: the first one counts', () => {
    const ports = [
      { name: 'http', port: 81 },
      { name: 'other', port: 80 },
      { name: 'quic', port: 80, protocol: 'UDP' as const },
    ];
    const containers = [
      {
        name: 'app',
        ports: [
          { name: 'quic', containerPort: 9 },
          { name: 'metrics', containerPort: 9797 },
          { containerPort: 9797 },
          { containerPort: 9898 },
        ],
      },
    ];
    expect(portsOf({ ...service, ports, portDiscovery: true }, containers)).toEqual([
      HTTP,
      { name: 'quic', protocol: 'UDP', port: 80, targetPort: 80 },
      { name: 'metrics', protocol: 'TCP', port: 9797, targetPort: 9797 },
    ]);
  });

  it('are found in containers with their protocols, in order of their number, those of a mesh left out', () => {
    const containers = [
      { name: 'istio-proxy', ports: [{ name: 'admin', containerPort: 15_000 }] },
      {
        name: 'app',
        ports: [
          { name: 'metrics', containerPort: 9797 },
          { name: 'dns', containerPort: 53, protocol: 'UDP' },
          { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
          { containerPort: 9000, protocol: 'UDP' },
        ],
      },
    ];
    expect(portsOf({ ...service, portDiscovery: true }, containers)).toEqual([
      HTTP,
      { name: 'dns', protocol: 'UDP', port: 53, targetPort: 53 },
      { name: 'dns-tcp', protocol: 'TCP', port: 53, targetPort: 53 },
      { name: 'udp-app-3', protocol: 'UDP', port: 9000, targetPort: 9000 },
      { name: 'metrics', protocol: 'TCP', port: 9797, targetPort: 9797 },
    ]);
  });
});
