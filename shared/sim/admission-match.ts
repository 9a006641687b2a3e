/** Which webhooks of a configuration a write concerns: rules, selectors, match conditions. */
import type { KubeObject } from '../api/kube.ts';
import type { Review } from './context.ts';
import type { Fields } from './json.ts';
import { fieldsAt, isFields, listAt, own, textAt } from './json.ts';
import type { Registry, ServedKind } from './kinds.ts';
import { matchesSelector } from './selectors.ts';
import type { Store } from './store.ts';

export interface Hook {
  readonly name: string;
  readonly failurePolicy: string;
  readonly timeoutSeconds: number;
  readonly sideEffects: string;
  readonly reinvocationPolicy: string;
  readonly definition: Fields;
}

const hookOf = (definition: Fields): Hook => ({
  name: textAt(definition, 'name'),
  failurePolicy: textAt(definition, 'failurePolicy') || 'Fail',
  timeoutSeconds: Number(own(definition, 'timeoutSeconds') ?? 10),
  sideEffects: textAt(definition, 'sideEffects'),
  reinvocationPolicy: textAt(definition, 'reinvocationPolicy'),
  definition,
});

const GROUP = 'admissionregistration.k8s.io';
export const MUTATING = `${GROUP}/mutatingwebhookconfigurations`;
export const VALIDATING = `${GROUP}/validatingwebhookconfigurations`;

/** All webhooks of all configurations of one sort, in the order in which they are called. */
export const hooksOf = (store: Store, sort: typeof MUTATING | typeof VALIDATING): Hook[] =>
  store.list(sort, '').flatMap((configuration) => listAt(configuration, 'webhooks').filter(isFields).map(hookOf));

const names = (list: readonly unknown[], wanted: string): boolean => list.includes('*') || list.includes(wanted);

const namesResource = (resources: readonly unknown[], plural: string, subresource: string): boolean =>
  resources.some((entry) => {
    const [resource = '', sub = ''] = String(entry).split('/');
    const resourceFits = resource === '*' || resource === plural;
    if (entry === '*') return subresource === '';
    return resourceFits && (sub === '*' || sub === subresource);
  });

const ruleTakes = (rule: unknown, kind: ServedKind, review: Review): boolean => {
  const scope = textAt(rule, 'scope') || '*';
  const scopeFits = scope === '*' || (scope === 'Namespaced') === kind.namespaced;
  return (
    scopeFits &&
    names(listAt(rule, 'operations'), review.operation) &&
    names(listAt(rule, 'apiGroups'), kind.group) &&
    names(listAt(rule, 'apiVersions'), kind.version) &&
    namesResource(listAt(rule, 'resources'), kind.plural, review.subresource)
  );
};

/** The version of the kind in which a hook wants the write, or undefined when no rule takes it. */
const versionFor = (hook: Hook, review: Review, registry: Registry): ServedKind | undefined => {
  const rules = listAt(hook.definition, 'rules');
  const takes = (kind: ServedKind): boolean => rules.some((rule) => ruleTakes(rule, kind, review));
  if (takes(review.kind)) return review.kind;
  if (textAt(hook.definition, 'matchPolicy') === 'Exact') return undefined;
  return registry.all().find((kind) => kind.storage === review.kind.storage && takes(kind));
};

const labelsOf = (object: KubeObject | undefined): Fields => object?.metadata.labels ?? {};

const namespaceFits = (hook: Hook, review: Review, store: Store): boolean => {
  const selector = fieldsAt(hook.definition, 'namespaceSelector');
  if (review.kind.storage === '/namespaces') return matchesSelector(selector, labelsOf(review.object ?? review.old));
  if (!review.kind.namespaced) return true;
  return matchesSelector(selector, labelsOf(store.get('/namespaces', '', review.namespace)));
};

const objectFits = (hook: Hook, review: Review): boolean => {
  const selector = fieldsAt(hook.definition, 'objectSelector');
  return [review.object, review.old].some(
    (object) => object !== undefined && matchesSelector(selector, labelsOf(object)),
  );
};

/**
 * Whether rules and selectors send this write to a hook, and in which version. Configurations of webhooks are never
 * sent to webhooks, and neither are reviews.
 */
export const matchHook = (
  hook: Hook,
  review: Review,
  world: { store: Store; registry: Registry },
): ServedKind | undefined => {
  if (review.kind.group === GROUP) return undefined;
  if (!namespaceFits(hook, review, world.store) || !objectFits(hook, review)) return undefined;
  return versionFor(hook, review, world.registry);
};

/** JSON for CEL: whole numbers are integers there. */
const celValue = (value: unknown): unknown => {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return (value as unknown[]).map(celValue);
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, celValue(item)]));
};

/** Do all match conditions of a hook hold? Throws what the evaluation throws. */
export const holdsConditions = async (hook: Hook, request: Fields): Promise<boolean> => {
  const conditions = listAt(hook.definition, 'matchConditions');
  if (conditions.length === 0) return true;
  const { evaluate } = await import('@marcbachmann/cel-js');
  const context = {
    request: celValue(request),
    object: celValue(request['object'] ?? null),
    oldObject: celValue(request['oldObject'] ?? null),
  };
  return conditions.every((condition) => evaluate(textAt(condition, 'expression'), context) === true);
};
