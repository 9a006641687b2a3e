/** What providers say of themselves beside weights, and what they do. */
import { describe, expect, it } from 'vitest';
import type { Capabilities } from '../../../shared/api/model.ts';
import { withAnalysis, withService } from '../../make/canary.ts';
import { at, Board } from '../../unit/shared/routing/board.ts';
import { canaryFor, ENTRIES } from './canaries.ts';
import { FEATURES, type Feature } from './fixture.ts';
import { CASES } from './stage.ts';

const LACKS: Readonly<Record<Feature, (can: Capabilities) => boolean>> = {
  'A/B testing': ({ match }) => match.length === 0,
  mirroring: ({ mirror }) => mirror === 'none',
  'session affinity': ({ sessionAffinity }) => sessionAffinity === 'none',
  preview: ({ preview }) => preview !== true,
};

describe.each(CASES)('%s', (provider, fixture) => {
  const text = (board: Board): string => JSON.stringify([...board.objects.values()]);
  const plain = new Board(canaryFor(provider, fixture), ...fixture.found);
  const { capabilities } = plain.router;

  it('gives reasons only for what it lacks', () => {
    const lacking = FEATURES.filter((feature) => LACKS[feature](capabilities));
    for (const [feature, reason] of Object.entries(fixture.lacks ?? {})) {
      expect(lacking).toContain(feature);
      expect(reason.length).toBeGreaterThan(20);
    }
  });

  it('leads chosen requests to the canary while both versions have traffic, where it says so, and only there', () => {
    const [form] = capabilities.match;
    const preview = { match: [ENTRIES[form ?? 'header-exact']] };
    const board = new Board(canaryFor(provider, fixture, withAnalysis({ preview })), ...fixture.found);
    for (const weight of [0, 30, 100, 30, 0]) {
      board.route(at(weight));
      expect(text(board).includes('insider')).toBe(capabilities.preview === true && weight % 100 > 0);
      expect(board.route(at(weight))).toEqual([]);
    }
  });

  it('goes back to plain weights when nobody asks for more any longer', () => {
    const more = withAnalysis({ preview: { match: [ENTRIES['header-exact']] } });
    const board = new Board(canaryFor(provider, fixture, more), ...fixture.found);
    for (const routes of [at(0), at(0, { mirrored: true }), at(30)]) board.route(routes);
    board.change(canaryFor(provider, fixture)).route(at(30));
    plain.route(at(0));
    plain.route(at(30));
    expect(board.live()).toEqual(plain.live());
    expect(text(board)).not.toContain('insider');
  });

  it('carries further ports without leading traffic astray', () => {
    const ports = withService({ ports: [{ name: 'grpc', port: 9999 }] });
    const board = new Board(canaryFor(provider, fixture, ports, ...fixture.needs), ...fixture.found);
    for (const weight of [0, 30, 0]) {
      board.route(at(weight));
      if (capabilities.weights) expect(board.live()).toMatchObject(at(weight));
    }
  });
});
