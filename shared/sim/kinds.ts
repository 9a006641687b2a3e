/** The kinds that a simulated server serves, and how each behaves; further ones can be registered at any time. */
import type { KubeObject } from '../api/kube.ts';
import { groupOf, type Kind } from '../api/kube.ts';
import type { Fields } from './json.ts';
import { nativeShape, type Shape, schemaShape } from './shapes.ts';
import type { Resource, StatusCause } from './status.ts';

/** A column of `kubectl get`; `cell` gives what the server prints. */
export interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format?: string;
  readonly description?: string;
  /** 1: with `-o wide` only. */
  readonly priority?: number;
  cell(object: KubeObject, nowMs: number): unknown;
}

/** Where the scale subresource reads and writes; paths of field names. */
export interface ScalePaths {
  readonly spec: readonly string[];
  readonly status: readonly string[];
  /** Where the selector stands: a string, or a LabelSelector. */
  readonly selector?: readonly string[];
}

export interface KindOptions extends Kind {
  readonly singular?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  /** Has the status subresource. */
  readonly status?: boolean;
  readonly scale?: ScalePaths;
  /** Built-in kinds take strategic merge patches and may be replaced without a resourceVersion. */
  readonly native?: boolean;
  /** OpenAPI v3 schema; validated, pruned and defaulted by when it comes from a CustomResourceDefinition. */
  readonly schema?: Fields;
  readonly columns?: readonly Column[];
  /** False: metadata.generation stays unset. */
  readonly generation?: boolean;
  /** As for Deployments: changed annotations raise the generation too, and a status write may change them (and does not). */
  readonly annotated?: boolean;
  /** Can be created only and is not stored, such as a SelfSubjectReview. */
  readonly answer?: (object: KubeObject, user: UserInfo) => KubeObject;
  /** Fills in what the real server would, on a copy that it may change; `old` is absent for a create. */
  readonly complete?: (object: KubeObject, old: KubeObject | undefined) => void;
  /** What the server itself adds after the defaults: addresses, initial status. Nobody owns these fields. */
  readonly allocate?: (object: KubeObject, old: KubeObject | undefined, help: CompleteHelp) => void;
  /** A DELETE answers with the object instead of a Status, as for Services. */
  readonly deleteAnswersObject?: boolean;
  /** Findings against an object that has its defaults. */
  readonly check?: (object: KubeObject, old: KubeObject | undefined) => StatusCause[];
  /** Must a PUT carry a resourceVersion? Built-in kinds mostly do not insist. */
  readonly needsVersion?: boolean;
}

/** What filling in a new object may need. */
export interface CompleteHelp {
  readonly now: string;
  /** A cluster IP that no Service uses yet. */
  nextClusterIP(): string;
  nextNodePort(): number;
}

export interface UserInfo {
  username: string;
  uid?: string;
  groups?: string[];
}

/** A registered kind: options with their defaults, and what follows from them. */
export interface ServedKind extends KindOptions {
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly status: boolean;
  readonly native: boolean;
  readonly generation: boolean;
  readonly columns: readonly Column[];
  readonly group: string;
  readonly version: string;
  /** `group/plural`: where objects of every served version are stored. */
  readonly storage: string;
  readonly resource: Resource;
  readonly shape: Shape;
}

const versionOf = (apiVersion: string): string => apiVersion.slice(apiVersion.indexOf('/') + 1);

const complete = (options: KindOptions): ServedKind => {
  const group = groupOf(options.apiVersion);
  return {
    ...options,
    singular: options.singular ?? options.kind.toLowerCase(),
    shortNames: options.shortNames ?? [],
    categories: options.categories ?? [],
    status: options.status ?? false,
    native: options.native ?? false,
    generation: options.generation ?? true,
    columns: options.columns ?? [],
    group,
    version: versionOf(options.apiVersion),
    storage: `${group}/${options.plural}`,
    resource: { group, plural: options.plural, kind: options.kind },
    shape: options.native === true ? nativeShape(options.kind) : schemaShape(options.schema),
  };
};

export interface Registry {
  /** Serves a kind from now on; one of the same version and plural is replaced. */
  register(options: KindOptions): ServedKind;
  unregister(apiVersion: string, plural: string): void;
  /** By `apps/v1` and `deployments`. */
  find(apiVersion: string, plural: string): ServedKind | undefined;
  /** By `apps/v1` and `Deployment`. */
  findKind(apiVersion: string, kind: string): ServedKind | undefined;
  all(): ServedKind[];
}

/** A registry that serves nothing yet. */
export const createRegistry = (): Registry => {
  const kinds = new Map<string, ServedKind>();
  return {
    register(options) {
      const kind = complete(options);
      kinds.set(`${kind.apiVersion}/${kind.plural}`, kind);
      return kind;
    },
    unregister: (apiVersion, plural) => void kinds.delete(`${apiVersion}/${plural}`),
    find: (apiVersion, plural) => kinds.get(`${apiVersion}/${plural}`),
    findKind: (apiVersion, name) =>
      [...kinds.values()].find((kind) => kind.apiVersion === apiVersion && kind.kind === name),
    all: () => [...kinds.values()],
  };
};
