import { readFileSync } from 'node:fs';
import { serverSuite } from '../conformance/server/suite.ts';
import { sharedCluster } from './shared-cluster.ts';

serverSuite('the real API server', async () => ({
  kubeconfig: readFileSync(sharedCluster().kubeconfig, 'utf8'),
  stop: () => {},
}));
