/** How messages quote what users wrote: short, on one line, and without characters that a warning may not hold. */

/** Longest message and longest warning, in runes. */
export const MESSAGE_RUNES = 240;
const QUOTE_RUNES = 80;

// Control and format characters, line separators and halves of surrogate pairs.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
const IS_UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

/** `text` on one line and without unprintable characters, cut to `runes` with an ellipsis. */
export const printable = (text: string, runes: number): string => {
  // A rune is at most two code units: what lies beyond can't be shown and need not be looked at.
  const short = text.length > runes * 2 + 2 ? text.slice(0, runes * 2 + 2) : text;
  const clean = IS_UNPRINTABLE.test(short) ? short.replace(UNPRINTABLE, ' ') : short;
  if (clean.length <= runes) return clean;
  const all = [...clean];
  return all.length <= runes ? clean : `${all.slice(0, runes - 1).join('')}…`;
};

const bareText = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
};

/** Any value as a message shows it: numbers as they are, texts without quotes, lists and objects by their kind. */
export const shown = (value: unknown): string => printable(bareText(value), QUOTE_RUNES);

/** A value in quotes; lists and objects by their kind. */
export const quoted = (value: unknown): string =>
  typeof value === 'object' && value !== null ? shown(value) : `"${shown(value)}"`;

/** The first few names of a list, so that a message stays short. `none` where there is nothing. */
export const listed = (names: readonly string[], most = 4): string => {
  if (names.length === 0) return 'none';
  const first = names.slice(0, most).map((name) => printable(name, 40));
  return names.length > most ? `${first.join(', ')} and ${names.length - most} more` : first.join(', ');
};

const LONGEST_COMPARED = 64;

/** Edits between two words, given up above `most`. */
const distance = (a: string, b: string, most: number): number => {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
};

/** The known word that was most likely meant: at most two edits away, letters' case aside. */
export const nearestOf = (word: string, known: Iterable<string>): string | undefined => {
  if (word.length > LONGEST_COMPARED) return undefined;
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let least = 3;
  for (const candidate of known) {
    const edits = distance(wanted, candidate.toLowerCase(), 2);
    if (edits < least && edits < candidate.length) {
      best = candidate;
      least = edits;
    }
  }
  return best;
};

/** ` Did you mean "x"?` with its space, or nothing. */
export const didYouMean = (word: string, known: Iterable<string>): string => {
  const near = nearestOf(word, known);
  return near === undefined ? '' : ` Did you mean "${near}"?`;
};
