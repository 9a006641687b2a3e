import type { Answer, Endpoint, Exchange } from './endpoint.ts';

/** Name of the hook or alert channel, and the body that came, as JSON where it is JSON. */
export type Call = readonly [name: string, body: unknown];

const parseBody = (body: string): unknown => {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return body;
  }
};

/** Receives `/hook/NAMESPACE/NAME` and `/alert/NAMESPACE/NAME`, remembers what came, answers 200 unless told otherwise. */
export class HookReceiver implements Endpoint {
  readonly #calls = new Map<string, Call[]>();
  readonly #codes = new Map<string, number>();

  /** From here on the hook or alert channel `name` of a namespace is answered with `code`. */
  setCode(namespace: string, name: string, code: number): void {
    this.#codes.set(`${namespace}/${name}`, code);
  }

  hooksOf(namespace: string): Call[] {
    return [...(this.#calls.get(`hook/${namespace}`) ?? [])];
  }

  alertsOf(namespace: string): Call[] {
    return [...(this.#calls.get(`alert/${namespace}`) ?? [])];
  }

  /** Whether a path is one of the receiver's. */
  static serves(url: URL): boolean {
    return /^\/(hook|alert)\//.test(url.pathname);
  }

  answer({ url, body }: Exchange): Answer {
    const [, what = '', namespace = '', name = ''] = url.pathname.split('/').map(decodeURIComponent);
    if (!HookReceiver.serves(url) || name === '') return { status: 404, body: 'no such hook' };
    const key = `${what}/${namespace}`;
    this.#calls.set(key, [...(this.#calls.get(key) ?? []), [name, parseBody(body)]]);
    return { status: this.#codes.get(`${namespace}/${name}`) ?? 200, body: '' };
  }
}

/** Hooks, alerts and metrics behind one address, as a scenario's objects name them. */
export const joinEndpoints = (hooks: HookReceiver, metrics: Endpoint): Endpoint => ({
  answer: (exchange) => (HookReceiver.serves(exchange.url) ? hooks : metrics).answer(exchange),
});
