/** What both halves of the suite do with one provider. */
import type { Canary } from '../../../shared/api/canary.ts';
import type { Capabilities } from '../../../shared/api/model.ts';
import { PROVIDER_NAMES } from '../../../shared/routing/index.ts';
import type { Modifier } from '../../make/modify.ts';
import { at, Board, type Loose } from '../../unit/shared/routing/board.ts';
import { canaryFor } from './canaries.ts';
import type { RouterFixture } from './fixture.ts';
import { FIXTURES } from './fixtures.ts';

/** Each provider of the registry with the fixture that it is in. */
export const CASES = FIXTURES.flatMap((fixture) =>
  fixture.providers
    .filter((provider) => PROVIDER_NAMES.includes(provider))
    .map((provider) => [provider, fixture] as const),
);

export class Stage {
  readonly #provider: string;
  readonly #fixture: RouterFixture;
  readonly capabilities: Capabilities;

  constructor(provider: string, fixture: RouterFixture) {
    this.#provider = provider;
    this.#fixture = fixture;
    this.capabilities = this.open().router.capabilities;
  }

  canaryOf(...more: Modifier<Canary>[]): Canary {
    return canaryFor(this.#provider, this.#fixture, ...more);
  }

  open(...more: Modifier<Canary>[]): Board {
    return new Board(this.canaryOf(...more), ...this.#fixture.found);
  }

  routed(weight: number, ...more: Modifier<Canary>[]): Board {
    const board = this.open(...more);
    board.route(at(weight));
    return board;
  }

  /** The object that carries the routes. */
  main(board: Board): Loose {
    return board.object(this.#fixture.kind, this.#fixture.name);
  }

  /** Somebody edits that object by hand. */
  edit(board: Board, change: (object: Loose) => void): void {
    const object = structuredClone(this.main(board));
    change(object);
    const key = [...board.objects].find(
      ([, one]) => one?.kind === this.#fixture.kind && one.metadata.name === object.metadata.name,
    )?.[0];
    board.objects.set(key ?? '', object);
  }

  /** Breaks what the provider keeps right. */
  drift(board: Board): void {
    this.edit(board, (object) => this.#fixture.drift?.(object));
  }
}
