import { describe, expect, it } from 'vitest';
import { KINDS } from '../../../../shared/api/kinds.ts';
import { distinctLookups, relatedAmong, relatedIn } from '../../../../shared/rules/related.ts';
import { scaledObject } from './world.ts';

const one = { kind: KINDS.scaledObject, namespace: 'test', name: 'podinfo-so' };
const all = { kind: KINDS.scaledObject, namespace: 'test' };
const found = scaledObject();

describe('answers that were fetched', () => {
  it('are found by the look-up', () => {
    expect(relatedIn([{ lookup: one, answer: { found } }]).lookup(one.kind, 'test', 'podinfo-so')).toEqual({ found });
  });

  it('of a list answer for its single objects', () => {
    const related = relatedIn([{ lookup: all, answer: { items: [found] } }]);
    expect(related.lookup(one.kind, 'test', 'podinfo-so')).toEqual({ found });
    expect(related.lookup(one.kind, 'test', 'absent')).toEqual({ missing: true });
  });

  it('of a list that failed fail for its single objects', () => {
    const related = relatedIn([{ lookup: all, answer: { unknown: 'timeout' } }]);
    expect(related.lookup(one.kind, 'test', 'podinfo-so')).toEqual({ unknown: 'timeout' });
    expect(related.list(one.kind, 'test')).toEqual({ unknown: 'timeout' });
  });

  it('are unseen where nobody asked', () => {
    const related = relatedIn([]);
    expect(related.lookup(one.kind, 'test', 'podinfo-so')).toEqual({ unseen: true });
    expect(related.list(one.kind, 'test')).toEqual({ unseen: true });
  });
});

describe('look-ups', () => {
  it('are made once each, and none for an object whose list is asked for', () => {
    const other = { kind: KINDS.hpa, namespace: 'test', name: 'podinfo-so' };
    const elsewhere = { ...one, namespace: 'prod' };
    expect(distinctLookups([one, other, one, elsewhere, { ...other }])).toEqual([one, other, elsewhere]);
    expect(distinctLookups([one, all, elsewhere, all])).toEqual([all, elsewhere]);
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
