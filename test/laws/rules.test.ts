/** What holds for every rule and every object. */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../shared/api/kube.ts';
import { capabilitiesOf, PROVIDER_NAMES } from '../../shared/routing/index.ts';
import type { Input, JudgedKind, Settings } from '../../shared/rules/input.ts';
import { isDenied, judge, needs, startReview } from '../../shared/rules/judge.ts';
import { isRecord } from '../../shared/rules/raw.ts';
import { relatedAmong } from '../../shared/rules/related.ts';
import { lineOf, renderDenial, renderWarnings } from '../../shared/rules/render.ts';
import { RULE_CASES } from '../unit/shared/rules/cases/all.ts';
import { canary, kedaCanary, SETTINGS, scaledObject } from '../unit/shared/rules/world.ts';

const KINDS: readonly JudgedKind[] = ['Canary', 'ScaledObject', 'AlertProvider', 'MetricTemplate'];
/** With the providers as they are. */
const REAL: Settings = { ...SETTINGS, providers: PROVIDER_NAMES, capabilitiesOf };
const runes = (text: string): number => [...text].length;

/** Every path of an object, as lists of keys. */
const pathsOf = (value: unknown, at: readonly string[] = []): readonly (readonly string[])[] =>
  typeof value === 'object' && value !== null
    ? [at, ...Object.entries(value).flatMap(([key, part]) => pathsOf(part, [...at, key]))]
    : [at];

const replaceAt = (value: unknown, path: readonly string[], by: unknown): unknown => {
  const [key, ...rest] = path;
  if (key === undefined) return by;
  const copy: Record<string, unknown> = Array.isArray(value) ? ([...value] as never) : { ...(value as object) };
  copy[key] = replaceAt(copy[key], rest, by);
  return copy;
};

const odd = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(
    null,
    0,
    -1,
    0.5,
    1e300,
    '',
    '0',
    '10s',
    true,
    [],
    {},
    [null],
    'a'.repeat(5000),
    '\u0000\n',
    '\ud800',
  ),
  fc
    .constantFrom('__proto__', 'constructor', 'hasOwnProperty')
    .map((key) => JSON.parse(`{"${key}": {"x": 1}, "y": "__proto__"}`) as unknown),
);

/** A good object with up to three of its parts replaced by anything. */
const bent = (start: KubeObject) =>
  fc
    .array(fc.tuple(fc.constantFrom(...pathsOf(start)), odd), { minLength: 1, maxLength: 3 })
    .map((changes) => changes.reduce<unknown>((object, [path, by]) => replaceAt(object, path, by), start));

const objects: fc.Arbitrary<unknown> = fc.oneof(odd, bent(kedaCanary()), bent(canary()), bent(scaledObject()));

const inputs: fc.Arbitrary<Input> = fc
  .record({
    kind: fc.constantFrom(...KINDS),
    operation: fc.constantFrom('CREATE', 'UPDATE', 'DELETE' as const),
    stage: fc.constantFrom('mutate', 'validate', 'all' as const),
    mode: fc.constantFrom('default', 'warn', 'strict' as const),
    object: objects,
    oldObject: objects,
    others: fc.array(fc.oneof(bent(kedaCanary()), bent(scaledObject())), { maxLength: 3 }),
  })
  .map(({ others, ...input }): Input => {
    // Other objects come from an API server: whatever else is odd about them, they have metadata.
    const listed = others.filter((other) => isRecord(other) && isRecord(other['metadata'])) as unknown as KubeObject[];
    return { ...input, settings: REAL, namespace: 'test', related: relatedAmong(listed) };
  });

describe('whatever JSON comes', () => {
  it('nothing throws, no rule breaks, and every text fits', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const findings = judge(input);
        needs(input);
        const broken = findings.filter(
          ({ id, message }) => id === 'GEN-002' && message.includes('could not check rule'),
        );
        expect(broken).toEqual([]);
        for (const finding of findings) {
          expect(runes(finding.message)).toBeLessThanOrEqual(240);
          expect(lineOf(finding)).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u);
          expect(runes(lineOf(finding))).toBeLessThanOrEqual(240);
        }
        expect(Buffer.byteLength(renderDenial(findings)?.message ?? '')).toBeLessThanOrEqual(2048);
        expect(renderWarnings(findings).length).toBeLessThanOrEqual(13);
      }),
      { numRuns: 2000 },
    );
  });

  it('an update that changes nothing is never denied, nor is one that changes annotations alone', () => {
    fc.assert(
      fc.property(inputs, fc.string(), (input, note) => {
        const object = input.object;
        expect(judge({ ...input, operation: 'UPDATE', oldObject: object })).toEqual([]);
        if (!isRecord(object) || !isRecord(object['metadata'])) return;
        const noted = { ...object, metadata: { ...object['metadata'], annotations: { 'example.com/note': note } } };
        expect(
          judge({ ...input, operation: 'UPDATE', object: noted, oldObject: object }).filter(
            ({ severity }) => severity === 'deny',
          ),
        ).toEqual([]);
      }),
    );
  });

  it('a change elsewhere in the spec is not blamed for what stood there before', () => {
    fc.assert(
      fc.property(bent(kedaCanary()), (object) => {
        if (!isRecord(object) || !isRecord(object['spec'])) return;
        const changed = { ...object, spec: { ...object['spec'], suspend: 'changed' } };
        const input: Input = {
          ...RULE_CASES[0]!.bad,
          operation: 'UPDATE',
          object: changed,
          oldObject: object,
          related: relatedAmong([scaledObject()]),
        };
        expect(judge(input).filter(({ severity }) => severity === 'deny')).toEqual([]);
      }),
    );
  });

  it('answers are the same twice, and alone they are a part of the whole', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const findings = judge(input);
        expect(judge(input)).toEqual(findings);
        for (const finding of startReview(input).alone) expect(findings).toContainEqual(finding);
      }),
    );
  });

  it('a poisoned key changes no finding but its own name', () => {
    const withKey = (key: string) =>
      kedaCanary(
        (it) => (it.spec.autoscalerRef.primaryScalerQueries = JSON.parse(`{"${key}": "", "prom": "podinfo-primary"}`)),
      );
    const findings = (key: string) =>
      judge({ ...RULE_CASES[0]!.bad, object: withKey(key), related: relatedAmong([scaledObject()]) }).map((finding) =>
        JSON.stringify(finding).replaceAll(key, 'KEY'),
      );
    for (const key of ['__proto__', 'constructor', 'hasOwnProperty', 'valueOf'])
      expect(findings(key)).toEqual(findings('harmless'));
  });
});

/** The words by which our messages say what to do. */
const REMEDY =
  /[.;:?)] (?:Add|Change|Choose|Correct|Create|Delete|Give|Keep|Lower|[Mm]ove|Name|Point|Put|Raise|Remove|Rename|Run|Set|Shorten|Use|Write)\b[^!]*[.]$/;

describe('every example', () => {
  it.each(RULE_CASES.map((one) => [one.id, one.says, one] as const))(
    'of %s (%s) fits in one warning and ends with what to do',
    (_id, _says, one) => {
      for (const finding of judge(one.bad)) {
        expect(runes(lineOf(finding))).toBeLessThanOrEqual(240);
        expect(lineOf(finding)).not.toContain('…');
        expect(finding.message).toMatch(REMEDY);
      }
    },
  );
});

const SCENARIOS = new URL('../golden/scenarios/', import.meta.url);

interface Scenario {
  readonly name: string;
  readonly objects: readonly KubeObject[];
  readonly steps: readonly (readonly [string, ...unknown[]])[];
}

const scenarios = readdirSync(SCENARIOS)
  .filter((file) => file.endsWith('.json'))
  .map((file) => JSON.parse(readFileSync(new URL(file, SCENARIOS), 'utf8')) as Scenario);

describe('every recorded rollout of the reference', () => {
  it('is there', () => {
    expect(scenarios.length).toBeGreaterThan(50);
  });

  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
    '%s is admitted',
    (_name, { objects, steps }) => {
      const applied = steps.filter(([what]) => what === 'apply').map(([, object]) => object as KubeObject);
      const all = [...objects, ...applied];
      const judged = all.filter(({ kind }) => (KINDS as readonly string[]).includes(kind));
      expect(judged.length).toBeGreaterThan(0);
      for (const object of judged) {
        for (const others of [all, []]) {
          const input: Input = {
            kind: object.kind as JudgedKind,
            operation: 'CREATE',
            stage: 'all',
            object,
            mode: 'default',
            settings: REAL,
            related: relatedAmong(others),
          };
          expect(isDenied(judge(input)), JSON.stringify(judge(input))).toBe(false);
        }
      }
    },
  );
});
