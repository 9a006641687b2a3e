/** What each router is asked for, by what it says that it can do. */
import type { Canary } from '../../../shared/api/canary.ts';
import type { KubeObject } from '../../../shared/api/kube.ts';
import type { Cookies, Routes } from '../../../shared/api/model.ts';
import { routerOf } from '../../../shared/routing/index.ts';
import type { Router } from '../../../shared/routing/router.ts';
import {
  canaryFor,
  ENTRIES,
  FORMS,
  FULL_SERVICE,
  matching,
  PINNED,
  SHAPES,
} from '../../conformance/router/canaries.ts';
import type { RouterFixture } from '../../conformance/router/fixture.ts';
import { CASES as ALL } from '../../conformance/router/stage.ts';
import { withAnalysis } from '../../make/canary.ts';
import type { Modifier } from '../../make/modify.ts';
import { at, contextOf } from '../../unit/shared/routing/board.ts';

/** A provider whose router writes objects. */
export interface Case {
  readonly provider: string;
  readonly fixture: RouterFixture;
  readonly router: Router;
}

export interface Rollout {
  readonly what: string;
  readonly canary: Canary;
  /** Made by users before. */
  readonly found: readonly KubeObject[];
  /** From the first pass to the last. */
  readonly routes: readonly Routes[];
}

export const CASES: readonly Case[] = ALL.map(([provider, fixture]) => ({
  provider,
  fixture,
  router: routerOf(provider) as Router,
})).filter(({ provider, fixture, router }) => router.refs(contextOf(canaryFor(provider, fixture))).length > 0);

const WEIGHTS = [0, 1, 30, 99, 100, 0].map((weight) => at(weight));
const BRIEFLY = [at(0), at(30), at(0)];
const COOKIES: Cookies = {
  canary: 'pin=abcdefghij',
  primary: 'stay=klmnopqrst',
};
const PREVIOUS: Cookies = { previous: 'pin=abcdefghij' };
const PINNING = [
  at(0),
  at(30, { cookies: COOKIES }),
  at(100, { cookies: COOKIES }),
  at(0, { cookies: PREVIOUS }),
  at(0),
];
const SHADOWING = [at(0), at(0, { mirrored: true }), at(30), at(0)];

const PLAIN: Modifier<Canary> = (canary) => canary;
/** With each, both where `spec.service` says little and where it says all that it can. */
const BOTH: readonly (readonly [where: string, shape: Modifier<Canary>])[] = [
  ['', PLAIN],
  [' with all of spec.service', FULL_SERVICE],
];

/** A rollout for each thing that the provider can do, and one for each shape of `spec.service`. */
export const rolloutsOf = ({ provider, fixture, router }: Case): Rollout[] => {
  const { found, ofUser } = fixture;
  const make = (what: string, routes: readonly Routes[], ...more: Modifier<Canary>[]): Rollout => ({
    what,
    canary: canaryFor(provider, fixture, ...more),
    found,
    routes,
  });
  const { match, preview, sessionAffinity, mirror, reads } = router.capabilities;
  const entries = FORMS.filter((form) => match.includes(form)).map((form) => ENTRIES[form]);
  const optional = BOTH.flatMap(([where, shape]) => [
    entries.length > 0 && make(`an A/B test${where}`, [at(0), at(100), at(0)], shape, matching(...entries)),
    preview === true && make(`a preview${where}`, BRIEFLY, shape, withAnalysis({ preview: { match: entries } })),
    sessionAffinity !== 'none' && make(`session affinity${where}`, PINNING, shape, PINNED),
    mirror !== 'none' && make(`mirroring${where}`, SHADOWING, shape, withAnalysis({ mirror: true, mirrorWeight: 50 })),
  ]);
  const [plain, ...shapes] = Object.entries(SHAPES).map(([what, shape], index) =>
    make(`spec.service with ${what}`, index === 0 ? WEIGHTS : BRIEFLY, shape),
  );
  // All others look the same to a router that reads none of it.
  const shaped = [plain, ...(reads === undefined ? shapes.slice(0, 1) : shapes)];
  const adopted = ofUser &&
    !found.includes(ofUser) && {
      ...make("a user's object", WEIGHTS),
      found: [...found, ofUser],
    };
  return [...shaped, ...optional, adopted].filter((rollout) => typeof rollout === 'object');
};
