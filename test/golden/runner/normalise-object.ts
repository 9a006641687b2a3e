import type { Fields } from './canonical.ts';
import { isFields, omit, pick, withoutEmpty } from './canonical.ts';
import type { State } from './scenario.ts';
import { withoutRepeats } from './sequences.ts';

const SERVER_SET = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'managedFields',
  'selfLink',
  'deletionGracePeriodSeconds',
];
const FOREIGN_ANNOTATIONS = [
  'deployment.kubernetes.io/revision',
  'deprecated.daemonset.template.generation',
  'kubectl.kubernetes.io/last-applied-configuration',
];
/** Their status is the work of other controllers. */
const STATUS_OF_OTHERS = new Set(['apps', 'autoscaling', 'networking.k8s.io', 'core']);
const CANARY_STATUS = ['phase', 'canaryWeight', 'failedChecks', 'iterations'];
const CONDITION = ['type', 'status', 'reason', 'message'];

const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

const metadataOf = (metadata: Fields): unknown => {
  const annotations = omit(fieldsOf(metadata['annotations']), FOREIGN_ANNOTATIONS);
  if ('flagger-id' in annotations) annotations['flagger-id'] = '*';
  const owners = listOf(metadata['ownerReferences']).map((owner) => omit(fieldsOf(owner), ['uid']));
  const stamped = metadata['deletionTimestamp'] === undefined ? {} : { deletionTimestamp: '*' };
  return withoutEmpty({ ...omit(metadata, SERVER_SET), ...stamped, annotations, ownerReferences: owners });
};

const canaryStatusOf = (status: Fields): Fields => {
  const promoted = listOf(status['conditions'])
    .map(fieldsOf)
    .filter((condition) => condition['type'] === 'Promoted')
    .map((condition) => pick(condition, CONDITION));
  return { ...pick(status, CANARY_STATUS), conditions: promoted };
};

const portName = (port: unknown): string => String(fieldsOf(port)['name']);

const serviceSpecOf = (spec: Fields): Fields => {
  const ports = listOf(spec['ports']).toSorted((a, b) => (portName(a) < portName(b) ? -1 : 1));
  return { ...omit(spec, ['clusterIP', 'clusterIPs']), ...('ports' in spec ? { ports } : {}) };
};

const templateOf = (template: Fields): Fields =>
  'metadata' in template ? { ...template, metadata: metadataOf(fieldsOf(template['metadata'])) } : template;

/** The name of a session cookie is configured, its value is chance. */
const maskCookies = <T>(value: T, cookies: readonly string[]): T => {
  if (cookies.length === 0) return value;
  let text = JSON.stringify(value);
  for (const cookie of cookies)
    text = text.replaceAll(new RegExp(`(${cookie}(?:=|\\.\\*))[A-Za-z]{10}\\b`, 'g'), '$1*');
  return JSON.parse(text) as T;
};

/** Of a Canary only its progress counts: the reference writes defaults into the spec when it adds its finalizer. */
const canaryState = (state: Exclude<State, 'DELETED'>): State => {
  const status = withoutEmpty(canaryStatusOf(fieldsOf(state['status']))) as Fields;
  const { name, namespace } = state.metadata;
  const bare = {
    apiVersion: state.apiVersion,
    kind: state.kind,
    metadata: { name, ...(namespace !== undefined && { namespace }) },
  };
  return Object.keys(status).length === 0 ? bare : { ...bare, status };
};

/** One state without what is left out of the comparison. `group` is the first part of its key. */
const normaliseState = (group: string, state: State): State => {
  if (state === 'DELETED') return state;
  if (state.kind === 'Canary') return canaryState(state);
  const spec = fieldsOf(state['spec']);
  const next: Fields = { ...state, metadata: metadataOf({ ...state.metadata }) };
  if (group === 'core' && state.kind === 'Service') next['spec'] = serviceSpecOf(spec);
  else if (isFields(spec['template'])) next['spec'] = { ...spec, template: templateOf(spec['template']) };
  const status = STATUS_OF_OTHERS.has(group) ? {} : fieldsOf(state['status']);
  next['status'] = withoutEmpty(status);
  return (Object.keys(fieldsOf(next['status'])).length === 0 ? omit(next, ['status']) : next) as State;
};

/** All states of one object, in order, each once. `cookies` are the session cookies that the Canary names. */
export const normaliseStates = (key: string, states: readonly State[], cookies: readonly string[] = []): State[] => {
  const group = key.slice(0, key.indexOf('/'));
  return withoutRepeats(states.map((state) => maskCookies(normaliseState(group, state), cookies)));
};
