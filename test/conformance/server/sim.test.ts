import { systemClock } from '../../../shared/platform/clock.ts';
import { createSimServer } from '../../../shared/sim/server.ts';
import { type ServerUnderTest, serverSuite } from './suite.ts';

const start = (tls: boolean) => async (): Promise<ServerUnderTest> => {
  const listening = await createSimServer({ clock: systemClock, createNamespaces: false }).listen({ tls });
  return { kubeconfig: listening.kubeconfig, stop: () => listening.close() };
};

serverSuite('the simulated API server', start(false));
serverSuite('the simulated API server over HTTPS', start(true));
