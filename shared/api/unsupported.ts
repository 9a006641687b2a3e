/**
 * What a Canary asks of its traffic provider that the provider can't do, in one line that names the field. The rules
 * and the driver say the same.
 */
import type { Canary, MatchEntry } from './canary.ts';
import { analysisOf, iterationsOf } from './defaults.ts';
import { isExpressible } from './match-forms.ts';
import type { Capabilities } from './model.ts';
import { strategyOf } from './names.ts';

export interface Unsupported {
  readonly path: string;
  /** Goes on from the path: what is wrong with it, and what to do. */
  readonly message: string;
}

const MATCH = 'spec.analysis.match';
const PREVIEW = 'spec.analysis.preview';

const entriesOf = (list: unknown): readonly MatchEntry[] => (Array.isArray(list) ? (list as MatchEntry[]) : []);

const knownForms = ({ match }: Capabilities): string =>
  match.length === 0 ? 'by no rule at all' : `by ${match.join(', ')} alone`;

/** Without a rule that the provider knows, an A/B test would send everybody to the new revision, or nobody. */
export const unsupportedTest = (canary: Canary, capabilities: Capabilities): Unsupported | undefined => {
  if (strategyOf(canary) !== 'ab-testing' || capabilities.iterationsOnly) return undefined;
  if (entriesOf(analysisOf(canary).match).some((entry) => isExpressible(entry, capabilities.match))) return undefined;
  return {
    path: MATCH,
    message: `has no rule that this provider can route by (${knownForms(capabilities)}). Change match, or remove it for blue/green.`,
  };
};

/** Whoever previews must not be sent elsewhere without a word. */
export const unsupportedPreview = (canary: Canary, capabilities: Capabilities): Unsupported | undefined => {
  const { preview } = analysisOf(canary);
  if (!preview) return undefined;
  if (iterationsOf(canary) > 0 || capabilities.iterationsOnly)
    return { path: PREVIEW, message: 'stands beside step weights alone. Remove it, or iterations.' };
  if (capabilities.preview !== true)
    return { path: PREVIEW, message: 'is nothing for this provider: it has only weights. Remove it.' };
  const entries = entriesOf(preview.match);
  const wrong = unsupportedEntry(entries, capabilities, `${PREVIEW}.match`);
  return wrong ?? tooManyEntries(entries, capabilities, `${PREVIEW}.match`);
};

/** The first entry that can't be said in full. */
export const unsupportedEntry = (
  entries: readonly MatchEntry[],
  capabilities: Capabilities,
  path: string,
): Unsupported | undefined => {
  const wrong = entries.findIndex((entry) => !isExpressible(entry, capabilities.match));
  if (wrong < 0) return undefined;
  return {
    path: `${path}[${wrong}]`,
    message: `is nothing that this provider can route by (it knows ${capabilities.match.join(', ')}). Change it.`,
  };
};

const namesIn = (entry: MatchEntry): readonly string[] =>
  Object.keys(entry?.headers ?? {}).map((name) => name.toLowerCase());

/** More than the provider can carry side by side: what is too much it would pass over, or ask for less than all of it. */
export const tooManyEntries = (
  entries: readonly MatchEntry[],
  { entries: limit }: Capabilities,
  path: string,
): Unsupported | undefined => {
  if (limit === 'one')
    return entries.length > 1
      ? { path, message: 'has more than one entry; this provider takes one. Keep one.' }
      : undefined;
  if (limit === undefined) return undefined;
  const names = entries.map(namesIn);
  const all = names.flat();
  const cookies = all.filter((name) => name === 'cookie').length;
  if (cookies > 1 || all.length - cookies > 1 || names.some((some) => some.length > 1)) {
    return {
      path,
      message:
        'names more than this provider takes: one header and one cookie, each in an entry of its own. Keep those.',
    };
  }
  return undefined;
};
