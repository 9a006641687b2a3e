/** What every write goes through on its way: defaults, what the server decides itself, what it keeps, checks. */
import type { KubeObject } from '../api/kube.ts';
import { type Caller, type Context, type Operation, type Review, timestamp } from './context.ts';
import { findSchemaFaults, withSchemaDefaults } from './decode.ts';
import type { Fields } from './json.ts';
import { clone, define, fieldsAt, own } from './json.ts';
import type { ServedKind } from './kinds.ts';
import type { Owner, Writer } from './managed.ts';
import { checkMetadata, refuse, tidyMetadata } from './objects.ts';

export interface Target {
  readonly kind: ServedKind;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
  readonly caller: Caller;
}

/** What a write wants: the object, and its owners where apply has settled them. */
export interface Wish {
  readonly object: KubeObject;
  readonly owners?: readonly Owner[];
  /** The version that the client has read; absent: any. */
  readonly expected?: string;
}

export const writerFor = (context: Context, target: Target, operation: Writer['operation']): Writer => ({
  manager: target.caller.manager,
  operation,
  subresource: target.subresource,
  apiVersion: target.kind.apiVersion,
  time: timestamp(context.clock.now()),
});

/** The write as admission sees it. */
export const reviewOf = (target: Target, operation: Operation, states: Pick<Review, 'object' | 'old'>): Review => {
  const { kind, subresource, namespace, name, caller } = target;
  return { kind, subresource, operation, namespace, name, caller, ...states };
};

/** The object with its defaults, on a copy. */
export const completed = (kind: ServedKind, object: KubeObject, old?: KubeObject): KubeObject => {
  const copy = withSchemaDefaults(kind, clone(object));
  kind.complete?.(copy, old);
  return tidyMetadata(copy);
};

/** The object with what the server itself decides, on a copy. */
export const allocated = (context: Context, kind: ServedKind, object: KubeObject, old?: KubeObject): KubeObject => {
  if (kind.allocate === undefined) return object;
  const copy = clone(object);
  kind.allocate(copy, old, context.help());
  return tidyMetadata(copy);
};

/** A new object with the identity that the server gives it. */
export const born = (context: Context, kind: ServedKind, object: KubeObject): KubeObject => ({
  ...object,
  metadata: {
    ...object.metadata,
    uid: context.nextUid(),
    creationTimestamp: timestamp(context.clock.now()),
    ...(kind.generation ? { generation: 1 } : {}),
  },
});

/** Throws 422 when something about the object is wrong. */
export const checkObject = (kind: ServedKind, object: KubeObject, old?: KubeObject): void =>
  refuse(kind, object.metadata.name, [
    ...checkMetadata(kind, object, old),
    ...findSchemaFaults(kind, object),
    ...(kind.check?.(object, old) ?? []),
  ]);

/** Metadata that no client changes. */
const KEPT = [
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generation',
  'generateName',
  'namespace',
  'resourceVersion',
];

const withStatusOf = (object: KubeObject, source: KubeObject): KubeObject => {
  const { status: _status, ...rest } = object;
  return own(source, 'status') === undefined ? rest : { ...rest, status: source['status'] };
};

/** Status writes of a Deployment carry its annotations too: that is how the revision gets there. */
const withAnnotationsOf = (object: KubeObject, { metadata: { annotations } }: KubeObject): KubeObject => {
  const { annotations: _annotations, ...metadata } = object.metadata;
  return { ...object, metadata: annotations === undefined ? metadata : { ...metadata, annotations } };
};

/** What the client wants with what the server keeps of the stored object, whatever the client sent. */
export const keepOld = (target: Target, old: KubeObject, wish: KubeObject): KubeObject => {
  if (target.subresource === 'status')
    return withStatusOf(target.kind.annotated === true ? withAnnotationsOf(old, wish) : old, wish);
  const metadata = { ...wish.metadata } as typeof wish.metadata & Fields;
  for (const key of KEPT) {
    delete metadata[key];
    const value = own(old.metadata, key);
    if (value !== undefined) define(metadata, key, value);
  }
  const object: KubeObject = { ...wish, metadata };
  return target.kind.status ? withStatusOf(object, old) : object;
};

/** A Namespace goes only when its own list of finalizers, in spec, is empty too. */
export const hasSpecFinalizers = (object: KubeObject): boolean => {
  if (object.kind !== 'Namespace' || object.apiVersion !== 'v1') return false;
  const finalizers = fieldsAt(object, 'spec')['finalizers'];
  return Array.isArray(finalizers) && finalizers.length > 0;
};
