/** The same question about the primary: a query with the names of the other side. */
import type { TemplateData } from './template-expression.ts';

/** The names of the primary, for a template that speaks of the canary. `route`: what routes to the primary, where it has another name. */
export const primaryNames = (data: TemplateData, route: string | undefined): TemplateData => ({
  ...data,
  target: `${data.target}-primary`,
  service: `${data.service}-primary`,
  ...(route !== undefined && { route }),
});

const JOINS = ['-', '_'] as const;
const SIDES = ['canary', 'primary'] as const;

/**
 * A rendered query without names such as `podinfo-primary-canary`: where the template itself says which side it means, it
 * means the primary now. `data` has the names that it was rendered with; `sides` is what labels say of either side.
 */
export const aboutPrimary = (
  query: string,
  { target, service }: Pick<TemplateData, 'target' | 'service'>,
  sides: readonly [canary: string, primary: string] | undefined,
): string => {
  let text = sides === undefined ? query : query.replaceAll(sides[0], sides[1]);
  for (const name of new Set([target, service])) {
    for (const join of JOINS) for (const side of SIDES) text = text.replaceAll(`${name}${join}${side}`, name);
  }
  return text;
};
