/** What targets made of pods have in common: their template, copied and renamed for the primary. */
import type { KubeObject, StringMap } from '../api/kube.ts';
import { REFERENCE_KEYS } from '../api/names.ts';
import { renameConfigRefs } from './config-refs.ts';
import { type PodTemplate, podSpecOf, specOf } from './pod-spec.ts';
import type { PrimaryContext, Selector } from './target.ts';

/** Flux labels its objects to find them again; a copy must not be found. */
const isToolkitKey = (key: string): boolean => key.includes('toolkit.fluxcd.io');

/** The entries whose key `keep` accepts, without those of the Flux toolkit. */
export const filterKeys = (map: StringMap | undefined, keep: (key: string) => boolean = () => true): StringMap =>
  Object.fromEntries(Object.entries(map ?? {}).filter(([key]) => !isToolkitKey(key) && keep(key)));

/** Accepts keys with one of the prefixes; `*` accepts all, an empty list none. */
export const hasPrefix =
  (prefixes: readonly string[]) =>
  (key: string): boolean =>
    prefixes.some((prefix) => prefix === '*' || (prefix !== '' && key.startsWith(prefix)));

/** First of the configured labels that the target selects its pods by. */
export const selectorOf = (
  word: string,
  object: KubeObject,
  selectorLabels: readonly string[],
): Selector | { problem: string } => {
  const labels = specOf(object).selector?.matchLabels ?? {};
  const label = selectorLabels.find((key) => Object.hasOwn(labels, key));
  if (label !== undefined) return { label, value: labels[label] as string };
  const { name, namespace } = object.metadata;
  return {
    problem: `${word} ${name}.${namespace} spec.selector.matchLabels must contain one of [${selectorLabels.join(' ')}]`,
  };
};

/** The image of each container, in order, joined by commas. */
export const imageOf = (object: KubeObject): string =>
  (podSpecOf(object).containers ?? []).map((container) => container.image ?? '').join(',');

export const PRIMARY_SUFFIX = '-primary';

/** The target's template as the primary runs it: own label, own configs, a fresh id that replaces the pods. */
export const primaryTemplate = (template: PodTemplate, selector: Selector, context: PrimaryContext): PodTemplate => ({
  ...template,
  metadata: {
    ...template.metadata,
    labels: { ...filterKeys(template.metadata?.labels), [selector.label]: `${selector.value}${PRIMARY_SUFFIX}` },
    annotations: { ...filterKeys(template.metadata?.annotations), [REFERENCE_KEYS.podId]: context.rolloutId },
  },
  spec: renameConfigRefs(template.spec ?? {}, context.copiedConfigs),
});
