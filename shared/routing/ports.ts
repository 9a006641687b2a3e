/** Ports of the generated Services, given in the Canary or found in the target's containers. */
import type { CanaryService } from '../api/canary.ts';

export interface Port {
  name?: string;
  protocol?: string;
  port: number;
  targetPort?: number | string;
  nodePort?: number;
  appProtocol?: string;
}

export interface ContainerPorts {
  name?: string;
  ports?: { name?: string; containerPort?: number; protocol?: string }[];
}

/** Injected by meshes; their ports are not the application's. */
const SIDECARS = new Set(['istio-proxy', 'envoy']);

/** The Canary's own port first, then the discovered ones in order of their number. */
export const portsOf = (service: Partial<CanaryService>, containers: readonly ContainerPorts[]): Port[] => {
  const port = service.port ?? 0;
  const targetPort = service.targetPort || port;
  const main: Port = {
    name: service.portName || 'http',
    protocol: 'TCP',
    port,
    targetPort,
    ...(service.appProtocol && { appProtocol: service.appProtocol }),
  };
  return service.portDiscovery === true ? [main, ...discovered(main, containers)] : [main];
};

/** A name or number may stand once in a Service: the first container that has it wins. */
const discovered = (main: Port, containers: readonly ContainerPorts[]): Port[] => {
  const found: Port[] = [];
  const names = new Set([main.name]);
  const numbers = new Set([`${main.protocol}/${main.port}`]);
  for (const container of containers) {
    if (SIDECARS.has(container.name ?? '')) continue;
    for (const [index, one] of (container.ports ?? []).entries()) {
      const number = one.containerPort ?? 0;
      if (number === main.targetPort || (one.name !== undefined && one.name === main.targetPort)) continue;
      const protocol = one.protocol ?? 'TCP';
      const name = one.name ?? `${protocol.toLowerCase()}-${container.name}-${index}`;
      if (names.has(name) || numbers.has(`${protocol}/${number}`)) continue;
      names.add(name);
      numbers.add(`${protocol}/${number}`);
      found.push({ name, protocol, port: number, targetPort: number });
    }
  }
  return sortPorts(found);
};

export const sortPorts = (ports: readonly Port[]): Port[] =>
  [...ports].sort((a, b) => a.port - b.port || ((a.name ?? '') < (b.name ?? '') ? -1 : 1));
