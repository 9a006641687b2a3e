const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);

/**
 * Paths at which `held` has something else than `sent`, or nothing. What the server adds by default is no difference,
 * and neither is an empty list or map that it leaves out.
 */
export const lostOf = (sent: unknown, held: unknown, path = ''): string[] => {
  if (Array.isArray(sent) && Array.isArray(held) && sent.length === held.length)
    return sent.flatMap((item, index) => lostOf(item, held[index], `${path}[${index}]`));
  if (isFields(sent) && isFields(held))
    return Object.entries(sent).flatMap(([key, value]) =>
      lostOf(value, held[key], path === '' ? key : `${path}.${key}`),
    );
  if (sent === held || (isNothing(sent) && isNothing(held))) return [];
  return [`${path}: ${JSON.stringify(sent)} became ${JSON.stringify(held)}`];
};
