import { describe, expect, it } from 'vitest';
import type { Canary } from '../../../../shared/api/canary.ts';
import { Rivals } from '../../../../shared/engine/rivals.ts';
import { aCanary, withAutoscaler, withService, withSpec } from '../../../make/canary.ts';
import { named } from '../../../make/modify.ts';

const target = (name: string) => withSpec({ targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name } });
const born =
  (at: string) =>
  (canary: Canary): Canary => ({ ...canary, metadata: { ...canary.metadata, creationTimestamp: at } });

const OLD = aCanary(named('old'), born('2026-01-01T00:00:00Z'));
const NEW = aCanary(named('new'), born('2026-01-02T00:00:00Z'));

const holding = (...canaries: Canary[]): Rivals => {
  const rivals = new Rivals();
  for (const canary of canaries) rivals.set(canary.metadata.name, canary);
  return rivals;
};

describe('two Canaries', () => {
  it('of one target: the older goes on, the other is told why it does not', () => {
    const rivals = holding(NEW, OLD);
    expect(rivals.problemOf('old', OLD)).toBeUndefined();
    expect(rivals.problemOf('new', NEW)).toBe(
      'Canary old already targets Deployment podinfo; two would overwrite each other. Delete one.',
    );
  });

  it.each<[string, Canary, string]>([
    [
      'of one apex Service',
      aCanary(named('x'), target('other'), withService({ name: 'podinfo' }), born('2026-01-03T00:00:00Z')),
      'Canary old already generates Service podinfo. Set spec.service.name.',
    ],
    [
      'of one scaler',
      aCanary(named('x'), target('other'), withAutoscaler(), born('2026-01-03T00:00:00Z')),
      'Canary old also pauses ScaledObject podinfo-so. Give each its own.',
    ],
  ])('%s are rivals too', (_what, other, why) => {
    const first = aCanary(named('old'), withAutoscaler(), born('2026-01-01T00:00:00Z'));
    expect(holding(first, other).problemOf('x', other)).toBe(why);
  });

  it('of one age are told apart by name', () => {
    const [a, b] = [aCanary(named('a')), aCanary(named('b'))];
    const rivals = holding(b, a);
    expect([rivals.problemOf('a', a), rivals.problemOf('b', b)].map((why) => why === undefined)).toEqual([true, false]);
  });

  it.each<[string, Canary]>([
    ['in two namespaces', aCanary(named('new', 'elsewhere'), born('2026-01-02T00:00:00Z'))],
    ['of two targets', aCanary(named('new'), target('other'), born('2026-01-02T00:00:00Z'))],
  ])('%s have nothing to do with each other', (_what, other) => {
    expect(holding(OLD, other).problemOf('new', other)).toBeUndefined();
  });

  it('without a target claim nothing, and stop nobody', () => {
    const empty = { ...NEW, spec: {} } as unknown as Canary;
    const nothing = { ...NEW, spec: null } as unknown as Canary;
    expect(holding(OLD, empty, nothing).problemOf('new', empty)).toBeUndefined();
  });
});

describe('a rival', () => {
  it('is to be looked at when another one comes, changes or goes', () => {
    const rivals = holding(OLD);
    expect(rivals.set('new', NEW)).toEqual(['old']);
    expect(rivals.set('old', OLD)).toEqual(['new']);
    expect(new Set(rivals.forget('old'))).toEqual(new Set(['new']));
    expect(rivals.problemOf('new', NEW)).toBeUndefined();
  });

  it('that changes its target is looked at by those it leaves', () => {
    const rivals = holding(OLD, NEW);
    expect(rivals.set('old', aCanary(named('old'), target('other')))).toEqual(['new']);
    expect(rivals.problemOf('new', NEW)).toBeUndefined();
  });
});
