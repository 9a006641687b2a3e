import { describe, expect, it } from 'vitest';
import { canarySpecSchema } from '../../../../shared/api/schema/canary-spec.ts';
import { CANARY_SPEC, type Shape } from '../../../../shared/rules/canary/known-fields.ts';
import {
  HOOK_WORDS,
  SAME_SITE_WORDS,
  SCALER_WORDS,
  SEVERITY_WORDS,
  TARGET_WORDS,
} from '../../../../shared/rules/canary/words.ts';

interface Schema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
}

type Tree = 'any' | { readonly [name: string]: Tree };

const treeOfSchema = (schema: Schema): Tree => {
  if (schema.properties !== undefined) {
    return Object.fromEntries(Object.entries(schema.properties).map(([name, part]) => [name, treeOfSchema(part)]));
  }
  const inner = schema.additionalProperties ?? schema.items;
  const tree = inner === undefined ? 'any' : treeOfSchema(inner);
  return tree === 'any' ? 'any' : { [schema.items === undefined ? '{}' : '[]']: tree };
};

const treeOfShape = (shape: Shape): Tree => {
  if (shape === 'any') return 'any';
  if ('list' in shape) return { '[]': treeOfShape(shape.list) };
  if ('map' in shape) return { '{}': treeOfShape(shape.map) };
  return Object.fromEntries([...shape.record].map(([name, part]) => [name, treeOfShape(part)]));
};

const SPEC = canarySpecSchema([]) as unknown as Schema;

const at = (...path: readonly string[]): Schema =>
  path.reduce<Schema>((schema, name) => (name === '[]' ? schema.items : schema.properties?.[name]) ?? {}, SPEC);

describe('names that rules know by themselves', () => {
  it('are the fields of the schema', () => {
    expect(treeOfShape(CANARY_SPEC)).toEqual(treeOfSchema(SPEC));
  });

  it.each([
    ['hook types', HOOK_WORDS, ['analysis', 'webhooks', '[]', 'type']],
    ['target kinds', TARGET_WORDS, ['targetRef', 'kind']],
    ['autoscaler kinds', SCALER_WORDS, ['autoscalerRef', 'kind']],
    ['severities', SEVERITY_WORDS, ['analysis', 'alerts', '[]', 'severity']],
    ['SameSite values', SAME_SITE_WORDS, ['analysis', 'sessionAffinity', 'sameSite']],
  ] as const)('are the %s of the schema', (_what, words, path) => {
    expect(words.known).toEqual(at(...path).enum);
  });
});
