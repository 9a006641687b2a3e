import { KINDS } from '../api/kinds.ts';
import { type KubeObject, type Ref, refTo, type StringMap } from '../api/kube.ts';
import type { Objects, Rendered, Routes } from '../api/model.ts';
import { REFERENCE_KEYS } from '../api/names.ts';
import { isSameJson } from '../api/same-json.ts';
import { envoyObserver } from './observer.ts';
import { ALL_TO_PRIMARY, liveOf, type RouteContext, type Router, WEIGHTS_ONLY } from './router.ts';
import { type Fields, fieldsOf, itemsOf, numberOf, specOf, textOf } from './shape.ts';

const PRIMARY_REVISION = REFERENCE_KEYS.primaryRevision;
/** Where the reference keeps what it took over, on other providers' objects. */
const ORIGINAL = 'flagger.kubernetes.io/original-configuration';

/** What Knative does where nothing is said. */
const TO_LATEST: readonly Fields[] = [{ latestRevision: true, percent: 100 }];

/** The target itself: it holds both revisions and the traffic. */
const refFor = (context: RouteContext): Ref =>
  refTo(KINDS.knativeService, context.namespace, context.canary.spec.targetRef.name);

const trafficOf = (live: KubeObject | undefined): readonly Fields[] => itemsOf(specOf(live)['traffic']);
const annotationOf = (live: KubeObject | undefined): string => live?.metadata.annotations?.[PRIMARY_REVISION] ?? '';
const isTagged = (entry: Fields): boolean => textOf(entry['tag']) !== '';

/** The share of the latest revision, and the revision that has the rest. */
const splitOf = (live: KubeObject | undefined): { canary: number | undefined; primaryName: string } => {
  const untagged = trafficOf(live).filter((entry) => !isTagged(entry));
  const canary = numberOf(untagged.find((entry) => entry['latestRevision'] === true)?.['percent']);
  return {
    canary,
    primaryName: untagged.map((entry) => textOf(entry['revisionName'])).find((name) => name !== '') ?? '',
  };
};

/** Without an entry for each side somebody has set the traffic by hand; it is put right. */
const parse = (context: RouteContext, objects: Objects): Routes | undefined => {
  const live = liveOf(objects, refFor(context));
  const { canary, primaryName } = splitOf(live);
  if (annotationOf(live) === '' || primaryName === '' || canary === undefined || canary > 100) return undefined;
  return { primary: 100 - canary, canary, mirrored: false };
};

const render = (context: RouteContext, routes: Routes, objects: Objects): Rendered => {
  const ref = refFor(context);
  const live = liveOf(objects, ref);
  if (!live) return { writes: [] };
  const revision = annotationOf(live) || latestOf(live);
  if (revision === '') return { problem: `Knative Service ${ref.name}.${ref.namespace} has no revision yet` };
  const { canary, primaryName } = splitOf(live);
  // A promotion names the new primary first; whoever has the former one moves with the next weight.
  const isWaiting = routes.canary > 0 && routes.canary === canary && primaryName !== '';
  const traffic = [
    { latestRevision: true, percent: routes.canary },
    { revisionName: isWaiting ? primaryName : revision, percent: routes.primary },
    ...trafficOf(live).filter((entry) => isTagged(entry) && !numberOf(entry['percent'])),
  ];
  const isSame = annotationOf(live) === revision && isSameJson(specOf(live)['traffic'], traffic);
  return { writes: isSame ? [] : [{ do: 'replace', ref, object: taken(live, revision, traffic) }] };
};

const latestOf = (live: KubeObject): string => textOf(fieldsOf(live['status'])['latestCreatedRevisionName']);

/** The Service divided by us; what it said before is noted unless it is what Knative does anyway. */
const taken = (live: KubeObject, revision: string, traffic: readonly Fields[]): KubeObject => {
  const before = trafficOf(live);
  const isFirst = annotationOf(live) === '' && before.length > 0 && !isSameJson(before, TO_LATEST);
  const annotations: StringMap = {
    ...live.metadata.annotations,
    [PRIMARY_REVISION]: revision,
    ...(isFirst && { [ORIGINAL]: JSON.stringify({ traffic: before }) }),
  };
  return {
    ...live,
    metadata: { ...live.metadata, annotations },
    spec: { ...specOf(live), ...templateOf(live), traffic },
  };
};

/** The fields that Knative's own client always writes: without them it would look changed to whoever uses that client. */
const templateOf = (live: KubeObject): Fields => {
  const template = fieldsOf(specOf(live)['template']);
  const spec = fieldsOf(template['spec']);
  const containers = itemsOf(spec['containers']).map((container) => ({ name: '', resources: {}, ...container }));
  return { template: { ...template, metadata: fieldsOf(template['metadata']), spec: { ...spec, containers } } };
};

const prepare = (context: RouteContext, objects: Objects): Rendered =>
  annotationOf(liveOf(objects, refFor(context))) === '' ? render(context, ALL_TO_PRIMARY, objects) : { writes: [] };

const finalise = (context: RouteContext, objects: Objects): Rendered => {
  const ref = refFor(context);
  const live = liveOf(objects, ref);
  if (!live || annotationOf(live) === '') return { writes: [] };
  const { [PRIMARY_REVISION]: _, [ORIGINAL]: noted, ...annotations } = live.metadata.annotations ?? {};
  const spec = { ...specOf(live), traffic: notedTraffic(noted) ?? TO_LATEST };
  return { writes: [{ do: 'replace', ref, object: { ...live, metadata: { ...live.metadata, annotations }, spec } }] };
};

const notedTraffic = (text: string | undefined): readonly Fields[] | undefined => {
  try {
    return text === undefined ? undefined : itemsOf(fieldsOf(JSON.parse(text))['traffic']);
  } catch {
    return undefined;
  }
};

/** Knative Serving: the target's own traffic block, between its latest revision and the one that an annotation names. */
export const knative: Router = {
  provider: 'knative',
  capabilities: {
    ...WEIGHTS_ONLY,
    splitsTarget: true,
  },
  reads: [KINDS.knativeRevision],
  observer: () => envoyObserver('envoy_cluster_name=~"{{ namespace }}/{{ route }}"'),
  refs: (context) => [refFor(context)],
  parse,
  prepare,
  render,
  finalise,
};
