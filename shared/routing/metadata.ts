import type { StringMap } from '../api/kube.ts';
import { DRIFT_ANNOTATIONS } from '../api/names.ts';
import type { RouteContext } from './router.ts';

/**
 * Labels and annotations of a provider's object for the apex: those of `spec.service.apex`, and Flux told to keep off.
 * The reference adds the selector label to user-given labels only; kept, since selectors may rely on it.
 */
export const apexMetadata = (context: RouteContext): { labels?: StringMap; annotations: StringMap } => {
  const apex = context.canary.spec.service?.apex;
  const own = context.selectorLabel === undefined ? {} : { [context.selectorLabel]: context.apex };
  return {
    ...(apex && { labels: { ...apex.labels, ...own } }),
    annotations: { ...apex?.annotations, ...DRIFT_ANNOTATIONS },
  };
};
