import { describe, expect, it } from 'vitest';
import type { MatchEntry } from '../../../../shared/api/canary.ts';
import { formsOf, isExpressible } from '../../../../shared/api/match-forms.ts';

describe('the forms of an entry of analysis.match', () => {
  it.each<[MatchEntry, readonly string[] | undefined]>([
    [{ headers: { a: { exact: '1' }, b: { prefix: '2' } } }, ['header-exact', 'header-prefix']],
    [{ headers: { a: { suffix: '1' }, b: { regex: '2' } } }, ['header-suffix', 'header-regex']],
    [{ headers: { Cookie: { exact: 'a=1' } } }, ['cookie']],
    [{ headers: { cookie: { regex: '.*' } } }, ['header-regex']],
    [{ queryParams: { q: { prefix: '1' } }, sourceLabels: { app: 'a' } }, ['query', 'source-labels']],
    [{}, undefined],
    [{ headers: {}, sourceLabels: {} }, undefined],
    [{ headers: { a: {} } }, undefined],
    [{ headers: { a: { exact: '' }, b: { exact: '1' } } }, undefined],
    [{ queryParams: { q: {} } }, undefined],
  ])('%j: %j', (entry, forms) => expect(formsOf(entry)).toEqual(forms));

  it('must all be known', () => {
    const entry: MatchEntry = { headers: { a: { exact: '1' } }, queryParams: { q: { exact: '1' } } };
    expect(isExpressible(entry, ['header-exact', 'query'])).toBe(true);
    expect(isExpressible(entry, ['header-exact'])).toBe(false);
    expect(isExpressible(null, ['header-exact'])).toBe(false);
  });
});
