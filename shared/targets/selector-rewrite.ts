/** Spread constraints and anti-affinity of the primary speak of the primary's own pods. */
import type { StringMap } from '../api/kube.ts';
import type { PodSpec } from './pod-spec.ts';

interface LabelSelector {
  matchLabels?: StringMap;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

interface Rewrite {
  /** Keys that may tell the target's pods. */
  keys: readonly string[];
  from: string;
  to: string;
}

/** `from` becomes `to` under the selector labels in topologySpreadConstraints and podAntiAffinity. */
export const rewriteSelectors = (podSpec: PodSpec, rewrite: Rewrite): PodSpec => {
  const spread = podSpec['topologySpreadConstraints'] as { labelSelector?: LabelSelector }[] | undefined;
  const affinity = podSpec['affinity'] as { podAntiAffinity?: AntiAffinity } | undefined;
  return {
    ...podSpec,
    ...(spread && { topologySpreadConstraints: spread.map((constraint) => withSelector(constraint, rewrite)) }),
    ...(affinity?.podAntiAffinity && {
      affinity: { ...affinity, podAntiAffinity: rewriteAntiAffinity(affinity.podAntiAffinity, rewrite) },
    }),
  };
};

interface AntiAffinity {
  requiredDuringSchedulingIgnoredDuringExecution?: { labelSelector?: LabelSelector }[];
  preferredDuringSchedulingIgnoredDuringExecution?: { podAffinityTerm?: { labelSelector?: LabelSelector } }[];
}

const rewriteAntiAffinity = (affinity: AntiAffinity, rewrite: Rewrite): AntiAffinity => {
  const required = affinity.requiredDuringSchedulingIgnoredDuringExecution;
  const preferred = affinity.preferredDuringSchedulingIgnoredDuringExecution;
  return {
    ...affinity,
    ...(required && {
      requiredDuringSchedulingIgnoredDuringExecution: required.map((term) => withSelector(term, rewrite)),
    }),
    ...(preferred && {
      preferredDuringSchedulingIgnoredDuringExecution: preferred.map((term) =>
        term.podAffinityTerm ? { ...term, podAffinityTerm: withSelector(term.podAffinityTerm, rewrite) } : term,
      ),
    }),
  };
};

const withSelector = <T extends { labelSelector?: LabelSelector }>(term: T, rewrite: Rewrite): T =>
  term.labelSelector ? { ...term, labelSelector: rewriteSelector(term.labelSelector, rewrite) } : term;

const rewriteSelector = (selector: LabelSelector, { keys, from, to }: Rewrite): LabelSelector => ({
  ...selector,
  ...(selector.matchLabels && {
    matchLabels: Object.fromEntries(
      Object.entries(selector.matchLabels).map(([key, value]) => [
        key,
        keys.includes(key) && value === from ? to : value,
      ]),
    ),
  }),
  ...(selector.matchExpressions && {
    matchExpressions: selector.matchExpressions.map((expression) =>
      keys.includes(expression.key) && expression.values
        ? { ...expression, values: replaceFirst(expression.values, from, to) }
        : expression,
    ),
  }),
});

const replaceFirst = (values: readonly string[], from: string, to: string): string[] => {
  const at = values.indexOf(from);
  return values.map((value, index) => (index === at ? to : value));
};
