import { describe, expect, it } from 'vitest';
import type { Analysis, Canary } from '../../../shared/api/canary.ts';
import { canonicalJson } from '../../../shared/api/digest.ts';
import { type Capabilities, ROUTE_FIELDS } from '../../../shared/api/model.ts';
import { capabilitiesFor, capabilitiesOf, PROVIDER_NAMES } from '../../../shared/routing/index.ts';
import { judge } from '../../../shared/rules/judge.ts';
import { withAnalysis } from '../../make/canary.ts';
import type { Modifier } from '../../make/modify.ts';
import { at } from '../../unit/shared/routing/board.ts';
import { ENTRIES, FORMS, matching, PINNED, saying } from './canaries.ts';
import { CASES, Stage } from './stage.ts';

/** What a Canary may ask beside weights and match, by the field of the analysis. */
const FEATURES: Readonly<Record<string, { ask: Partial<Analysis>; can: (all: Capabilities) => boolean }>> = {
  mirror: { ask: { mirror: true }, can: ({ mirror }) => mirror !== 'none' },
  sessionAffinity: {
    ask: { sessionAffinity: { cookieName: 'pin' } },
    can: ({ sessionAffinity }) => sessionAffinity !== 'none',
  },
  preview: {
    ask: { preview: { match: [ENTRIES['header-exact']] } },
    can: ({ preview }) => preview === true,
  },
};

describe.each(CASES)('what %s says of itself is true: it', (provider, fixture) => {
  const stage = new Stage(provider, fixture);

  /** Paths of what the rules deny. */
  const refused = (...more: Modifier<Canary>[]): string[] =>
    judge({
      kind: 'Canary',
      operation: 'CREATE',
      stage: 'validate',
      object: stage.canaryOf(...more),
      mode: 'default',
      settings: {
        meshProvider: provider,
        selectorLabels: ['app'],
        noCrossNamespaceRefs: false,
        providers: PROVIDER_NAMES,
        capabilitiesOf,
      },
    }).flatMap(({ severity, path }) => (severity === 'deny' ? [path] : []));

  it('shadows traffic where it says that it can, and only there', () => {
    const board = stage.open(withAnalysis({ mirror: true }));
    board.route(at(0));
    board.route(at(0, { mirrored: true }));
    const canMirror =
      stage.capabilities.mirror !== 'none' && capabilitiesFor(board.router, board.context.canary).mirror !== 'none';
    expect(board.live()).toMatchObject(at(0, { mirrored: canMirror }));
    board.route(at(0));
    expect(board.live()).toMatchObject(at(0));
  });

  it.each(FORMS.filter((form) => stage.capabilities.match.includes(form)))(
    'routes by %s, and by nothing of it once the test is over',
    (form) => {
      const board = stage.open(matching(ENTRIES[form]));
      board.route(at(0));
      board.route(at(100));
      expect(board.live()).toMatchObject(at(100));
      expect(JSON.stringify([...board.objects.values()])).toContain('insider');
      expect(board.route(at(100))).toEqual([]);
      board.route(at(0));
      expect(board.live()).toMatchObject(at(0));
    },
  );

  it.each(FORMS.filter((form) => !stage.capabilities.match.includes(form)))(
    'leaves no trace of %s, which it cannot route by',
    (form) => {
      const board = stage.open(matching(ENTRIES[form]));
      for (const weight of [0, 100]) {
        const rendered = board.router.render(board.context, at(weight), board.objects);
        expect(JSON.stringify(rendered)).not.toContain('insider');
      }
    },
  );

  it.each(FORMS.filter((form) => !stage.capabilities.match.includes(form)))(
    'has a test by %s refused, in words that name the field',
    (form) => expect(refused(matching(ENTRIES[form]))).toContainEqual(expect.stringMatching(/^spec\.analysis\.match/)),
  );

  it.each(Object.entries(FEATURES))('has %s refused where it cannot do that, and only there', (field, { ask, can }) => {
    const paths = refused(withAnalysis(ask)).filter((path) => path.startsWith(`spec.analysis.${field}`));
    expect(paths.length === 0).toBe(can(stage.capabilities));
  });

  it.each(stage.capabilities.match.length > 0 ? [at(0), at(100)] : [])(
    'pins nobody in an A/B test, at $canary percent',
    (routes) => {
      const board = stage.open(
        matching(ENTRIES['header-exact']),
        withAnalysis({ sessionAffinity: { cookieName: 'pin' } }),
      );
      board.route({ ...routes, cookies: { canary: 'pin=abcdefghij', previous: 'pin=klmnopqrst' } });
      expect(JSON.stringify([...board.objects.values()])).not.toMatch(/"pin"|abcdefghij|klmnopqrst/);
    },
  );

  it.each(stage.capabilities.sessionAffinity === 'none' ? [] : [undefined, 'stay'])(
    'corrects drift beside session cookies, where the name for the primary is %s',
    (primaryCookieName) => {
      const named = { cookieName: 'pin', ...(primaryCookieName !== undefined && { primaryCookieName }) };
      const cookies = {
        canary: 'pin=abcdefghij',
        ...(primaryCookieName !== undefined && { primary: 'stay=klmnopqrst' }),
      };
      const board = stage.open(withAnalysis({ sessionAffinity: named }));
      board.route(at(30, { cookies }));
      const right = canonicalJson(stage.main(board));
      stage.drift(board);
      const wrong = canonicalJson(stage.main(board));
      board.route(at(30, { cookies }));
      expect(canonicalJson(stage.main(board))).not.toBe(wrong);
      // Cookies of the provider's own making may stand for the same by another name.
      if (stage.capabilities.sessionAffinity !== 'own-cookies') expect(canonicalJson(stage.main(board))).toBe(right);
      expect(board.live()).toMatchObject(at(30));
      expect(board.route(at(30, { cookies }))).toEqual([]);
    },
  );

  if (stage.capabilities.sessionAffinity === 'canary-and-primary')
    it('takes a cookie back with the attributes that it came with', () => {
      const board = stage.open(PINNED);
      board.route(at(30, { cookies: { canary: 'pin=abcdefghij' } }));
      board.route(at(0, { cookies: { previous: 'pin=abcdefghij' } }));
      const rest = 'Domain=example.com; HttpOnly; Partitioned; Path=/; SameSite=Strict; Secure';
      expect(JSON.stringify([...board.objects.values()])).toContain(`pin=abcdefghij; Max-Age=-1; ${rest}`);
    });

  it.each(stage.capabilities.preview === true ? [1, 30, 99] : [])(
    'knows its weight of %d beside a preview',
    (weight) => {
      const board = stage.routed(weight, withAnalysis({ preview: { match: [ENTRIES['header-exact']] } }));
      expect(JSON.stringify([...board.objects.values()])).toContain('insider');
      expect(board.live()).toMatchObject(at(weight));
    },
  );

  it.each(ROUTE_FIELDS)('is shaped by spec.service.%s where it says that it reads it, and only there', (field) => {
    const made = (...more: Modifier<Canary>[]): unknown => [...stage.routed(30, ...more).objects.values()];
    const without = ['hosts', 'delegation'].includes(field) ? made() : made(saying('hosts'));
    const isShaped = canonicalJson(made(saying(field))) !== canonicalJson(without);
    expect(isShaped).toBe(stage.capabilities.reads?.includes(field) === true);
  });

  it('pins users where it says that it can, and only there', () => {
    const cookies = {
      canary: 'pin=abcdefghij',
      ...(stage.capabilities.sessionAffinity === 'canary-and-primary' && {
        primary: 'stay=klmnopqrst',
      }),
    };
    const board = stage.open(
      withAnalysis({
        sessionAffinity: { cookieName: 'pin', primaryCookieName: 'stay' },
      }),
    );
    board.route(at(30, { cookies }));
    const text = JSON.stringify([...board.objects.values()]);
    const isOwn = stage.capabilities.sessionAffinity === 'own-cookies';
    const isPinned = stage.capabilities.sessionAffinity !== 'none';
    expect(text.includes('"pin"')).toBe(isOwn);
    expect(text.includes('abcdefghij')).toBe(isPinned && !isOwn);
    if (isPinned) expect(board.live()).toMatchObject(at(30, isOwn ? {} : { cookies }));
    expect(board.route(at(30, { cookies }))).toEqual([]);
  });
});
