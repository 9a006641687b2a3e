/** Ports of the generated Services, given in the Canary or found in the target's containers. */
import type { Canary, CanaryService, ServicePort } from '../api/canary.ts';
import type { Capabilities } from '../api/model.ts';

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

/** Name of the Canary's own port. */
export const mainPortNameOf = (service: Partial<CanaryService>): string => service.portName || 'http';

/** The Canary's own port first, then the further ones that it names, then the discovered ones in order of their number. */
export const portsOf = (service: Partial<CanaryService>, containers: readonly ContainerPorts[]): Port[] => {
  const port = service.port ?? 0;
  const targetPort = service.targetPort || port;
  const main: Port = {
    name: mainPortNameOf(service),
    protocol: 'TCP',
    port,
    targetPort,
    ...(service.appProtocol && { appProtocol: service.appProtocol }),
  };
  const found = service.portDiscovery === true ? discovered(main, containers) : [];
  return firstOfEach([main, ...(service.ports ?? []).map(given), ...found]);
};

const given = ({ name, port, targetPort, protocol, appProtocol }: ServicePort): Port => ({
  name,
  protocol: protocol ?? 'TCP',
  port,
  targetPort: targetPort || port,
  ...(appProtocol && { appProtocol }),
});

/** A name or number may stand once in a Service: the first port that has it wins. */
export const firstOfEach = (ports: readonly Port[]): Port[] => {
  const taken = new Set<string>();
  return ports.filter(({ name, protocol, port }) => {
    const keys = [`name ${name}`, `${protocol} ${port}`];
    const isFree = keys.every((key) => !taken.has(key));
    if (isFree) for (const key of keys) taken.add(key);
    return isFree;
  });
};

const discovered = (main: Port, containers: readonly ContainerPorts[]): Port[] => {
  const found: Port[] = [];
  for (const container of containers) {
    if (SIDECARS.has(container.name ?? '')) continue;
    for (const [index, one] of (container.ports ?? []).entries()) {
      const number = one.containerPort ?? 0;
      if (number === main.targetPort || (one.name !== undefined && one.name === main.targetPort)) continue;
      const protocol = one.protocol ?? 'TCP';
      const name = one.name ?? `${protocol.toLowerCase()}-${container.name}-${index}`;
      found.push({ name, protocol, port: number, targetPort: number });
    }
  }
  return sortPorts(firstOfEach(found));
};

export const sortPorts = (ports: readonly Port[]): Port[] =>
  [...ports].sort((a, b) => a.port - b.port || ((a.name ?? '') < (b.name ?? '') ? -1 : 1));

/** A port as an Ingress names it, by number or by name, in the other form; undefined: the Canary does not name it. */
export const turnedPort = (
  service: Partial<CanaryService>,
  port: { number?: unknown; name?: unknown },
): { number: number } | { name: string } | undefined => {
  const known = portsOf(service, []);
  const named = known.find(({ name }) => name !== undefined && name === port.name);
  if (named) return { number: named.port };
  const numbered = known.find((one) => one.port === port.number);
  return numbered?.name === undefined ? undefined : { name: numbered.name };
};

/** Copies of a user's Service have ports with names of their own: a provider that tells cookies by them can't pin users. */
export const withoutNamedPorts = (canary: Canary): Partial<Capabilities> =>
  canary.spec.targetRef?.kind === 'Service' ? { sessionAffinity: 'none' } : {};
