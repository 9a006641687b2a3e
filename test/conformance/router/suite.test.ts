import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../shared/api/digest.ts';
import { refKey } from '../../../shared/api/kube.ts';
import type { Write } from '../../../shared/api/model.ts';
import { PROVIDER_NAMES, ROUTERS } from '../../../shared/routing/index.ts';
import { at, Board } from '../../unit/shared/routing/board.ts';
import { matching } from './canaries.ts';
import type { Promised, RouterFixture } from './fixture.ts';
import { FIXTURES } from './fixtures.ts';
import { CASES, Stage } from './stage.ts';

const WEIGHTS = [0, 1, 30, 50, 99, 100];

describe('the fixtures', () => {
  it.each(PROVIDER_NAMES)('have one for %s', (name) => {
    expect(CASES.filter(([provider]) => provider === name)).toHaveLength(1);
  });

  it('are for providers of the registry alone', () => {
    const named = FIXTURES.flatMap(({ providers }) => providers);
    expect(named.filter((name) => !PROVIDER_NAMES.includes(name))).toEqual([]);
  });

  it('are for names of which each has one router', () => {
    expect(ROUTERS.map(({ provider }) => provider).toSorted()).toEqual([...PROVIDER_NAMES]);
  });
});

describe.each(CASES)('%s', (provider, fixture) => {
  const stage = new Stage(provider, fixture);
  const promise = (what: Promised, run: () => void): void => {
    const reason = fixture.exceptions?.[what];
    if (reason === undefined) it(what, run);
    else it(`${what}: not this one, ${reason}`, () => expect(reason.length).toBeGreaterThan(10));
  };

  promise('gives back the weights that it was given', () => {
    for (const weight of WEIGHTS) expect(stage.routed(weight).live()).toMatchObject(at(weight));
    const board = stage.open();
    for (const weight of [...WEIGHTS, 40, 0]) {
      board.route(at(weight));
      expect(board.live()).toMatchObject(at(weight));
    }
  });

  promise('writes nothing twice', () => {
    for (const weight of WEIGHTS) expect(stage.routed(weight).route(at(weight))).toEqual([]);
  });

  promise('corrects drift without moving weights', () => {
    const board = stage.routed(30);
    const right = canonicalJson(stage.main(board));
    stage.drift(board);
    expect(canonicalJson(stage.main(board))).not.toBe(right);
    const live = board.live();
    expect(live).toMatchObject(at(30));
    board.route(at(30));
    expect(canonicalJson(stage.main(board))).toBe(right);
  });

  promise('leaves what others wrote where it is', () => {
    const board = stage.routed(30);
    const notes = {
      labels: { 'somebody.example/label': 'a' },
      annotations: { 'somebody.example/note': 'b' },
    };
    stage.edit(board, ({ metadata }) => {
      metadata.resourceVersion = '7';
      metadata.labels = { ...metadata.labels, ...notes.labels };
      metadata.annotations = { ...metadata.annotations, ...notes.annotations };
    });
    const writes = board.route(at(50));
    expect(writes.length).toBeGreaterThan(0);
    expect(stage.main(board).metadata).toMatchObject({
      resourceVersion: '7',
      ...notes,
    });
    expect(board.live()).toMatchObject(at(50));
  });

  const ofUser = (): Board =>
    new Board(stage.canaryOf(), ...fixture.found, fixture.ofUser as NonNullable<RouterFixture['ofUser']>);

  promise("takes over a user's object", () => {
    const board = ofUser();
    const before = fixture.kept?.(stage.main(board));
    expect(before).toBeDefined();
    for (const weight of [0, 30, 100, 0]) {
      board.route(at(weight));
      expect(board.live()).toMatchObject(at(weight));
      expect(fixture.kept?.(stage.main(board))).toEqual(before);
      expect(stage.main(board).metadata).toMatchObject({
        labels: { team: 'a' },
        annotations: { note: 'mine' },
      });
      expect(stage.main(board).metadata.ownerReferences).toBeUndefined();
    }
  });

  promise("gives a user's object back", () => {
    const board = ofUser();
    for (const weight of [0, 30, 0]) board.route(at(weight));
    board.finalise();
    expect(stage.main(board).spec).toEqual(fixture.ofUser?.['spec']);
    expect(board.finalise()).toEqual([]);
  });

  promise('leaves its own objects to their owner', () => {
    const board = stage.routed(0);
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
      const board = stage.open(matching({ headers: match }));
      board.route(at(100));
      return [...board.objects.values()];
    });
    expect(one).toEqual(other);
  });

  it('writes only objects that it reads, with the version that was read', () => {
    const board = stage.open();
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
    const board = stage.routed(30);
    for (const [key, object] of board.objects) if (object) board.objects.set(key, { ...object, spec });
    expect(() => board.router.parse(board.context, board.objects)).not.toThrow();
    expect(() => board.router.render(board.context, at(0), board.objects)).not.toThrow();
    expect(() => board.router.finalise(board.context, board.objects)).not.toThrow();
  });
});

const versionOf = (write: Write): string | undefined =>
  write.do === 'replace' ? write.object.metadata.resourceVersion : undefined;
