/** Sends single requests through a data plane over connections that are kept. */
import { Agent } from 'undici';
import { readIdentity } from '../pods/identity.ts';
import type { Answer } from './answer.ts';

/** A client waits this long before it calls a request failed. */
const PATIENCE_MS = 5_000;

export interface Question {
  readonly user?: string;
  readonly note?: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Told of the cookies that came, at the time at which they came. */
  readonly onCookies?: (setCookies: readonly string[], now: number) => void;
}

export interface Client {
  /** Never throws: a failure is an answer too. */
  ask(question: Question): Promise<Answer>;
  close(): Promise<void>;
}

const asList = (header: string | string[] | undefined): string[] =>
  header === undefined ? [] : Array.isArray(header) ? header : [header];

/** `origin` is the data plane, `http://127.0.0.1:8000`; `host` is whom the requests are for. */
export const createClient = (origin: string, host: string): Client => {
  const agent = new Agent({ connections: 128, headersTimeout: PATIENCE_MS, bodyTimeout: PATIENCE_MS });
  const send = async ({ headers, onCookies }: Question): Promise<Pick<Answer, 'from' | 'failure'>> => {
    const response = await agent.request({ origin, path: '/', method: 'GET', headers: { ...headers, host } });
    const body = await response.body.text();
    if (response.statusCode !== 200)
      return { from: undefined, failure: `status ${response.statusCode}: ${body.trim()}` };
    onCookies?.(asList(response.headers['set-cookie']), Date.now());
    const from = readIdentity(body);
    return { from, failure: from === undefined ? `not one of our pods: ${body.slice(0, 80)}` : undefined };
  };
  return {
    ask: async (question) => {
      const at = Date.now();
      const start = performance.now();
      const result = await send(question).catch((error: unknown) => ({
        from: undefined,
        failure: error instanceof Error ? error.message : String(error),
      }));
      const { user = '', note = '' } = question;
      return { at, took: performance.now() - start, user, note, ...result };
    },
    close: () => agent.destroy(),
  };
};
