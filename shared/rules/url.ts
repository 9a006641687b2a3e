/** Reading addresses that a user wrote. */
import { textOf } from './raw.ts';

/** Longer texts are not read: no address has them, and reading them is the caller's time. */
const LONGEST = 2048;

/** The URL that a value is, of whatever protocol; undefined for anything else. */
export const urlOf = (value: unknown): URL | undefined => {
  const text = textOf(value);
  return text !== '' && text.length <= LONGEST && URL.canParse(text) ? new URL(text) : undefined;
};

/** The URL that a value is; undefined where HTTP cannot call it. */
export const httpUrlOf = (value: unknown): URL | undefined => {
  const url = urlOf(value);
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : undefined;
};
