/** The live screen of `watch`: one Canary, or a table to choose from. State in, frame out; keys become verbs. */
import type { Canary } from '../../shared/api/canary.ts';
import { CanaryError, EXIT } from '../../shared/errors.ts';
import {
  type CanaryList,
  listCanaries,
  nameOf,
  nothingFound,
  readCanary,
  type Selection,
  selectionOf,
} from '../canaries.ts';
import type { Input } from '../cli/input.ts';
import { followCanaries } from '../follow.ts';
import type { Connection, Io } from '../io.ts';
import { PictureFeed } from '../picture-feed.ts';
import { openScreen, type Screen } from '../screen.ts';
import { clip, columns } from '../view/columns.ts';
import { frameLines } from '../view/frame.ts';
import type { Style } from '../view/style.ts';
import { canaryRows } from '../view/table.ts';
import { type Act, actWith, type Order } from './act.ts';
import { actionOf, type KeyAction, keyHelp } from './keys.ts';

export interface LiveOptions {
  readonly input: Input;
  readonly io: Io;
  readonly connection: Connection;
  readonly style: Style;
  readonly isEnd: (canary: Canary) => boolean;
}

/** A second `r` counts within this time. */
const CONFIRM_MS = 3000;
const FEW_EVENTS = 4;
const MANY_EVENTS = 40;

const keyOf = (canary: Canary): string => `${canary.metadata.namespace ?? ''}/${canary.metadata.name}`;

class LiveView {
  readonly #options: LiveOptions;
  readonly #screen: Screen;
  readonly #act: Act;
  readonly #canaries = new Map<string, Canary>();
  readonly #readOnly: boolean;
  /** Key of the Canary that is shown alone; undefined: the table. */
  #open: string | undefined;
  #namespace = '';
  #cursor = 0;
  readonly #feed: PictureFeed;
  #manyEvents = false;
  #help = false;
  #message = '';
  #rollbackAt = Number.NEGATIVE_INFINITY;
  #closed = false;
  readonly #over = new AbortController();

  constructor(options: LiveOptions) {
    this.#options = options;
    const { input, io } = options;
    this.#readOnly = input.flag('read-only') || (io.env['KUBECTL_CANARY_READ_ONLY'] ?? '') !== '';
    this.#feed = new PictureFeed({ ...options, signal: this.#over.signal, onFresh: () => this.#draw() });
    this.#screen = openScreen(io, !input.flag('no-alt-screen'));
    this.#act = actWith(options, (message) => {
      this.#message = message;
      this.#draw();
    });
  }

  /** Until a key, the end that was asked for, or a signal. */
  async show(list: CanaryList, selection: Selection, open: string | undefined): Promise<number> {
    const { io, connection } = this.#options;
    this.#open = open;
    this.#namespace = selection.namespace;
    for (const canary of list.items) this.#canaries.set(keyOf(canary), canary);
    const stopKeys = io.stdin.isTTY ? io.stdin.keys((key) => this.#onKey(key)) : () => undefined;
    const pass = () => this.#over.abort(io.signal.reason);
    io.signal.addEventListener('abort', pass, { once: true });
    this.#tick();
    try {
      if (this.#hasEnded()) return EXIT.done;
      for await (const change of followCanaries(connection, selection, list, { ...io, signal: this.#over.signal })) {
        if (change.type === 'DELETED') this.#canaries.delete(keyOf(change.canary));
        else this.#canaries.set(keyOf(change.canary), change.canary);
        this.#refresh(true);
        this.#draw();
        if (this.#hasEnded()) return EXIT.done;
      }
      return EXIT.done;
    } catch (error) {
      if (error === QUIT) return EXIT.done;
      throw error;
    } finally {
      this.#closed = true;
      io.signal.removeEventListener('abort', pass);
      stopKeys();
      this.#screen.close(this.#body(io.stdout.rows() ?? 24));
    }
  }

  #hasEnded(): boolean {
    const canary = this.#shown();
    return canary !== undefined && this.#options.isEnd(canary);
  }

  #sorted(): Canary[] {
    return [...this.#canaries.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  }

  #shown(): Canary | undefined {
    return this.#open === undefined ? undefined : this.#canaries.get(this.#open);
  }

  /** The Canary that a key is about. */
  #chosen(): Canary | undefined {
    return this.#open === undefined ? this.#sorted()[this.#cursor] : this.#shown();
  }

  #tick(): void {
    if (this.#closed) return;
    const { io, input } = this.#options;
    this.#refresh();
    this.#draw();
    io.clock.after(Math.max(200, input.duration('refresh') ?? 1000), () => this.#tick());
  }

  #refresh(changed = false): void {
    const canary = this.#shown();
    if (canary !== undefined && !this.#closed) this.#feed.refresh(canary, changed);
  }

  #draw(): void {
    if (this.#closed) return;
    const { io, style } = this.#options;
    const height = (io.stdout.rows() ?? 24) - 2;
    const width = io.stdout.columns() ?? 80;
    const body = this.#body(height);
    const foot =
      this.#message === ''
        ? style.paint('dim', this.#help ? keyHelp(this.#readOnly, this.#isSingle()) : '? help   q quit')
        : style.paint('waiting', this.#message);
    const blank = Array.from({ length: Math.max(0, height - body.length) }, () => '');
    this.#screen.draw(
      this.#options.input.flag('no-alt-screen') ? [...body, foot] : [...body, ...blank, '', clip(foot, width)],
    );
  }

  #body(height: number): string[] {
    return (this.#open === undefined ? this.#table(height) : this.#single(height)).slice(0, height);
  }

  #isSingle(): boolean {
    return this.#options.input.words.length > 0;
  }

  #table(height: number): string[] {
    const { io, style } = this.#options;
    const canaries = this.#sorted();
    this.#cursor = Math.max(0, Math.min(this.#cursor, canaries.length - 1));
    if (canaries.length === 0) return [nothingFound(this.#namespace)];
    const options = {
      now: io.clock.now(),
      namespaces: true,
      wide: false,
      showLabels: false,
      labelColumns: [],
      headers: true,
    };
    const [header = '', ...rows] = columns(canaryRows(canaries, options, style));
    const first = Math.max(0, Math.min(this.#cursor - Math.floor(height / 2), rows.length - (height - 1)));
    const marked = rows.map((row, index) => `${index === this.#cursor ? style.sign('▸', '>') : ' '} ${row}`);
    return [`  ${header}`, ...marked.slice(first, first + height - 1)];
  }

  #single(height: number): string[] {
    const { io, style } = this.#options;
    const canary = this.#shown();
    if (canary === undefined) return [`${this.#open ?? ''} was deleted`];
    const events = this.#manyEvents ? Math.min(MANY_EVENTS, Math.max(FEW_EVENTS, height - 16)) : FEW_EVENTS;
    const isKnown = this.#feed.has(canary);
    return frameLines(this.#feed.of(canary), { now: io.clock.now(), height: isKnown ? height : 5, events }, style);
  }

  #onKey(key: string): void {
    const action = actionOf(key, this.#readOnly);
    this.#message = '';
    this.#do(action);
    this.#draw();
  }

  #do(action: KeyAction): void {
    switch (action) {
      case 'quit':
        this.#over.abort(QUIT);
        return;
      case 'help':
        this.#help = !this.#help;
        return;
      case 'events':
        this.#manyEvents = !this.#manyEvents;
        return;
      case 'up':
      case 'down':
        this.#cursor += action === 'up' ? -1 : 1;
        return;
      case 'open':
      case 'back':
        return this.#move(action);
      case undefined:
        return;
      default:
        this.#order(action);
    }
  }

  #move(action: 'open' | 'back'): void {
    if (this.#isSingle()) return;
    const chosen = this.#chosen();
    this.#open = action === 'open' && chosen !== undefined ? keyOf(chosen) : undefined;
    this.#refresh(true);
  }

  #order(action: Order): void {
    const canary = this.#chosen();
    if (canary === undefined) return;
    const { clock } = this.#options.io;
    if (action === 'rollback' && clock.monotonic() - this.#rollbackAt > CONFIRM_MS) {
      this.#rollbackAt = clock.monotonic();
      this.#message = `press r again to roll ${canary.metadata.name} back`;
      return;
    }
    this.#rollbackAt = Number.NEGATIVE_INFINITY;
    this.#act(action, canary);
  }
}

const QUIT = new CanaryError('INTERRUPTED', 'quit');

/** Runs the screen; the exit code. */
export const liveView = async (options: LiveOptions): Promise<number> => {
  const { input, io, connection } = options;
  const word = input.words[0];
  if (word === undefined) {
    const selection = selectionOf(input, connection);
    return new LiveView(options).show(await listCanaries(connection, selection, io.signal), selection, undefined);
  }
  const canary = await readCanary(connection, nameOf(word), io.signal);
  const selection = { namespace: connection.namespace, fieldSelector: `metadata.name=${canary.metadata.name}` };
  return new LiveView(options).show(
    { items: [canary], resourceVersion: canary.metadata.resourceVersion ?? '' },
    selection,
    keyOf(canary),
  );
};
