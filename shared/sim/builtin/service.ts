/** core/v1 Service: defaults, addresses and refusals. */
import type { KubeObject } from '../../api/kube.ts';
import type { Fields } from '../json.ts';
import { defaultTo, ensure, equal, fieldsAt, isFields, listAt, own, printed, textAt } from '../json.ts';
import type { CompleteHelp, KindOptions } from '../kinds.ts';
import { selectorText } from '../selectors.ts';
import type { StatusCause } from '../status.ts';
import { ageColumn, fieldColumn, nameColumn, textColumn } from './columns.ts';

const allocatePorts = (spec: Fields, old: KubeObject | undefined, help: CompleteHelp): void => {
  const exposed = spec['type'] === 'NodePort' || spec['type'] === 'LoadBalancer';
  const before = listAt(old, 'spec', 'ports');
  for (const port of listAt(spec, 'ports')) {
    if (!isFields(port)) continue;
    const same = before.find((entry) => own(entry, 'name') === port['name'] && own(entry, 'port') === port['port']);
    if (exposed) defaultTo(port, 'nodePort', own(same, 'nodePort') ?? help.nextNodePort());
    else delete port['nodePort'];
  }
};

const completeAddresses = (spec: Fields, old: KubeObject | undefined, help: CompleteHelp): void => {
  const given = textAt(spec, 'clusterIP');
  const address = given || textAt(old, 'spec', 'clusterIP') || help.nextClusterIP();
  if (given === '' && listAt(spec, 'clusterIPs').length > 0 && old === undefined) return;
  spec['clusterIP'] = address;
  if (listAt(spec, 'clusterIPs').length === 0) spec['clusterIPs'] = [address];
};

const completeService = (object: KubeObject): void => {
  const spec = ensure(object, 'spec');
  defaultTo(spec, 'type', 'ClusterIP');
  defaultTo(spec, 'sessionAffinity', 'None');
  if (spec['sessionAffinity'] === 'ClientIP') {
    defaultTo(ensure(ensure(spec, 'sessionAffinityConfig'), 'clientIP'), 'timeoutSeconds', 10_800);
  }
  for (const port of listAt(spec, 'ports')) {
    if (!isFields(port)) continue;
    defaultTo(port, 'protocol', 'TCP');
    if (port['targetPort'] === undefined || port['targetPort'] === 0 || port['targetPort'] === '')
      port['targetPort'] = port['port'];
  }
  if (spec['type'] === 'ExternalName') return;
  defaultTo(spec, 'internalTrafficPolicy', 'Cluster');
  if (spec['type'] !== 'ClusterIP') defaultTo(spec, 'externalTrafficPolicy', 'Cluster');
  if (spec['type'] === 'LoadBalancer') defaultTo(spec, 'allocateLoadBalancerNodePorts', true);
};

const allocateService = (object: KubeObject, old: KubeObject | undefined, help: CompleteHelp): void => {
  const spec = ensure(object, 'spec');
  if (old === undefined) defaultTo(object, 'status', { loadBalancer: {} });
  allocatePorts(spec, old, help);
  if (spec['type'] === 'ExternalName') return;
  completeAddresses(spec, old, help);
  defaultTo(spec, 'ipFamilies', ['IPv4']);
  defaultTo(spec, 'ipFamilyPolicy', 'SingleStack');
};

const checkPorts = (spec: Fields): StatusCause[] => {
  const ports = listAt(spec, 'ports');
  const headless = spec['clusterIP'] === 'None' || spec['type'] === 'ExternalName';
  if (ports.length === 0 && !headless)
    return [{ reason: 'FieldValueRequired', message: 'Required value', field: 'spec.ports' }];
  return [
    ...ports.flatMap((port, index) => checkPort(ports, port, index)),
    ...ports.flatMap((port, index) => checkTwin(ports, port, index)),
  ];
};

const numberOutOfRange = (value: unknown, field: string): StatusCause => ({
  reason: 'FieldValueInvalid',
  message: `Invalid value: ${printed(value) || '0'}: must be between 1 and 65535, inclusive`,
  field,
});

const isPort = (value: unknown): boolean => typeof value === 'number' && value >= 1 && value <= 65_535;

const checkPort = (ports: readonly unknown[], port: unknown, index: number): StatusCause[] => {
  const at = `spec.ports[${index}]`;
  const causes: StatusCause[] = [];
  const [number, target, name] = [own(port, 'port'), own(port, 'targetPort'), textAt(port, 'name')];
  if (ports.length > 1 && name === '')
    causes.push({ reason: 'FieldValueRequired', message: 'Required value', field: `${at}.name` });
  if (name !== '' && ports.slice(0, index).some((other) => own(other, 'name') === name)) {
    causes.push({
      reason: 'FieldValueDuplicate',
      message: `Duplicate value: ${JSON.stringify(name)}`,
      field: `${at}.name`,
    });
  }
  if (!isPort(number)) causes.push(numberOutOfRange(number, `${at}.port`));
  if (typeof target === 'number' && !isPort(target)) causes.push(numberOutOfRange(target, `${at}.targetPort`));
  return causes;
};

/** Two ports of one number and protocol cannot stand beside each other. */
const checkTwin = (ports: readonly unknown[], port: unknown, index: number): StatusCause[] => {
  const [number, protocol] = [own(port, 'port'), own(port, 'protocol')];
  const twin = ports
    .slice(0, index)
    .some((other) => own(other, 'port') === number && own(other, 'protocol') === protocol);
  if (!twin) return [];
  const shown = JSON.stringify({
    Name: '',
    Protocol: protocol,
    AppProtocol: null,
    Port: number,
    TargetPort: 0,
    NodePort: 0,
  });
  return [{ reason: 'FieldValueDuplicate', message: `Duplicate value: ${shown}`, field: `spec.ports[${index}]` }];
};

const checkService = (object: KubeObject, old: KubeObject | undefined): StatusCause[] => {
  const spec = fieldsAt(object, 'spec');
  const causes = checkPorts(spec);
  const addresses = listAt(spec, 'clusterIPs');
  if (textAt(spec, 'clusterIP') === '' && addresses.length > 0) {
    const message = `Invalid value: ${JSON.stringify(addresses)}: must be empty when \`clusterIP\` is not specified`;
    causes.push({ reason: 'FieldValueInvalid', message, field: 'spec.clusterIPs' });
  }
  const before = listAt(old, 'spec', 'clusterIPs');
  const moved = !equal(before[0], addresses[0]) || !equal(before[0], spec['clusterIP']);
  if (before.length > 0 && spec['type'] !== 'ExternalName' && moved) {
    const message = `Invalid value: ${JSON.stringify(addresses)}: may not change once set`;
    causes.push({ reason: 'FieldValueInvalid', message, field: 'spec.clusterIPs[0]' });
  }
  return causes;
};

const portText = (port: unknown): string => {
  const node = own(port, 'nodePort');
  return `${printed(own(port, 'port'))}${node === undefined ? '' : `:${printed(node)}`}/${textAt(port, 'protocol')}`;
};

export const SERVICE: KindOptions = {
  apiVersion: 'v1',
  kind: 'Service',
  plural: 'services',
  namespaced: true,
  native: true,
  status: true,
  generation: false,
  shortNames: ['svc'],
  categories: ['all'],
  complete: completeService,
  allocate: allocateService,
  deleteAnswersObject: true,
  check: checkService,
  columns: [
    nameColumn,
    fieldColumn('Type', ['spec', 'type']),
    textColumn('Cluster-IP', (object) => textAt(object, 'spec', 'clusterIP') || '<none>'),
    textColumn('External-IP', (object) => textAt(object, 'spec', 'externalName') || '<none>'),
    textColumn('Port(s)', (object) => listAt(object, 'spec', 'ports').map(portText).join(',') || '<none>'),
    ageColumn,
    textColumn(
      'Selector',
      (object) => selectorText({ matchLabels: fieldsAt(object, 'spec', 'selector') }) || '<none>',
      1,
    ),
  ],
};
