/** The scale subresource: the same small object for every kind that can be scaled. */
import type { KubeObject } from '../api/kube.ts';
import type { Context } from './context.ts';
import { clone, numberAt, setAt, textAt, valueAt } from './json.ts';
import type { ServedKind } from './kinds.ts';
import type { Target } from './prepare.ts';
import { selectorText } from './selectors.ts';
import { invalid, notFound } from './status.ts';
import { updateObject } from './update.ts';

/** An `autoscaling/v1 Scale` of the object; 404 for kinds without one. */
export const readScale = (kind: ServedKind, object: KubeObject): KubeObject => {
  if (kind.scale === undefined) throw notFound(kind.resource, object.metadata.name);
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = kind.scale.selector === undefined ? '' : selectorText(valueAt(object, ...kind.scale.selector));
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: clone({ name, namespace, uid, resourceVersion, creationTimestamp }) as KubeObject['metadata'],
    spec: { replicas: numberAt(object, ...kind.scale.spec) },
    status: { replicas: numberAt(object, ...kind.scale.status), ...(selector === '' ? {} : { selector }) },
  };
};

/** The object with the replicas that a Scale asks for. */
const writeScale = (kind: ServedKind, object: KubeObject, scale: unknown): KubeObject => {
  if (kind.scale === undefined) throw notFound(kind.resource, object.metadata.name);
  const replicas = numberAt(scale, 'spec', 'replicas');
  if (replicas < 0) {
    const message = `Invalid value: ${replicas}: must be greater than or equal to 0`;
    throw invalid({ group: 'autoscaling', plural: 'scales', kind: 'Scale' }, object.metadata.name, [
      { reason: 'FieldValueInvalid', message, field: 'spec.replicas' },
    ]);
  }
  const result = clone(object);
  setAt(result, kind.scale.spec, replicas);
  return result;
};

/** Changes the scale of an object: `change` gets the present Scale and says what it should be. */
export const changeScale = async (
  context: Context,
  target: Target,
  change: (scale: KubeObject) => unknown,
): Promise<KubeObject> => {
  const object = await updateObject(context, target, (old) => {
    const wish = change(readScale(target.kind, old));
    const version = textAt(wish, 'metadata', 'resourceVersion');
    const expected = version === '' || version === old.metadata.resourceVersion ? {} : { expected: version };
    return { object: writeScale(target.kind, old, wish), ...expected };
  });
  return readScale(target.kind, object);
};
