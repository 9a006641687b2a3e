/** Judging objects from files with the rules of the webhook; the other objects of the same files are their context. */
import { schemaOfKind } from '../../shared/api/crd.ts';
import type { KubeObject } from '../../shared/api/kube.ts';
import { ADMISSION_LABEL } from '../../shared/api/names.ts';
import { capabilitiesOf, PROVIDER_NAMES } from '../../shared/routing/index.ts';
import { type AdmissionMode, admissionModeOf, type JudgedKind, type Settings } from '../../shared/rules/input.ts';
import { judge } from '../../shared/rules/judge.ts';
import { relatedAmong } from '../../shared/rules/related.ts';
import { validateSchema } from '../../shared/sim/schema-validate.ts';
import type { FileObject, Place } from './documents.ts';

export interface FileFinding extends Place {
  readonly id: string;
  readonly severity: 'error' | 'warning';
  readonly path: string;
  readonly message: string;
  /** `Canary test/podinfo`. */
  readonly object: string;
}

export interface JudgeOptions {
  readonly meshProvider: string;
  /** Namespace of objects that name none. */
  readonly namespace: string;
  readonly disabled: ReadonlySet<string>;
}

const JUDGED: Readonly<Record<string, string>> = {
  Canary: 'flagger.app/',
  MetricTemplate: 'flagger.app/',
  AlertProvider: 'flagger.app/',
  ScaledObject: 'keda.sh/',
};

/** Kinds that are judged; all others are context. */
export const isJudged = ({ kind, apiVersion }: KubeObject): boolean =>
  Object.hasOwn(JUDGED, kind) && apiVersion.startsWith(JUDGED[kind] as string);

const SCHEMA_RULE = 'SCHEMA';

const withNamespace = (object: KubeObject, namespace: string): KubeObject =>
  object.metadata?.namespace === undefined ? { ...object, metadata: { ...object.metadata, namespace } } : object;

const modeIn = (objects: readonly KubeObject[], namespace: string): AdmissionMode => {
  const found = objects.find((object) => object.kind === 'Namespace' && object.metadata?.name === namespace);
  return admissionModeOf(found?.metadata.labels?.[ADMISSION_LABEL]);
};

/** What the API server's schema would refuse, where no rule has said it better already. */
const schemaFindings = (
  object: KubeObject,
  said: readonly string[],
): { id: string; path: string; message: string }[] => {
  const schema = schemaOfKind(object.kind, PROVIDER_NAMES);
  if (schema === undefined || !isJudged(object) || object.kind === 'ScaledObject') return [];
  const { status: _, ...written } = object;
  const isSaid = (path: string) =>
    said.some(
      (one) => one === path || one.startsWith(`${path}.`) || one.startsWith(`${path}[`) || path.startsWith(`${one}.`),
    );
  return validateSchema(schema, written)
    .map((cause) => ({
      cause,
      path:
        cause.field === undefined || cause.field === '<nil>'
          ? (/"([^"]+)" must/.exec(cause.message)?.[1] ?? '')
          : cause.field,
    }))
    .filter(({ path }) => !isSaid(path))
    .map(({ cause, path }) => ({
      id: SCHEMA_RULE,
      path,
      message: cause.message.replace(/^Invalid value: "": "[^"]*" /, '').replace(`${path} in body `, ''),
    }));
};

const byPlace = (a: FileFinding, b: FileFinding): number =>
  a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line || a.column - b.column || (a.id < b.id ? -1 : 1);

/** All findings about the judged objects, by file, line and column. */
export const judgeFiles = (files: readonly FileObject[], options: JudgeOptions): FileFinding[] => {
  const objects = files.map(({ object }) => withNamespace(object, options.namespace));
  const related = relatedAmong(objects);
  const settings: Settings = {
    meshProvider: options.meshProvider,
    selectorLabels: ['app', 'name', 'app.kubernetes.io/name'],
    noCrossNamespaceRefs: false,
    providers: PROVIDER_NAMES,
    capabilitiesOf,
  };
  const judgeOne = ({ placeOf }: FileObject, object: KubeObject): FileFinding[] => {
    const namespace = object.metadata.namespace as string;
    const label = `${object.kind} ${object.metadata.name ?? ''}`;
    const found = judge({
      kind: object.kind as JudgedKind,
      operation: 'CREATE',
      stage: 'all',
      object,
      namespace,
      mode: modeIn(objects, namespace),
      settings,
      related,
    });
    const rules = found.map(({ id, severity, path, message }) => ({
      id,
      path,
      message,
      severity: severity === 'deny' ? ('error' as const) : ('warning' as const),
    }));
    const schema = schemaFindings(
      object,
      found.filter(({ severity }) => severity === 'deny').map(({ path }) => path),
    ).map((one) => ({ ...one, severity: 'error' as const }));
    return [...rules, ...schema].map((finding) => ({ ...finding, ...placeOf(finding.path), object: label }));
  };
  return files
    .flatMap((file, index) => (isJudged(file.object) ? judgeOne(file, objects[index] as KubeObject) : []))
    .filter(({ id }) => !options.disabled.has(id))
    .sort(byPlace);
};
