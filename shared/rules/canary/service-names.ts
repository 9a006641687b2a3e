/** CANARY-SVC-002 to -016, of those that the Canary alone decides: names and ports of the generated Services. */
import { DNS_LABEL } from '../../api/dns-names.ts';
import { listOf, type Raw, recordOf, textOf } from '../raw.ts';
import { type Draft, each, NOTHING, type Rule, when } from '../rule.ts';
import { quoted } from '../text.ts';
import type { CanaryView } from '../view.ts';
import { capabilitiesFor } from './provider.ts';

const AT = 'spec.service';

/** `-primary` must fit behind it. */
const LONGEST_APEX = 55;
const LABEL = new RegExp(DNS_LABEL);
const isLabel = (text: string): boolean => text.length <= 63 && LABEL.test(text);

/** Where the controller makes no Services there is nothing to name. */
const makesServices = ({ target }: CanaryView): boolean =>
  !textOf(target['apiVersion']).startsWith('serving.knative.dev/');

const apexName: Rule<CanaryView>['check'] = (view) => {
  const { apexName: name, service } = view;
  const path = textOf(service['name']) === '' ? 'spec.targetRef.name' : `${AT}.name`;
  if (name === '' || !makesServices(view) || (name.length <= LONGEST_APEX && LABEL.test(name))) return NOTHING;
  const because =
    name.length > LONGEST_APEX
      ? `${quoted(`${name}-primary`)} has ${name.length + 8} characters; Service names allow 63`
      : `${quoted(name)} is no name for a Service`;
  return [
    {
      path,
      message: `${because}. Set spec.service.name to at most ${LONGEST_APEX} lower-case letters, digits and "-".`,
      value: name,
    },
  ];
};

const portName: Rule<CanaryView>['check'] = ({ service }) => {
  const name = service['portName'];
  return when(typeof name === 'string' && name !== '' && !isLabel(name), () => ({
    path: `${AT}.portName`,
    message: `${quoted(name)} is not a name for a port. Use lower-case letters, digits and "-".`,
    value: name,
  }));
};

/** The names that containers may give to ports. */
const isContainerPortName = (text: string): boolean =>
  text.length <= 15 && LABEL.test(text) && /[a-z]/.test(text) && !text.includes('--');

const targetPortDraft = (value: unknown, path: string): Draft | undefined => {
  const isFine =
    typeof value === 'number'
      ? value >= 0 && value <= 65_535
      : typeof value !== 'string' || value === '' || isContainerPortName(value);
  return isFine
    ? undefined
    : {
        path,
        message: `${quoted(value)} is neither the number nor the name of a container's port. Correct it.`,
        value,
      };
};

const targetPorts: Rule<CanaryView>['check'] = ({ service }) =>
  each([service, ...listOf(service['ports']).map(recordOf)], (port, index) =>
    targetPortDraft(port['targetPort'], index === 0 ? `${AT}.targetPort` : `${AT}.ports[${index - 1}].targetPort`),
  );

const APP_PROTOCOL = /^(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

const appProtocols: Rule<CanaryView>['check'] = ({ service }) =>
  each([service, ...listOf(service['ports']).map(recordOf)], ({ appProtocol }, index) => {
    if (typeof appProtocol !== 'string' || appProtocol === '') return undefined;
    if (appProtocol.length <= 316 && APP_PROTOCOL.test(appProtocol)) return undefined;
    return {
      path: index === 0 ? `${AT}.appProtocol` : `${AT}.ports[${index - 1}].appProtocol`,
      message: `${quoted(appProtocol)} is not a valid appProtocol. Use one such as http or grpc.`,
      value: appProtocol,
    };
  });

const delegation: Rule<CanaryView>['check'] = ({ service }) => {
  if (service['delegation'] !== true) return NOTHING;
  return each(['hosts', 'gateways'], (name) =>
    listOf(service[name]).length === 0
      ? undefined
      : {
          path: `${AT}.${name}`,
          message: `a delegate has no ${name} of its own: the route could not be made. Remove it, or delegation.`,
          value: service[name],
        },
  );
};

/** Where gateways count, the mesh itself is the one of a Canary that names none; it has no host for everything. */
const everyHost: Rule<CanaryView>['check'] = (view, context) => {
  const { service } = view;
  const gateways = listOf(service['gateways']);
  const isInMesh = service['delegation'] !== true && (gateways.length === 0 || gateways.includes('mesh'));
  const counts = capabilitiesFor(view, context)?.reads?.includes('gateways') === true;
  return when(listOf(service['hosts']).includes('*') && isInMesh && counts, () => ({
    path: `${AT}.hosts`,
    message: 'host "*" cannot be bound to the mesh gateway. Name the host, or list only ingress gateways.',
    value: [service['hosts'], service['gateways']],
  }));
};

const KEY = /^(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const VALUE = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const LONGEST_KEY = 317;

const metadata: Rule<CanaryView>['check'] = ({ service }) =>
  ['apex', 'primary', 'canary'].flatMap((side) => [
    ...badKeys(recordOf(recordOf(service[side])['labels']), `${AT}.${side}.labels`, true),
    ...badKeys(recordOf(recordOf(service[side])['annotations']), `${AT}.${side}.annotations`, false),
  ]);

const badKeys = (map: Raw, path: string, isLabels: boolean): readonly Draft[] =>
  each(Object.entries(map), ([key, value]) => {
    const isKey = key.length <= LONGEST_KEY && KEY.test(isLabels ? key : key.toLowerCase());
    const isValue = !isLabels || typeof value !== 'string' || (value.length <= 63 && VALUE.test(value));
    if (isKey && isValue) return undefined;
    return {
      path,
      message: `${quoted(isKey ? value : key)} is not a valid ${isKey ? 'value' : 'key'}: the Service would be refused. Correct it.`,
    };
  });

/** Names and numbers of all ports that the Canary names, the first of which is its own. */
const portsOf = (service: Raw): readonly Raw[] => [
  { name: textOf(service['portName']) || 'http', port: service['port'], protocol: 'TCP' },
  ...listOf(service['ports']).map(recordOf),
];

const furtherPorts: Rule<CanaryView>['check'] = ({ service }) => {
  if (listOf(service['ports']).length === 0) return NOTHING;
  const seen = new Set<string>();
  return each(portsOf(service), ({ name, port, protocol }, index) => {
    const keys = [`name ${textOf(name)}`, `${textOf(protocol) || 'TCP'} ${String(port)}`];
    const isTaken = keys.some((key) => seen.has(key));
    for (const key of keys) seen.add(key);
    if (index === 0 || (!isTaken && isLabel(textOf(name)))) return undefined;
    return {
      path: `${AT}.ports[${index - 1}]`,
      message: isTaken
        ? `name or number stands in another port already: this one would be left out. Change it.`
        : `${quoted(name)} is not a name for a port. Use lower-case letters, digits and "-".`,
      value: [name, port],
    };
  });
};

/** Further ports are on the Services wherever they can be; the traffic of all is another matter. */
const undivided: Rule<CanaryView>['check'] = (view, context) => {
  const can = capabilitiesFor(view, context);
  const asks = listOf(view.service['ports']).length > 0;
  const divides = can !== undefined && !can.iterationsOnly && can.splitsTarget !== true;
  return when(asks && divides && can.everyPort !== true, () => ({
    path: `${AT}.ports`,
    message: `${view.provider} divides the traffic of spec.service.port alone; these lead to the primary. Use them for what takes no part in the rollout.`,
  }));
};

const row = (id: string, type: Rule<CanaryView>['class'], field: string, about: string) => ({
  id: `CANARY-SVC-${id}`,
  class: type,
  path: `${AT}.${field}`,
  about,
});

export const SERVICE_NAME_RULES: readonly Rule<CanaryView>[] = [
  { ...row('002', 'D', 'name', 'a name that a Service cannot have'), check: apexName },
  { ...row('003', 'D', 'portName', 'a name that a port cannot have'), check: portName },
  { ...row('004', 'D', 'targetPort', 'no port of a container'), check: targetPorts },
  { ...row('007', 'D', 'appProtocol', 'no application protocol'), check: appProtocols },
  { ...row('009', 'D', 'hosts, .gateways', 'a delegate that stands for itself'), check: delegation },
  { ...row('010', 'D', 'hosts', 'every host inside the mesh'), check: everyHost },
  { ...row('015', 'W', 'apex, .primary, .canary', 'labels and annotations that are refused'), check: metadata },
  { ...row('016', 'D', 'ports[]', 'two ports of one name or number'), check: furtherPorts },
  { ...row('017', 'W', 'ports', 'ports whose traffic nobody divides'), check: undivided },
];
