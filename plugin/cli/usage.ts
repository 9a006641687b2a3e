import { CanaryError } from '../../shared/errors.ts';
import { nearest } from './nearest.ts';

/** Wrong usage: one line, exit code 2. `remedy` is what to type instead. */
export const usageError = (message: string, remedy?: string): CanaryError =>
  new CanaryError('USAGE', message, remedy === undefined ? {} : { remedy });

/** Says that a word is not known, and which one was probably meant. */
export const unknownWord = (what: string, word: string, known: Iterable<string>, help: string): CanaryError => {
  const meant = nearest(word.replace(/^-+/, ''), known);
  const dashes = /^-*/.exec(word)?.[0] === '' ? '' : '--';
  return usageError(
    `unknown ${what} "${word}"${meant === undefined ? '' : `; did you mean "${dashes}${meant}"?`}`,
    help,
  );
};
