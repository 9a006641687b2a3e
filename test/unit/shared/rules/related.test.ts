import { describe, expect, it } from 'vitest';
import { KINDS } from '../../../../shared/api/kinds.ts';
import { lookupKey, relatedAmong, relatedIn } from '../../../../shared/rules/related.ts';
import { scaledObject } from './world.ts';

const one = { kind: KINDS.scaledObject, namespace: 'test', name: 'podinfo-so' };
const all = { kind: KINDS.scaledObject, namespace: 'test' };
const found = scaledObject();

describe('answers that were fetched', () => {
  it('are found by the look-up', () => {
    expect(relatedIn(new Map([[lookupKey(one), { found }]])).lookup(one.kind, 'test', 'podinfo-so')).toEqual({ found });
  });

  it('of a list answer for its single objects', () => {
    const related = relatedIn(new Map([[lookupKey(all), { items: [found] }]]));
    expect(related.lookup(one.kind, 'test', 'podinfo-so')).toEqual({ found });
    expect(related.lookup(one.kind, 'test', 'absent')).toEqual({ missing: true });
  });

  it('of a list that failed fail for its single objects', () => {
    const related = relatedIn(new Map([[lookupKey(all), { unknown: 'timeout' }]]));
    expect(related.lookup(one.kind, 'test', 'podinfo-so')).toEqual({ unknown: 'timeout' });
    expect(related.list(one.kind, 'test')).toEqual({ unknown: 'timeout' });
  });

  it('are unseen where nobody asked', () => {
    const related = relatedIn(new Map());
    expect(related.lookup(one.kind, 'test', 'podinfo-so')).toEqual({ unseen: true });
    expect(related.list(one.kind, 'test')).toEqual({ unseen: true });
  });
});

describe('objects of files', () => {
  it('are found by kind, namespace and name, and what is not among them may still exist', () => {
    const related = relatedAmong([found]);
    expect(related.lookup(one.kind, 'test', 'podinfo-so')).toEqual({ found });
    expect(related.lookup(one.kind, 'elsewhere', 'podinfo-so')).toEqual({ unseen: true });
    expect(related.list(KINDS.hpa, 'test')).toEqual({ items: [] });
  });
});
