import { afterAll, beforeAll, describe } from 'vitest';
import { admittingTests } from './admitting.ts';
import { applyingTests } from './applying.ts';
import { openClient } from './client.ts';
import { customTests } from './custom.ts';
import { defaultsTests } from './defaults.ts';
import type { Bench } from './fixture.ts';
import { openBench } from './fixture.ts';
import { printingTests } from './printing.ts';
import { refusingTests } from './refusing.ts';
import { watchingTests } from './watching.ts';
import { writingTests } from './writing.ts';

export interface ServerUnderTest {
  /** Text of a kubeconfig. */
  readonly kubeconfig: string;
  stop(): void | Promise<void>;
}

/**
 * What our programs and kubectl rely on in an API server. The same expectations hold for the real one and for the
 * simulated one; where they hold for both, the simulation is a fair stand-in. No controllers are needed.
 */
export const serverSuite = (name: string, start: () => Promise<ServerUnderTest>): void => {
  describe(name, () => {
    let server: ServerUnderTest;
    let bench: Bench;
    beforeAll(async () => {
      server = await start();
      bench = await openBench(openClient(server.kubeconfig));
    });
    afterAll(async () => {
      await bench.client.ask('DELETE', `/api/v1/namespaces/${bench.namespace}`);
      await server.stop();
    });

    const current = (): Bench => bench;
    writingTests(current);
    refusingTests(current);
    defaultsTests(current);
    applyingTests(current);
    customTests(current);
    watchingTests(current);
    printingTests(current);
    admittingTests(current);
  });
};
