/** Short names for contents: our own digests, and the reference's checksums where others compare them. */
import { createHash } from 'node:crypto';

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Keys that stand in quotes as they are. */
const PLAIN_KEY = /^[\w./-]*$/;

/**
 * JSON without white space, keys in the order of their text (numbers as keys included), fields that are undefined
 * left out. Equal for equal contents, in whatever order they were read.
 */
export const canonicalJson = (value: unknown): string => {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  let text = '';
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) text += `${text === '' ? '' : ','}${canonicalJson(item)}`;
    return `[${text}]`;
  }
  const fields = value as Readonly<Record<string, unknown>>;
  // Without a function, keys are sorted by the code units of their text.
  for (const key of Object.keys(fields).sort()) {
    const item = fields[key];
    if (item === undefined) continue;
    const quoted = PLAIN_KEY.test(key) ? `"${key}"` : JSON.stringify(key);
    text += `${text === '' ? '' : ','}${quoted}:${canonicalJson(item)}`;
  }
  return `{${text}}`;
};

/** Our name for a revision, or for any other JSON value: ten hexadecimal characters. */
export const digestOf = (value: unknown): string => sha256(canonicalJson(value)).slice(0, 10);

/** A name in the form of a UUID, always the same for the same JSON value. */
export const uuidOf = (value: unknown): string => {
  const hex = sha256(canonicalJson(value));
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

/**
 * The reference's checksum of a ConfigMap's or Secret's `data` as the API gives it (a Secret's values in base64):
 * 16 hexadecimal characters, as in `status.trackedConfigs`.
 */
export const configChecksum = (data: Readonly<Record<string, string>> | null | undefined): string => {
  const escaped = canonicalJson(data ?? null).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return sha256(escaped).slice(0, 16);
};

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const DIGITS = '456789bcdf';

/**
 * A hash that looks like the reference's: FNV-1a of 32 bits, its decimal digits written as `456789bcdf`. What we
 * put into `lastAppliedSpec`; nobody may read meaning into it.
 */
export const opaqueHash = (text: string): string => {
  let hash = FNV_OFFSET;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, FNV_PRIME);
  return (hash >>> 0).toString().replace(/\d/g, (digit) => DIGITS.charAt(Number(digit)));
};

/** The `checksum` of hook payloads: equal to the reference's for equal status fields, so that gates keep their keys. */
export const hookChecksum = (
  trackedConfigs: Readonly<Record<string, string>> | null | undefined,
  lastAppliedSpec: string | undefined,
): string => {
  const pairs = Object.entries(trackedConfigs ?? {}).sort(([a], [b]) => byText(a, b));
  const configs = trackedConfigs ? `map[${pairs.map(([key, value]) => `${key}:${value}`).join(' ')}]` : '<nil>';
  const type = '(struct { TrackedConfigs *map[string]string; LastAppliedSpec string })';
  return opaqueHash(
    `${type}{TrackedConfigs:(*map[string]string)${configs} LastAppliedSpec:(string)${lastAppliedSpec ?? ''}}`,
  );
};
