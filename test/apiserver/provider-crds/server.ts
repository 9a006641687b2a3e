/** A bare control plane that serves what the routers write, by the providers' own definitions. */
import { KINDS } from '../../../shared/api/kinds.ts';
import { groupOf, type Kind, type KubeObject, kindKey, refOf } from '../../../shared/api/kube.ts';
import type { Write } from '../../../shared/api/model.ts';
import { CanaryError, hasCode } from '../../../shared/errors.ts';
import { createKube, type KubeClient } from '../../../shared/kube/client.ts';
import { loadConnection } from '../../../shared/kube/config.ts';
import { collectionPath, objectPath, resourceOf, subjectOf } from '../../../shared/kube/paths.ts';
import { type ApiRequest, createTransport } from '../../../shared/kube/transport.ts';
import { systemClock } from '../../../shared/platform/clock.ts';
import { createNamespace, ourCrds } from '../../golden/runner/cluster.ts';
import { schemaFreeCrds } from '../../golden/runner/foreign-crds.ts';
import { eventually } from '../control-plane/eventually.ts';
import { startControlPlane } from '../control-plane/start.ts';

export type Put = Exclude<Write, { do: 'delete' }>;

export interface StrictServer {
  readonly kube: KubeClient;
  /** Carries a write out: what the server then holds. Rejects where a field is unknown, too. */
  write(write: Put): Promise<KubeObject>;
  /** Serves these kinds, by these definitions where they are among them, else without a schema. */
  define(kinds: readonly Kind[], definitions: readonly KubeObject[]): Promise<void>;
  close(): Promise<void>;
}

const STRICT = 'fieldValidation=Strict';
const PATCH_TYPES = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
} as const;

const requestOf = (write: Put): ApiRequest => {
  const { ref } = write;
  const path = `${write.do === 'create' ? collectionPath(ref.kind, ref.namespace) : objectPath(ref)}?${STRICT}`;
  if (write.do === 'create')
    return {
      method: 'POST',
      path,
      body: write.object,
      subject: subjectOf('create', ref),
    };
  if (write.do === 'replace')
    return {
      method: 'PUT',
      path,
      body: write.object,
      subject: subjectOf('update', ref),
    };
  const contentType = PATCH_TYPES[write.type];
  return {
    method: 'PATCH',
    path,
    contentType,
    body: write.patch,
    subject: subjectOf('patch', ref),
  };
};

/** The server's own words, which say what is wrong with which field. */
const inFull = (error: unknown): never => {
  throw error instanceof CanaryError && error.because !== undefined ? new Error(error.because) : error;
};

/** Is it a kind of Kubernetes itself? */
export const isBuiltIn = ({ apiVersion }: Kind): boolean => ['', 'networking.k8s.io'].includes(groupOf(apiVersion));

/** A definition that is there goes first, with its objects: then no server works by the former one. */
const replaceDefinition = async (kube: KubeClient, definition: KubeObject): Promise<void> => {
  const ref = refOf(KINDS.crd, definition);
  await kube.remove(ref).catch((error: unknown) => {
    if (!hasCode(error, 'API_NOT_FOUND')) throw error;
  });
  const { resourceVersion: _, ...metadata } = definition.metadata;
  await eventually(() => kube.create(KINDS.crd, { ...definition, metadata }), {
    what: `${ref.name} to be defined`,
  });
};

interface Version {
  name: string;
  storage: boolean;
}

const versionsOf = (definition: KubeObject | undefined): Version[] =>
  ((definition?.['spec'] ?? {}) as { versions?: Version[] }).versions ?? [];

/** With the versions that we write and it has not: without a schema, and stored, since others would lose their fields. */
const completed = (definition: KubeObject, kinds: readonly Kind[]): KubeObject => {
  const own = versionsOf(definition);
  const [free] = schemaFreeCrds(kinds.filter((kind) => resourceOf(kind) === definition.metadata.name));
  const missing = versionsOf(free).filter(({ name }) => own.every((version) => version.name !== name));
  if (missing.length === 0) return definition;
  const versions = [...own, ...missing].map((version) => ({
    ...version,
    storage: version === missing[0],
  }));
  return {
    ...definition,
    spec: { ...(definition['spec'] as object), versions },
  };
};

const define = async (kube: KubeClient, kinds: readonly Kind[], definitions: readonly KubeObject[]): Promise<void> => {
  const foreign = [...new Map(kinds.map((kind) => [kindKey(kind), kind])).values()].filter((kind) => !isBuiltIn(kind));
  const known = definitions.filter(({ metadata }) => foreign.some((kind) => resourceOf(kind) === metadata.name));
  const free = schemaFreeCrds(
    foreign.filter((kind) => !known.some(({ metadata }) => metadata.name === resourceOf(kind))),
  );
  const all = [...known.map((definition) => completed(definition, foreign)), ...free];
  await Promise.all(all.map((definition) => replaceDefinition(kube, definition)));
  for (const kind of foreign)
    await eventually(() => kube.list(kind).then(() => true), {
      what: `${resourceOf(kind)} to be served`,
      everyMs: 50,
    });
};

/** Starts it with the namespace `test` and our own kinds. Takes six seconds. */
export const startStrictServer = async (): Promise<StrictServer> => {
  const cluster = await startControlPlane({ workloads: false });
  const connection = await loadConnection({ kubeconfig: cluster.kubeconfig });
  const kube = createKube(connection);
  const transport = createTransport(connection, { clock: systemClock });
  await createNamespace(kube, 'test');
  await define(kube, [KINDS.canary], ourCrds());
  return {
    kube,
    write: async (write) => (await transport.send(requestOf(write)).catch(inFull)) as KubeObject,
    define: (kinds, definitions) => define(kube, kinds, definitions),
    close: async () => {
      kube.close();
      transport.close();
      await cluster.stop();
    },
  };
};
