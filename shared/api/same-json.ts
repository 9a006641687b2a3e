/** Whether two JSON values have the same content. */

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields | readonly unknown[] => typeof value === 'object' && value !== null;

const sameFields = (a: Fields, b: Fields): boolean => {
  let count = 0;
  for (const key of Object.keys(a)) {
    if (a[key] === undefined) continue;
    if (!Object.hasOwn(b, key) || b[key] === undefined || !isSameJson(a[key], b[key])) return false;
    count += 1;
  }
  for (const key of Object.keys(b)) if (b[key] !== undefined) count -= 1;
  return count === 0;
};

/**
 * True when both would be the same text as canonical JSON: whatever the order of keys, fields that are undefined left
 * out. Makes no text, since it is asked many times in each pass.
 */
export const isSameJson = (a: unknown, b: unknown): boolean => {
  if (a === b) return true;
  if (!isObject(a) || !isObject(b)) return (a ?? null) === (b ?? null);
  if (!Array.isArray(a) && !Array.isArray(b)) return sameFields(a as Fields, b as Fields);
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
  return a.every((item, index) => isSameJson(item, b[index]));
};
