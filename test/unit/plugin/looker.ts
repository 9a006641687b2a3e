/** One stage per test and a terminal to look at it with. */
import { afterEach, beforeEach } from 'vitest';
import { KINDS } from '../../../shared/api/kinds.ts';
import { type KubeObject, refTo } from '../../../shared/api/kube.ts';
import { createStage, type Stage } from './stage.ts';
import type { TestTerminal } from './terminal.ts';

export const CANARY_REF = refTo(KINDS.canary, 'test', 'podinfo');

export const RUNNING = { phase: 'Progressing', canaryWeight: 20, failedChecks: 1, revision: 'b02ebbbbbb' };

export interface Looker {
  stage: Stage;
  terminal: TestTerminal;
  /** Runs a command on a fresh page. */
  look(...argv: string[]): Promise<{ code: number; out: string; err: string }>;
  setStatus(status: Record<string, unknown>): Promise<KubeObject>;
  /** A second Canary, `cart`, that nobody has looked at. */
  second(): Promise<KubeObject>;
}

const CART: KubeObject = {
  apiVersion: 'flagger.app/v1beta1',
  kind: 'Canary',
  metadata: { name: 'cart', namespace: 'test' },
  spec: {
    targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'cart' },
    service: { port: 80 },
    analysis: { interval: '10s', threshold: 1, iterations: 1 },
  },
};

/** Call once per test file; the fields are set anew before each test. */
export const useLooker = (): Looker => {
  const looker: Looker = {
    stage: undefined as unknown as Stage,
    terminal: undefined as unknown as TestTerminal,
    look: async (...argv) => {
      looker.terminal.clear();
      const code = await looker.stage.run(looker.terminal, ...argv);
      return { code, out: looker.terminal.out(), err: looker.terminal.err() };
    },
    setStatus: (status) => looker.stage.server.kube.patch(CANARY_REF, { status }, { subresource: 'status' }),
    second: () => looker.stage.server.kube.create(KINDS.canary, CART),
  };
  beforeEach(async () => {
    looker.stage = await createStage();
    looker.terminal = looker.stage.terminal();
  });
  afterEach(() => looker.stage.stop());
  return looker;
};
