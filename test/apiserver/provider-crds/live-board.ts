/** One Canary, its router and the objects that it reads and writes, on an API server that is strict about them. */
import { expect } from 'vitest';
import type { Canary } from '../../../shared/api/canary.ts';
import { KINDS } from '../../../shared/api/kinds.ts';
import { type KubeObject, type Ref, refKey, refOf } from '../../../shared/api/kube.ts';
import type { LiveRoutes, Rendered, Routes } from '../../../shared/api/model.ts';
import { hasCode } from '../../../shared/errors.ts';
import { Board } from '../../unit/shared/routing/board.ts';
import { lostOf } from './difference.ts';
import type { StrictServer } from './server.ts';

/** Without what the server changes with each write, and the status, which it takes apart from the rest. */
const withoutVersion = ({ metadata, status: _status, ...object }: KubeObject): object => {
  const { resourceVersion: _, generation: __, managedFields: ___, ...rest } = metadata;
  return { ...object, metadata: rest };
};

/** The ref by which the router reads a user's object. */
const refAmong = (refs: readonly Ref[], object: KubeObject): Ref => {
  const found = refs.find(
    ({ kind, name }) =>
      kind.apiVersion === object.apiVersion && kind.kind === object.kind && name === object.metadata.name,
  );
  if (found === undefined) throw new Error(`the router does not read ${object.kind} ${object.metadata.name}`);
  return found;
};

export class LiveBoard {
  readonly #server: StrictServer;
  readonly #board: Board;
  readonly #all: Ref[];

  private constructor(server: StrictServer, board: Board, all: Ref[]) {
    this.#server = server;
    this.#board = board;
    this.#all = all;
  }

  /** Stores the Canary and what users made before; routes then go by the Canary as the server gave it back. */
  static async open(server: StrictServer, canary: Canary, found: readonly KubeObject[]): Promise<LiveBoard> {
    const ref = refOf(KINDS.canary, canary);
    const stored = (await server.write({
      do: 'create',
      ref,
      object: canary,
    })) as Canary;
    const board = new Board(stored);
    board.context = {
      ...board.context,
      owner: { ...board.context.owner, uid: stored.metadata.uid ?? '' },
    };
    const refs = board.router.refs(board.context);
    const live = new LiveBoard(server, board, [ref, ...refs]);
    try {
      for (const object of found) await LiveBoard.#store(server, refAmong(refs, object), object);
      return live;
    } catch (error) {
      await live.close();
      throw error;
    }
  }

  /** With its status, where it has one. */
  static async #store(server: StrictServer, ref: Ref, object: KubeObject): Promise<void> {
    const { status, ...rest } = object;
    const stored = await server.write({
      do: 'create',
      ref,
      object: rest,
    });
    if (status !== undefined) await server.kube.replace(ref.kind, { ...stored, status }, { subresource: 'status' });
  }

  /** Routes as told. The server must take and keep each write, hold these routes then, and leave nothing to correct. */
  async route(routes: Routes): Promise<void> {
    const { router, context, objects } = this.#board;
    await this.#read();
    if (router.prepare) await this.#write(router.prepare(context, objects));
    await this.#write(router.render(context, routes, objects));
    expect(router.render(context, routes, objects)).toEqual({ writes: [] });
  }

  /** What the server says to the first object for these routes once it has a field more: `taken`, or why it refuses. */
  async tryUnknownField(routes: Routes): Promise<string> {
    const { router, context, objects } = this.#board;
    await this.#read();
    const rendered = router.render(context, routes, objects);
    const [write] = 'writes' in rendered ? rendered.writes : [];
    if (write?.do !== 'create' && write?.do !== 'replace') throw new Error('nothing is written at first');
    return this.#server.write({ ...write, object: { ...write.object, fieldThatNobodyKnows: 1 } }).then(
      () => 'taken',
      (error: unknown) => String(error),
    );
  }

  live(): LiveRoutes | undefined | { problem: string } {
    return this.#board.live();
  }

  async finalise(): Promise<void> {
    const { router, context, objects } = this.#board;
    await this.#write(router.finalise(context, objects));
    expect(router.finalise(context, objects)).toEqual({ writes: [] });
  }

  /** Removes all that the Canary and its users have made. */
  async close(): Promise<void> {
    for (const ref of this.#all)
      await this.#server.kube.remove(ref).catch((error: unknown) => {
        if (!hasCode(error, 'API_NOT_FOUND')) throw error;
      });
  }

  async #read(): Promise<void> {
    const { router, context, objects } = this.#board;
    for (const ref of router.refs(context)) {
      const found = await this.#server.kube.get(ref).catch((error: unknown) => {
        if (hasCode(error, 'API_NOT_FOUND')) return undefined;
        throw error;
      });
      objects.set(refKey(ref), found);
    }
  }

  async #write(rendered: Rendered): Promise<void> {
    if ('problem' in rendered) throw new Error(rendered.problem);
    for (const write of rendered.writes) {
      if (write.do === 'delete') await this.#server.kube.remove(write.ref);
      else {
        const held = await this.#server.write(write);
        if (write.do !== 'patch') expect(lostOf(withoutVersion(write.object), held)).toEqual([]);
      }
    }
    await this.#read();
  }
}
