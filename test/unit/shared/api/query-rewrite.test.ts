import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rewriteQuery } from '../../../../shared/api/query-rewrite.ts';

const promql = (query: string, target = 'podinfo') => rewriteQuery(query, target, { prometheus: true });

describe('a Prometheus query is rewritten inside label values', () => {
  it.each([
    [
      'the target',
      'sum(rate(http_requests_total{ app="podinfo" }[30s]))',
      'sum(rate(http_requests_total{ app="podinfo-primary" }[30s]))',
    ],
    ['the canary', 'x{app="podinfo-canary"}', 'x{app="podinfo-primary"}'],
    ['a pattern of pod names', 'x{pod=~"podinfo-.*"}', 'x{pod=~"podinfo-primary-.*"}'],
    ['a pattern of the canary’s pods', 'x{pod=~"podinfo-canary-.*"}', 'x{pod=~"podinfo-primary-.*"}'],
    ['alternatives', 'x{app=~"podinfo|podinfo-canary|other"}', 'x{app=~"podinfo-primary|podinfo-primary|other"}'],
    ['every operator', 'x{a!="podinfo",b!~"podinfo"}', 'x{a!="podinfo-primary",b!~"podinfo-primary"}'],
    ['single quotes', "x{app='podinfo'}", "x{app='podinfo-primary'}"],
    ['backquotes', 'x{app=`podinfo`}', 'x{app=`podinfo-primary`}'],
    ['behind an escaped quote', String.raw`x{a="\"podinfo"}`, String.raw`x{a="\"podinfo-primary"}`],
    ['behind a comment with an apostrophe', 'x{ # don\'t\n app="podinfo"}', 'x{ # don\'t\n app="podinfo-primary"}'],
    ['a space before the value', 'x{app = "podinfo"}', 'x{app = "podinfo-primary"}'],
    ['a host name', 'x{host="podinfo.test.svc"}', 'x{host="podinfo-primary.test.svc"}'],
  ])('%s', (_what, query, wanted) => {
    expect(promql(query)).toBe(wanted);
  });

  it.each([
    ['the primary', 'x{app="podinfo-primary"}'],
    ['the primary’s pods', 'x{pod=~"podinfo-primary-.*"}'],
    ['a metric name', 'podinfo{a="b"} + podinfo_http_total'],
    ['a metric name by its label', '{__name__="podinfo"}'],
    ['a quoted metric name', '{"podinfo", app="x"}'],
    ['a label name', 'sum by (podinfo) (x{podinfo="x"})'],
    ['a longer word', 'x{a="mypodinfox", b="podinfo2", c="podinfo_x", d="my-podinfo"}'],
    ['an argument of a function', 'label_replace(x, "podinfo", "$1", "src", "(.*)")'],
    ['a comment', 'x # app="podinfo"'],
    ['a query about something else', 'sum(rate(own{app="p"}[1m]))'],
  ])('%s stays', (_what, query) => {
    expect(promql(query)).toBe(query);
  });
});

describe('a query of another kind is rewritten by token', () => {
  it.each([
    ["SELECT count(*) FROM jobs WHERE app = 'podinfo'", "SELECT count(*) FROM jobs WHERE app = 'podinfo-primary'"],
    ['avg:podinfo.requests{service:podinfo-canary}', 'avg:podinfo-primary.requests{service:podinfo-primary}'],
    ['podinfo', 'podinfo-primary'],
    ['podinfo-primary mypodinfo podinfo_total x-podinfo', 'podinfo-primary mypodinfo podinfo_total x-podinfo'],
    ['podinfo-canaryx', 'podinfo-primary-canaryx'],
    ['épodinfo', 'épodinfo'],
  ])('%s', (query, wanted) => {
    expect(rewriteQuery(query, 'podinfo')).toBe(wanted);
  });

  it('leaves everything alone without a target', () => {
    expect(rewriteQuery('a{b="c"}', '')).toBe('a{b="c"}');
  });
});

describe('laws of rewriting', () => {
  const target = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,6}[a-z0-9])?$/);
  const parts = (name: string) =>
    fc
      .array(
        fc.constantFrom(
          name,
          `${name}-canary`,
          `${name}-primary`,
          '-',
          '_',
          '"',
          "'",
          '`',
          '\\',
          '=',
          '~',
          '{',
          '}',
          ',',
          '#',
          '\n',
          ' ',
          'x',
          '.',
        ),
        { maxLength: 30 },
      )
      .map((list) => list.join(''));
  const samples = target.chain((name) => fc.tuple(fc.constant(name), parts(name), fc.boolean()));

  it('twice changes no more than once', () => {
    fc.assert(
      fc.property(samples, ([name, query, prometheus]) => {
        const once = rewriteQuery(query, name, { prometheus });
        expect(rewriteQuery(once, name, { prometheus })).toBe(once);
      }),
    );
  });

  it('never touches what stands outside quotes in a Prometheus query', () => {
    const bare = (query: string) => query.replace(/"[^"]*"/g, '""');
    const value = fc.constantFrom('podinfo', 'podinfo-canary', 'podinfo-.*', 'other');
    const metric = fc.constantFrom('podinfo', 'podinfo_total', 'podinfo:rate5m', 'up');
    const selector = fc.tuple(
      metric,
      fc.constantFrom('app', 'podinfo', 'pod'),
      fc.constantFrom('=', '!=', '=~', '!~'),
      value,
    );
    fc.assert(
      fc.property(fc.array(selector, { minLength: 1 }), (list) => {
        const query = list.map(([name, label, op, text]) => `${name}{${label}${op}"${text}"}`).join(' + ');
        const out = promql(query);
        expect(bare(out)).toBe(bare(query));
        expect(out).not.toContain('"podinfo"');
        expect(out).not.toContain('podinfo-canary"');
      }),
    );
  });
});
