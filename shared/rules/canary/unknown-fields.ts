/** CANARY-TYPE-003 and -006: fields that somebody wrote and the API server drops without a word. */
import { isRecord, type Raw, recordOf, textOf } from '../raw.ts';
import { type Context, type Draft, NOTHING, type Rule } from '../rule.ts';
import { didYouMean, printable } from '../text.ts';
import type { CanaryView } from '../view.ts';
import { CANARY_SPEC, type Shape } from './known-fields.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const MOST = 8;
const GONE = 'canaryAnalysis';

/** What a client wrote before pruning: the object itself where no API server saw it, else what kubectl noted. */
const writtenSpec = (view: CanaryView, context: Context<CanaryView>): Raw => {
  if (context.unpruned) return view.spec;
  const noted = textOf(view.annotations[LAST_APPLIED]);
  if (noted === '' || noted === context.old?.annotations[LAST_APPLIED]) return recordOf(undefined);
  try {
    return recordOf(recordOf(JSON.parse(noted))['spec']);
  } catch {
    return recordOf(undefined);
  }
};

interface Unknown {
  readonly path: string;
  readonly name: string;
  readonly known: readonly string[];
}

/** As deep as the shape and no deeper, so the depth of what users write does not matter. */
const collect = (value: unknown, shape: Shape, path: string, found: Unknown[]): void => {
  if (shape === 'any' || found.length >= MOST) return;
  if ('list' in shape) {
    if (Array.isArray(value)) value.forEach((item, index) => collect(item, shape.list, `${path}[${index}]`, found));
    return;
  }
  if (!isRecord(value)) return;
  for (const [name, part] of Object.entries(value)) {
    const known = 'map' in shape ? shape.map : shape.record.get(name);
    const at = 'map' in shape ? `${path}[${printable(name, 40)}]` : `${path}.${printable(name, 40)}`;
    if (known !== undefined) collect(part, known, at, found);
    else if ('record' in shape && found.length < MOST) found.push({ path: at, name, known: [...shape.record.keys()] });
  }
};

const unknownFields = (view: CanaryView, context: Context<CanaryView>): readonly Draft[] => {
  const found: Unknown[] = [];
  collect(writtenSpec(view, context), CANARY_SPEC, 'spec', found);
  if (found.length === 0) return NOTHING;
  return found
    .filter(({ path }) => path !== `spec.${GONE}`)
    .map(({ path, name, known }) => ({
      path,
      message: `unknown field, it is dropped.${didYouMean(name, known)} Correct the name or remove it.`,
      reason: 'FieldValueForbidden' as const,
    }));
};

export const UNKNOWN_FIELD_RULES: readonly Rule<CanaryView>[] = [
  {
    id: 'CANARY-TYPE-003',
    class: 'W',
    path: 'spec',
    about: 'a field that the schema does not know',
    check: unknownFields,
  },
  {
    id: 'CANARY-TYPE-006',
    class: 'W',
    path: 'spec.canaryAnalysis',
    about: 'the old name of analysis',
    check: (view, context) =>
      isRecord(writtenSpec(view, context)[GONE])
        ? [{ path: `spec.${GONE}`, message: 'canaryAnalysis is no longer read. Move its content to analysis.' }]
        : NOTHING,
  },
];
