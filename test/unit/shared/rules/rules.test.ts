import { describe, expect, it } from 'vitest';
import { judge } from '../../../../shared/rules/judge.ts';
import { RULES, ruleById } from '../../../../shared/rules/registry.ts';
import { RULE_CASES } from './cases/all.ts';
import { blueGreen, canary, creating, deployment, hpa, kedaCanary, scaledObject } from './world.ts';

describe('each rule', () => {
  it.each(RULE_CASES.map((one) => [one.id, one.says, one] as const))(
    '%s is against %s, and not against its neighbour',
    (_id, _says, one) => {
      const found = judge(one.bad).filter(({ id, path }) => id === one.id && path === one.path);
      expect(found).toMatchObject([{ severity: one.severity, message: expect.stringContaining(one.message) }]);
      expect(judge(one.good).filter(({ id }) => id === one.id)).toEqual([]);
    },
  );

  it('has an example', () => {
    const shown = new Set(RULE_CASES.map(({ id }) => id));
    expect(RULES.map(({ id }) => id).filter((id) => !shown.has(id))).toEqual([]);
  });

  it('is known by its id', () => {
    expect(RULE_CASES.filter(({ id }) => ruleById(id) === undefined)).toEqual([]);
    expect(ruleById('CANARY-STRAT-004')).toMatchObject({ class: 'D', kinds: ['Canary'] });
    expect(ruleById('NO-SUCH-1')).toBeUndefined();
    expect(ruleById('__proto__')).toBeUndefined();
  });

  it('exists once', () => {
    const ids = RULES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('the rules of this catalogue', () => {
  const family = (prefix: string, last: number) =>
    Array.from({ length: last }, (_, i) => `${prefix}-${String(i + 1).padStart(3, '0')}`);
  const demanded = [
    ...family('CANARY-KEDA', 19),
    ...family('CANARY-STRAT', 20),
    ...family('CANARY-TYPE', 6),
    ...family('CANARY-DUR', 11),
    ...family('CANARY-DUP', 4),
    ...family('SCALEDOBJECT', 8),
    ...family('GEN', 2),
    'ALERTPROV-001',
    'CANARY-SVC-001',
  ];

  it('are all there', () => {
    expect(demanded.filter((id) => ruleById(id) === undefined)).toEqual([]);
  });
});

describe('an object without fault', () => {
  it.each([
    ['a weighted Canary', creating(canary(), [deployment()])],
    ['a blue/green Canary', creating(blueGreen(), [deployment()])],
    ['a Canary with a ScaledObject', creating(kedaCanary(), [deployment(), scaledObject()])],
    ['a ScaledObject with its Canary', creating(scaledObject(), [kedaCanary()])],
    [
      'a Canary with an HPA',
      creating(
        blueGreen(
          (it) =>
            (it.spec.autoscalerRef = {
              apiVersion: 'autoscaling/v2',
              kind: 'HorizontalPodAutoscaler',
              name: 'podinfo',
            }),
        ),
        [deployment(), hpa()],
      ),
    ],
  ])('%s passes without a word', (_what, input) => {
    expect(judge(input)).toEqual([]);
  });
});
