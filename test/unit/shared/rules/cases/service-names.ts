import type { Severity } from '../../../../../shared/api/model.ts';
import { canary, creating, type Loose } from '../world.ts';
import type { RuleCase } from './case.ts';

const S = 'spec.service';
const service = (more: Loose, change: (it: Loose) => void = () => {}) =>
  creating(
    canary((it) => {
      it.spec.provider = 'istio';
      Object.assign(it.spec.service, more);
      change(it);
    }),
  );
const ports = (...list: Loose[]) => service({ ports: list });
const row = (id: string, says: string, [severity, path, message]: readonly [Severity, string, string]) => ({
  id: `CANARY-SVC-${id}`,
  says,
  severity,
  path,
  message,
});

export const SERVICE_NAME_CASES: readonly RuleCase[] = [
  {
    ...row('002', 'a name with no room for -primary', ['deny', `${S}.name`, 'has 64 characters']),
    bad: service({ name: 'a'.repeat(56) }),
    good: service({ name: 'a'.repeat(55) }),
  },
  {
    ...row('002', 'a target whose name no Service can have', ['deny', 'spec.targetRef.name', '"my.app" is no name']),
    bad: service({}, (it) => (it.spec.targetRef.name = 'my.app')),
    good: service({ name: 'my-app' }, (it) => (it.spec.targetRef.name = 'my.app')),
  },
  {
    ...row('003', 'a port with a name in capitals', ['deny', `${S}.portName`, '"HTTP" is not a name']),
    bad: service({ portName: 'HTTP' }),
    good: service({ portName: 'http-web' }),
  },
  {
    ...row('004', 'a port beyond all ports', ['deny', `${S}.targetPort`, 'neither the number nor the name']),
    bad: service({ targetPort: 65_536 }),
    good: service({ targetPort: 65_535 }),
  },
  {
    ...row('004', 'a name that no container port has', ['deny', `${S}.ports[0].targetPort`, '"a-very-long-port-name"']),
    bad: ports({ name: 'b', port: 81, targetPort: 'a-very-long-port-name' }),
    good: ports({ name: 'b', port: 81, targetPort: 'grpc-web' }),
  },
  {
    ...row('007', 'a protocol with a space', ['deny', `${S}.appProtocol`, '"http 2" is not a valid appProtocol']),
    bad: service({ appProtocol: 'http 2' }),
    good: service({ appProtocol: 'kubernetes.io/h2c' }),
  },
  {
    ...row('007', 'the same of a further port', ['deny', `${S}.ports[0].appProtocol`, 'is not a valid appProtocol']),
    bad: ports({ name: 'b', port: 81, appProtocol: '/x' }),
    good: ports({ name: 'b', port: 81, appProtocol: 'grpc' }),
  },
  {
    ...row('009', 'a delegate with hosts', ['deny', `${S}.hosts`, 'a delegate has no hosts of its own']),
    bad: service({ delegation: true, hosts: ['a.example.com'] }),
    good: service({ delegation: true, hosts: [] }),
  },
  {
    ...row('010', 'every host where the mesh is the gateway', ['deny', `${S}.hosts`, 'cannot be bound to the mesh']),
    bad: service({ hosts: ['*'] }),
    good: service({ hosts: ['*'], gateways: ['infra/public'] }),
  },
  {
    ...row('010', 'every host beside the mesh', ['deny', `${S}.hosts`, 'list only ingress gateways']),
    bad: service({ hosts: ['*'], gateways: ['infra/public', 'mesh'] }),
    good: service({ hosts: ['a.example.com'] }),
  },
  {
    ...row('015', 'a label whose value is refused', ['warn', `${S}.apex.labels`, '"a b" is not a valid value']),
    bad: service({ apex: { labels: { team: 'a b' } } }),
    good: service({ apex: { labels: { team: 'a_b' } }, primary: { annotations: { 'Some.Key/x': 'a b' } } }),
  },
  {
    ...row('015', 'an annotation whose key is refused', [
      'warn',
      `${S}.canary.annotations`,
      '"a b" is not a valid key',
    ]),
    bad: service({ canary: { annotations: { 'a b': 'x' } } }),
    good: service({ canary: { annotations: { 'a/b': 'x' } } }),
  },
  {
    ...row('016', 'a further port of the name that the first has', ['deny', `${S}.ports[0]`, 'would be left out']),
    bad: ports({ name: 'http', port: 81 }),
    good: ports({ name: 'grpc', port: 81 }),
  },
  {
    ...row('016', 'two further ports of one number', ['deny', `${S}.ports[1]`, 'would be left out']),
    bad: ports({ name: 'a', port: 81 }, { name: 'b', port: 81 }),
    good: ports({ name: 'a', port: 81 }, { name: 'b', port: 81, protocol: 'UDP' }),
  },
  {
    ...row('016', 'a further port that has no name', ['deny', `${S}.ports[0]`, '"a.b" is not a name for a port']),
    bad: ports({ name: 'a.b', port: 81 }),
    good: ports({ name: 'a-b', port: 81 }),
  },
  {
    ...row('017', 'ports whose traffic nobody divides', ['warn', `${S}.ports`, 'these lead to the primary']),
    bad: service({ ports: [{ name: 'grpc', port: 81 }] }, (it) => (it.spec.provider = 'contour')),
    good: ports({ name: 'grpc', port: 81 }),
  },
];
