import { describe, expect, it } from 'vitest';
import type { Canary } from '../../../../shared/api/canary.ts';
import type { Capabilities } from '../../../../shared/api/model.ts';
import { specProblemOf } from '../../../../shared/rollout/soundness.ts';
import { aCanary, withAnalysis, withSpec, withWeights } from '../../../make/canary.ts';

const CAPABILITIES: Capabilities = {
  weights: true,
  match: ['header-exact', 'cookie'],
  mirror: 'none',
  mirrorWeight: false,
  sessionAffinity: 'none',
  preview: true,
  iterationsOnly: false,
  retired: false,
};

const problemOf = (canary: Canary, more: Partial<Capabilities> = {}): string | undefined =>
  specProblemOf(canary, { capabilities: { ...CAPABILITIES, ...more }, needsPort: false });

type Entries = NonNullable<Canary['spec']['analysis']['match']>;

const exact: Entries[number] = { headers: { a: { exact: '1' } } };

describe('steps that lead nowhere', () => {
  it.each<[string, object]>([
    ['no step at all', { stepWeight: undefined, maxWeight: undefined }],
    ['a step of 0', { stepWeight: 0, maxWeight: 50 }],
    ['steps of 0 alone', { stepWeight: undefined, maxWeight: undefined, stepWeights: [0] }],
  ])('are not sound: %s', (_what, analysis) => {
    expect(problemOf(aCanary(withWeights(10, 50), withAnalysis({ iterations: undefined, ...analysis })))).toMatch(
      /traffic would never move/,
    );
  });

  it('are passed over where others lead on', () => {
    const canary = aCanary(
      withWeights(10, 50),
      withAnalysis({ stepWeight: undefined, maxWeight: undefined, stepWeights: [0, 30, 20, 40] }),
    );
    expect(problemOf(canary)).toBeUndefined();
  });
});

describe('a judgement', () => {
  const judged = (analysis: object): string | undefined =>
    problemOf(aCanary(withWeights(10, 50), withAnalysis(analysis)));
  const compared = (compare: object): object => ({ metrics: [{ name: 'request-duration', compare }] });

  it.each<[string, object]>([
    ['a grace period', { gracePeriod: '1h30m' }],
    ['none', { gracePeriod: '0s' }],
    ['a comparison', compared({ with: 'primary', maxIncreasePercent: 0 })],
    ['a comparison that looks down alone', compared({ with: 'primary', maxDecreasePercent: 5 })],
  ])('is sound with %s', (_what, analysis) => {
    expect(judged(analysis)).toBeUndefined();
  });

  it.each<[string, object, RegExp]>([
    ['a grace period that is none', { gracePeriod: 'soon' }, /^spec.analysis.gracePeriod "soon" is not a duration/],
    ['a grace period in the past', { gracePeriod: '-1m' }, /^spec.analysis.gracePeriod "-1m" is not a duration/],
    ['a comparison without bounds', compared({ with: 'primary' }), /^spec.analysis.metrics\[0\].compare sets neither/],
    ['a percentage below 0', compared({ with: 'primary', maxDecreasePercent: -1 }), /compare: a percentage below 0/],
    ['an increase below 0', compared({ with: 'primary', maxIncreasePercent: -1 }), /compare: a percentage below 0/],
    ['a comparison with nobody', compared({ with: 'baseline', maxIncreasePercent: 1 }), /compare.with must be primary/],
  ])('is not with %s', (_what, analysis, text) => {
    expect(judged(analysis)).toMatch(text);
  });
});

describe('the port of the generated Services', () => {
  const problemOfPort = (port: unknown): string | undefined =>
    specProblemOf(aCanary(withSpec({ service: { port } as never })), { capabilities: CAPABILITIES, needsPort: true });

  it.each([1, 80, 65_535])('is sound: %j', (port) => {
    expect(problemOfPort(port)).toBeUndefined();
  });

  it.each([0, -1, 65_536, 80.5, '80', null])('is not: %j', (port) => {
    expect(problemOfPort(port)).toBe(
      `spec.service.port is ${JSON.stringify(port)}: the generated Services need a port from 1 to 65535.`,
    );
  });

  it('is missing where there is none, and nothing to miss where no Services are generated', () => {
    const missing = 'spec.service.port is missing: the generated Services need a port from 1 to 65535.';
    const { service: _, ...spec } = aCanary().spec;
    const canary = { ...aCanary(), spec } as Canary;
    expect(problemOfPort(undefined)).toBe(missing);
    expect(specProblemOf(canary, { capabilities: CAPABILITIES, needsPort: true })).toBe(missing);
    expect(specProblemOf(canary, { capabilities: CAPABILITIES, needsPort: false })).toBeUndefined();
  });
});

describe('an A/B test', () => {
  it.each<[string, Entries]>([
    ['a header', [exact]],
    ['a cookie', [{ headers: { Cookie: { exact: 'a=1' } } }]],
    ['one of two entries', [{ sourceLabels: { a: 'b' } }, exact]],
  ])('is sound where its provider can route by %s', (_what, match) => {
    expect(problemOf(aCanary(withAnalysis({ match })))).toBeUndefined();
  });

  it.each<[string, Entries]>([
    ['no condition', [{}]],
    ['a header without a value', [{ headers: { a: {} } }]],
    ['a part that nobody compares', [{ ...exact, sourceLabels: { a: 'b' } }]],
    ['a prefix', [{ headers: { a: { prefix: '1' } } }]],
  ])('is not where its entries have %s', (_what, match) => {
    expect(problemOf(aCanary(withAnalysis({ match })))).toMatch(/^spec.analysis.match has no rule/);
  });
});

describe('a preview', () => {
  const preview = (...match: Entries) => withAnalysis({ preview: { match } });

  it('is sound beside weights, where its provider can route by each entry', () => {
    expect(problemOf(aCanary(withWeights(), preview(exact)))).toBeUndefined();
  });

  it.each<[string, Canary, Partial<Capabilities>, RegExp]>([
    ['beside iterations', aCanary(preview(exact)), {}, /stands beside step weights alone/],
    [
      'where the provider has only weights',
      aCanary(withWeights(), preview(exact)),
      { preview: false },
      /is nothing for this provider: it has only weights/,
    ],
    [
      'by what the provider does not know',
      aCanary(withWeights(), preview(exact, {})),
      {},
      /^spec.analysis.preview.match\[1\]/,
    ],
    [
      'by more entries than the provider takes',
      aCanary(withWeights(), preview(exact, exact)),
      { entries: 'one' },
      /^spec.analysis.preview.match has more than one entry/,
    ],
    [
      'by two headers where there is room for one',
      aCanary(withWeights(), preview(exact, { headers: { b: { exact: '2' } } })),
      { entries: 'one-header-one-cookie' },
      /one header and one cookie, each in an entry of its own/,
    ],
    [
      'by a header and a cookie at once where either would be enough',
      aCanary(withWeights(), preview({ headers: { a: { exact: '1' }, cookie: { exact: 'c' } } })),
      { entries: 'one-header-one-cookie' },
      /one header and one cookie, each in an entry of its own/,
    ],
  ])('is not %s', (_what, canary, more, problem) => {
    expect(problemOf(canary, more)).toMatch(problem);
  });
});
