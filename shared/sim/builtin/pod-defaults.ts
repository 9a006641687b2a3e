/** What the API server fills into pod templates, as it does for every workload. */
import type { Fields } from '../json.ts';
import { defaultTo, ensure, fieldsAt, isFields, listAt, own } from '../json.ts';

const completeProbe = (probe: unknown): void => {
  if (!isFields(probe)) return;
  defaultTo(probe, 'timeoutSeconds', 1);
  defaultTo(probe, 'periodSeconds', 10);
  defaultTo(probe, 'successThreshold', 1);
  defaultTo(probe, 'failureThreshold', 3);
  const get = own(probe, 'httpGet');
  if (isFields(get)) {
    defaultTo(get, 'path', '/');
    defaultTo(get, 'scheme', 'HTTP');
  }
  const grpc = own(probe, 'grpc');
  if (isFields(grpc)) defaultTo(grpc, 'service', '');
};

/** Without a tag, or with `latest`, the image is pulled each time. A digest counts as a fixed tag. */
const pullPolicy = (image: unknown): string => {
  const text = typeof image === 'string' ? image : '';
  if (text.includes('@')) return 'IfNotPresent';
  const name = text.slice(text.lastIndexOf('/') + 1);
  return !name.includes(':') || name.endsWith(':latest') ? 'Always' : 'IfNotPresent';
};

const completeEnv = (env: unknown): void => {
  const ref = own(own(env, 'valueFrom'), 'fieldRef');
  if (isFields(ref)) defaultTo(ref, 'apiVersion', 'v1');
};

/** Of a Pod, not of a template: quantities that are requested follow from limits where they are not given. */
export const completeRequests = (spec: Fields): void => {
  for (const container of [...listAt(spec, 'containers'), ...listAt(spec, 'initContainers')]) {
    const limits = own(own(container, 'resources'), 'limits');
    if (!isFields(container) || !isFields(limits)) continue;
    const requests = ensure(ensure(container, 'resources'), 'requests');
    for (const [name, value] of Object.entries(limits)) defaultTo(requests, name, value);
  }
};

const completeContainer = (container: unknown): void => {
  if (!isFields(container)) return;
  defaultTo(container, 'imagePullPolicy', pullPolicy(own(container, 'image')));
  ensure(container, 'resources');
  defaultTo(container, 'terminationMessagePath', '/dev/termination-log');
  defaultTo(container, 'terminationMessagePolicy', 'File');
  for (const port of listAt(container, 'ports')) if (isFields(port)) defaultTo(port, 'protocol', 'TCP');
  for (const env of listAt(container, 'env')) completeEnv(env);
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe']) completeProbe(own(container, probe));
  for (const moment of ['postStart', 'preStop']) {
    const get = own(own(own(container, 'lifecycle'), moment), 'httpGet');
    if (isFields(get)) {
      defaultTo(get, 'path', '/');
      defaultTo(get, 'scheme', 'HTTP');
    }
  }
};

/** Mode of files in a volume, 0644 in octal. */
const FILE_MODE = 0o644;

const completeVolume = (volume: unknown): void => {
  if (!isFields(volume)) return;
  for (const source of ['configMap', 'secret', 'projected', 'downwardAPI']) {
    const found = own(volume, source);
    if (isFields(found)) defaultTo(found, 'defaultMode', FILE_MODE);
  }
  for (const item of [...listAt(volume, 'downwardAPI', 'items'), ...projectedItems(volume)]) {
    const ref = own(item, 'fieldRef');
    if (isFields(ref)) defaultTo(ref, 'apiVersion', 'v1');
  }
  for (const source of listAt(volume, 'projected', 'sources')) {
    const token = own(source, 'serviceAccountToken');
    if (isFields(token)) defaultTo(token, 'expirationSeconds', 3600);
  }
  const host = own(volume, 'hostPath');
  if (isFields(host)) defaultTo(host, 'type', '');
  if (Object.keys(volume).length === 1) volume['emptyDir'] = {};
};

const projectedItems = (volume: Fields): unknown[] =>
  listAt(volume, 'projected', 'sources').flatMap((source) => listAt(source, 'downwardAPI', 'items'));

/** Fills a PodSpec in, in place. */
export const completePodSpec = (spec: Fields): void => {
  for (const container of [...listAt(spec, 'containers'), ...listAt(spec, 'initContainers')])
    completeContainer(container);
  for (const volume of listAt(spec, 'volumes')) completeVolume(volume);
  defaultTo(spec, 'restartPolicy', 'Always');
  defaultTo(spec, 'terminationGracePeriodSeconds', 30);
  defaultTo(spec, 'dnsPolicy', 'ClusterFirst');
  if (own(spec, 'serviceAccountName') !== undefined) defaultTo(spec, 'serviceAccount', spec['serviceAccountName']);
  if (own(spec, 'hostNetwork') === false) delete spec['hostNetwork'];
  defaultTo(spec, 'securityContext', {});
  defaultTo(spec, 'schedulerName', 'default-scheduler');
};

/** Fills `spec.template` of a workload in, in place. */
export const completeTemplate = (spec: Fields): void => {
  const template = ensure(spec, 'template');
  ensure(template, 'metadata');
  completePodSpec(ensure(template, 'spec'));
  // The real server drops empty maps of built-in kinds when it stores them.
  for (const key of ['labels', 'annotations']) {
    const metadata = fieldsAt(template, 'metadata');
    if (isFields(metadata[key]) && Object.keys(metadata[key]).length === 0) delete metadata[key];
  }
};
