import { describe, expect, it } from 'vitest';
import type { PodSpec } from '../../../../shared/targets/pod-spec.ts';
import { rewriteSelectors } from '../../../../shared/targets/selector-rewrite.ts';

const rewrite = { keys: ['app', 'name'], from: 'podinfo', to: 'podinfo-primary' };
const of = (spec: PodSpec): PodSpec => rewriteSelectors(spec, rewrite);

const byLabel = (matchLabels: Record<string, string>) => ({ topologyKey: 'zone', labelSelector: { matchLabels } });
const byExpression = (key: string, ...values: string[]) => ({
  labelSelector: { matchExpressions: [{ key, operator: 'In', values }] },
});

describe('selectors of the copy speak of its own pods', () => {
  it('in spread constraints and both forms of anti-affinity', () => {
    const before: PodSpec = {
      topologySpreadConstraints: [byLabel({ app: 'podinfo' }), { topologyKey: 'zone' }],
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [byLabel({ app: 'podinfo' })],
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 1, podAffinityTerm: byLabel({ app: 'podinfo' }) },
            { weight: 2 },
          ],
        },
      },
    };
    const after = JSON.stringify(before).replaceAll('"podinfo"', '"podinfo-primary"');
    expect(of(before)).toEqual(JSON.parse(after));
  });

  it.each<[string, object, object]>([
    ['the name of the target', byLabel({ app: 'podinfo' }), byLabel({ app: 'podinfo-primary' })],
    ['under any known key', byLabel({ name: 'podinfo' }), byLabel({ name: 'podinfo-primary' })],
    ['no other value', byLabel({ app: 'other' }), byLabel({ app: 'other' })],
    ['no other key', byLabel({ tier: 'podinfo' }), byLabel({ tier: 'podinfo' })],
    [
      'the first of several values',
      byExpression('app', 'a', 'podinfo', 'podinfo'),
      byExpression('app', 'a', 'podinfo-primary', 'podinfo'),
    ],
    ['no expression of another key', byExpression('tier', 'podinfo'), byExpression('tier', 'podinfo')],
    [
      'no expression without values',
      { labelSelector: { matchExpressions: [{ key: 'app', operator: 'Exists' }] } },
      { labelSelector: { matchExpressions: [{ key: 'app', operator: 'Exists' }] } },
    ],
  ])('by %s', (_what, before, after) => {
    expect(of({ topologySpreadConstraints: [before] })['topologySpreadConstraints']).toEqual([after]);
  });

  it('but attraction to pods stays what the user wrote', () => {
    const affinity = {
      podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [byLabel({ app: 'podinfo' })] },
      nodeAffinity: {},
    };
    expect(of({ affinity })).toEqual({ affinity });
    expect(of({})).toEqual({});
  });
});
