import { describe, expect, it } from 'vitest';
import type { Analysis, Canary } from '../../../shared/api/canary.ts';
import { canonicalJson } from '../../../shared/api/digest.ts';
import { refKey } from '../../../shared/api/kube.ts';
import { type Capabilities, ROUTE_FIELDS, type Write } from '../../../shared/api/model.ts';
import { PROVIDERS } from '../../../shared/api/providers.ts';
import { capabilitiesFor, capabilitiesOf, PROVIDER_NAMES, ROUTERS } from '../../../shared/routing/index.ts';
import { judge } from '../../../shared/rules/judge.ts';
import { withAnalysis } from '../../make/canary.ts';
import type { Modifier } from '../../make/modify.ts';
import { at, Board, type Loose } from '../../unit/shared/routing/board.ts';
import { canaryFor, ENTRIES, FORMS, matching, PINNED, saying } from './canaries.ts';
import type { Promised, RouterFixture } from './fixture.ts';
import { FIXTURES } from './fixtures/index.ts';

const WEIGHTS = [0, 1, 30, 50, 99, 100];

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

const cases = FIXTURES.flatMap((fixture) => fixture.providers.map((provider) => [provider, fixture] as const));

describe('the fixtures', () => {
  it('are there for every provider of the registry, and for no other', () => {
    expect(cases.map(([provider]) => provider).toSorted()).toEqual([...PROVIDER_NAMES]);
  });

  it('are for names of which each has one router', () => {
    expect(ROUTERS.flatMap(({ providers }) => providers).toSorted()).toEqual([...PROVIDER_NAMES]);
  });

  it('are for names that the API admits', () => {
    expect([...PROVIDERS].toSorted()).toEqual([...PROVIDER_NAMES]);
  });
});

describe.each(cases)('%s', (provider, fixture) => {
  const canaryOf = (...more: Modifier<Canary>[]): Canary => canaryFor(provider, fixture, ...more);
  const open = (...more: Modifier<Canary>[]): Board => new Board(canaryOf(...more), ...fixture.found);
  const routed = (weight: number, ...more: Modifier<Canary>[]): Board => {
    const board = open(...more);
    board.route(at(weight));
    return board;
  };
  const main = (board: Board): Loose => board.object(fixture.kind, fixture.name);
  const edit = (board: Board, change: (object: Loose) => void): void => {
    const object = structuredClone(main(board));
    change(object);
    const key = [...board.objects].find(
      ([, one]) => one?.kind === fixture.kind && one.metadata.name === object.metadata.name,
    )?.[0];
    board.objects.set(key ?? '', object);
  };
  const promise = (what: Promised, run: () => void): void => {
    const reason = fixture.exceptions?.[what];
    if (reason === undefined) it(what, run);
    else it(`${what}: not this one, ${reason}`, () => expect(reason.length).toBeGreaterThan(10));
  };
  const { capabilities } = open().router;
  /** Paths of what the rules deny. */
  const refused = (...more: Modifier<Canary>[]): string[] =>
    judge({
      kind: 'Canary',
      operation: 'CREATE',
      stage: 'validate',
      object: canaryOf(...more),
      mode: 'default',
      settings: { meshProvider: provider, selectorLabels: ['app'], noCrossNamespaceRefs: false, capabilitiesOf },
    }).flatMap(({ severity, path }) => (severity === 'deny' ? [path] : []));

  promise('gives back the weights that it was given', () => {
    for (const weight of WEIGHTS) expect(routed(weight).live()).toMatchObject(at(weight));
    const board = open();
    for (const weight of [...WEIGHTS, 40, 0]) {
      board.route(at(weight));
      expect(board.live()).toMatchObject(at(weight));
    }
  });

  promise('writes nothing twice', () => {
    for (const weight of WEIGHTS) expect(routed(weight).route(at(weight))).toEqual([]);
  });

  promise('corrects drift without moving weights', () => {
    const board = routed(30);
    const right = canonicalJson(main(board));
    edit(board, (object) => fixture.drift?.(object));
    expect(canonicalJson(main(board))).not.toBe(right);
    const live = board.live();
    expect(live).toMatchObject(at(30));
    board.route(at(30));
    expect(canonicalJson(main(board))).toBe(right);
  });

  promise('leaves what others wrote where it is', () => {
    const board = routed(30);
    const notes = {
      labels: { 'somebody.example/label': 'a' },
      annotations: { 'somebody.example/note': 'b' },
    };
    edit(board, ({ metadata }) => {
      metadata.resourceVersion = '7';
      metadata.labels = { ...metadata.labels, ...notes.labels };
      metadata.annotations = { ...metadata.annotations, ...notes.annotations };
    });
    const writes = board.route(at(50));
    expect(writes.length).toBeGreaterThan(0);
    expect(main(board).metadata).toMatchObject({
      resourceVersion: '7',
      ...notes,
    });
    expect(board.live()).toMatchObject(at(50));
  });

  const ofUser = (): Board =>
    new Board(canaryOf(), ...fixture.found, fixture.ofUser as NonNullable<RouterFixture['ofUser']>);

  promise("takes over a user's object", () => {
    const board = ofUser();
    const before = fixture.kept?.(main(board));
    expect(before).toBeDefined();
    for (const weight of [0, 30, 100, 0]) {
      board.route(at(weight));
      expect(board.live()).toMatchObject(at(weight));
      expect(fixture.kept?.(main(board))).toEqual(before);
      expect(main(board).metadata).toMatchObject({
        labels: { team: 'a' },
        annotations: { note: 'mine' },
      });
      expect(main(board).metadata.ownerReferences).toBeUndefined();
    }
  });

  promise("gives a user's object back", () => {
    const board = ofUser();
    for (const weight of [0, 30, 0]) board.route(at(weight));
    board.finalise();
    expect(main(board).spec).toEqual(fixture.ofUser?.['spec']);
    expect(board.finalise()).toEqual([]);
  });

  promise('leaves its own objects to their owner', () => {
    const board = routed(0);
    const own = [...board.objects.values()].filter(
      (object) =>
        object !== undefined &&
        !fixture.found.some((one) => one.metadata.name === object.metadata.name && one.kind === object.kind),
    );
    expect(own.length).toBeGreaterThan(0);
    for (const object of own)
      expect(object?.metadata.ownerReferences?.[0]).toMatchObject({
        kind: 'Canary',
        controller: true,
      });
    expect(board.finalise()).toEqual([]);
  });

  promise('writes the same whatever order headers come in', () => {
    const headers = { b: { exact: '2' }, a: { exact: '1' }, c: { exact: '3' } };
    const turned = { c: { exact: '3' }, a: { exact: '1' }, b: { exact: '2' } };
    const [one, other] = [headers, turned].map((match) => {
      const board = open(matching({ headers: match }));
      board.route(at(100));
      return [...board.objects.values()];
    });
    expect(one).toEqual(other);
  });

  it('writes only objects that it reads, with the version that was read', () => {
    const board = open();
    const known = new Set(board.router.refs(board.context).map(refKey));
    for (const weight of [0, 30, 100, 0]) {
      for (const [key, object] of board.objects)
        if (object)
          board.objects.set(key, {
            ...object,
            metadata: { ...object.metadata, resourceVersion: '5' },
          });
      for (const write of board.route(at(weight))) {
        expect(known.has(refKey(write.ref))).toBe(true);
        expect(versionOf(write)).toBe(write.do === 'replace' ? '5' : undefined);
      }
    }
  });

  it('shadows traffic where it says that it can, and only there', () => {
    const board = open(withAnalysis({ mirror: true }));
    board.route(at(0));
    board.route(at(0, { mirrored: true }));
    const canMirror =
      capabilities.mirror !== 'none' && capabilitiesFor(board.router, board.context.canary).mirror !== 'none';
    expect(board.live()).toMatchObject(at(0, { mirrored: canMirror }));
    board.route(at(0));
    expect(board.live()).toMatchObject(at(0));
  });

  it.each(FORMS.filter((form) => capabilities.match.includes(form)))(
    'routes by %s, and by nothing of it once the test is over',
    (form) => {
      const board = open(matching(ENTRIES[form]));
      board.route(at(0));
      board.route(at(100));
      expect(board.live()).toMatchObject(at(100));
      expect(JSON.stringify([...board.objects.values()])).toContain('insider');
      expect(board.route(at(100))).toEqual([]);
      board.route(at(0));
      expect(board.live()).toMatchObject(at(0));
    },
  );

  it.each(FORMS.filter((form) => !capabilities.match.includes(form)))(
    'leaves no trace of %s, which it cannot route by',
    (form) => {
      const board = open(matching(ENTRIES[form]));
      for (const weight of [0, 100]) {
        const rendered = board.router.render(board.context, at(weight), board.objects);
        expect(JSON.stringify(rendered)).not.toContain('insider');
      }
    },
  );

  it.each(FORMS.filter((form) => !capabilities.match.includes(form)))(
    'has a test by %s refused, in words that name the field',
    (form) => expect(refused(matching(ENTRIES[form]))).toContainEqual(expect.stringMatching(/^spec\.analysis\.match/)),
  );

  it.each(Object.entries(FEATURES))('has %s refused where it cannot do that, and only there', (field, { ask, can }) => {
    const paths = refused(withAnalysis(ask)).filter((path) => path.startsWith(`spec.analysis.${field}`));
    expect(paths.length === 0).toBe(can(capabilities));
  });

  it.each(capabilities.match.length > 0 ? [at(0), at(100)] : [])(
    'pins nobody in an A/B test, at $canary percent',
    (routes) => {
      const board = open(matching(ENTRIES['header-exact']), withAnalysis({ sessionAffinity: { cookieName: 'pin' } }));
      board.route({ ...routes, cookies: { canary: 'pin=abcdefghij', previous: 'pin=klmnopqrst' } });
      expect(JSON.stringify([...board.objects.values()])).not.toMatch(/"pin"|abcdefghij|klmnopqrst/);
    },
  );

  it.each(capabilities.sessionAffinity === 'none' ? [] : [undefined, 'stay'])(
    'corrects drift beside session cookies, where the name for the primary is %s',
    (primaryCookieName) => {
      const named = { cookieName: 'pin', ...(primaryCookieName !== undefined && { primaryCookieName }) };
      const cookies = {
        canary: 'pin=abcdefghij',
        ...(primaryCookieName !== undefined && { primary: 'stay=klmnopqrst' }),
      };
      const board = open(withAnalysis({ sessionAffinity: named }));
      board.route(at(30, { cookies }));
      const right = canonicalJson(main(board));
      edit(board, (object) => fixture.drift?.(object));
      const wrong = canonicalJson(main(board));
      board.route(at(30, { cookies }));
      expect(canonicalJson(main(board))).not.toBe(wrong);
      // Cookies of the provider's own making may stand for the same by another name.
      if (capabilities.sessionAffinity !== 'own-cookies') expect(canonicalJson(main(board))).toBe(right);
      expect(board.live()).toMatchObject(at(30));
      expect(board.route(at(30, { cookies }))).toEqual([]);
    },
  );

  if (capabilities.sessionAffinity === 'canary-and-primary')
    it('takes a cookie back with the attributes that it came with', () => {
      const board = open(PINNED);
      board.route(at(30, { cookies: { canary: 'pin=abcdefghij' } }));
      board.route(at(0, { cookies: { previous: 'pin=abcdefghij' } }));
      const rest = 'Domain=example.com; HttpOnly; Partitioned; Path=/; SameSite=Strict; Secure';
      expect(JSON.stringify([...board.objects.values()])).toContain(`pin=abcdefghij; Max-Age=-1; ${rest}`);
    });

  it.each(capabilities.preview === true ? [1, 30, 99] : [])(
    'previews beside %d percent, and not at the ends',
    (weight) => {
      const board = open(withAnalysis({ preview: { match: [ENTRIES['header-exact']] } }));
      const says = (): string => JSON.stringify([...board.objects.values()]);
      board.route(at(0));
      expect(says()).not.toContain('insider');
      board.route(at(weight));
      expect(says()).toContain('insider');
      expect(board.live()).toMatchObject(at(weight));
      expect(board.route(at(weight))).toEqual([]);
      board.route(at(100));
      expect(says()).not.toContain('insider');
    },
  );

  it.each(ROUTE_FIELDS)('is shaped by spec.service.%s where it says that it reads it, and only there', (field) => {
    const made = (...more: Modifier<Canary>[]): unknown => [...routed(30, ...more).objects.values()];
    const without = ['hosts', 'delegation'].includes(field) ? made() : made(saying('hosts'));
    const isShaped = canonicalJson(made(saying(field))) !== canonicalJson(without);
    expect(isShaped).toBe(capabilities.reads?.includes(field) === true);
  });

  it('pins users where it says that it can, and only there', () => {
    const cookies = {
      canary: 'pin=abcdefghij',
      ...(capabilities.sessionAffinity === 'canary-and-primary' && {
        primary: 'stay=klmnopqrst',
      }),
    };
    const board = open(
      withAnalysis({
        sessionAffinity: { cookieName: 'pin', primaryCookieName: 'stay' },
      }),
    );
    board.route(at(30, { cookies }));
    const text = JSON.stringify([...board.objects.values()]);
    const isOwn = capabilities.sessionAffinity === 'own-cookies';
    const isPinned = capabilities.sessionAffinity !== 'none';
    expect(text.includes('"pin"')).toBe(isOwn);
    expect(text.includes('abcdefghij')).toBe(isPinned && !isOwn);
    if (isPinned) expect(board.live()).toMatchObject(at(30, isOwn ? {} : { cookies }));
    expect(board.route(at(30, { cookies }))).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['no spec', undefined],
    ['an empty spec', {}],
    ['a spec that is a text', 'x'],
    [
      'a spec full of nothing',
      {
        http: null,
        rules: [null],
        routes: [null],
        weighted: { services: [null] },
        backends: [null],
        conf: null,
        spec: null,
        traffic: [null],
      },
    ],
  ])('survives an object with %s', (_what, spec) => {
    const board = routed(30);
    for (const [key, object] of board.objects) if (object) board.objects.set(key, { ...object, spec });
    expect(() => board.router.parse(board.context, board.objects)).not.toThrow();
    expect(() => board.router.render(board.context, at(0), board.objects)).not.toThrow();
    expect(() => board.router.finalise(board.context, board.objects)).not.toThrow();
  });
});

const versionOf = (write: Write): string | undefined =>
  write.do === 'replace' ? write.object.metadata.resourceVersion : undefined;
