const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * `live` with what `wanted` says put right: fields that `wanted` does not name stay, those that it names as undefined go,
 * lists of one length are gone through item by item, others are taken over.
 */
export const overlay = (live: unknown, wanted: unknown): unknown => {
  if (Array.isArray(wanted)) {
    const items: readonly unknown[] = Array.isArray(live) && live.length === wanted.length ? live : [];
    return wanted.map((value, index) => overlay(items[index], value));
  }
  if (!isFields(wanted)) return wanted;
  const fields = isFields(live) ? live : {};
  const named = Object.entries(wanted).map(([key, value]) => [key, overlay(fields[key], value)] as const);
  return Object.fromEntries(
    Object.entries({ ...fields, ...Object.fromEntries(named) }).filter(([, value]) => value !== undefined),
  );
};
