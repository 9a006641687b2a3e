import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { withAnalysis } from '../make/canary.ts';
import { type AuditEvent, requestsOf } from './audit-log.ts';
import { eventually } from './control-plane/eventually.ts';
import { sharedCluster } from './shared-cluster.ts';
import { PRIMARY_QUERY, WebhookSite, withQueries } from './webhook-site.ts';

const cluster = sharedCluster();
let site: WebhookSite;

const start = () => site.start('--cert-check', '1s');

beforeAll(async () => {
  site = await WebhookSite.open(cluster, 'webhook-life');
  await start();
});

afterAll(() => site?.close());
afterEach(() => site.clear());

/** What the webhook's own ServiceAccount asked of the API server. */
const askedSince = (moment: string): AuditEvent[] =>
  requestsOf(cluster, [`system:serviceaccount:${site.place.home}:webhook`]).filter(
    ({ requestReceivedTimestamp }) => requestReceivedTimestamp > moment,
  );

const BUNDLES = ['-o', 'jsonpath={.webhooks[*].clientConfig.caBundle}'];

const caBundles = async (): Promise<string> =>
  (await site.kubectl(['get', 'mutatingwebhookconfiguration', site.place.name, ...BUNDLES])).stdout;

it('only reads while it judges, dry-run or not', async () => {
  const moment = new Date().toISOString();
  const objects = [site.scaledObject(), site.canary(withQueries({ 'prom-trigger': PRIMARY_QUERY }))];
  expect((await site.kubectl(['apply', '--dry-run=server'], ...objects)).code).toBe(0);
  expect((await site.apply(...objects)).code).toBe(0);
  const verbs = askedSince(moment).map((event) => event.verb);
  expect(verbs).toContain('get');
  expect(verbs.filter((verb) => !['get', 'list', 'watch'].includes(verb))).toEqual([]);
});

it('writes its caBundle back when somebody spoils it', async () => {
  const good = await caBundles();
  const spoil = '[{"op":"remove","path":"/webhooks/0/clientConfig/caBundle"}]';
  const patch = ['patch', 'mutatingwebhookconfiguration', site.place.name, '--type', 'json', '-p', spoil, ...BUNDLES];
  // The answer to the patch itself: whoever asks a moment later may find the bundle mended.
  expect((await site.kubectl(patch)).stdout).toBe('');
  await eventually(async () => (await caBundles()) === good, { what: 'the bundle to come back' });
});

it('ends with 0 when asked to, has counted its answers, and keeps its certificates over a new start', async () => {
  const secret = () => cluster.get('secret', site.place.name, site.place.home);
  const before = await secret();
  const { text } = await site.process.look('/metrics');
  expect(text).toMatch(
    /kubectl_canary_admission_requests_total\{hook="mutate",kind="Canary",.*outcome="denied".*\} \d/,
  );
  expect(await site.process.end()).toBe(0);
  await start();
  expect(await secret()).toEqual(before);
});

it('costs nobody a write while it is away', async () => {
  await site.process.end('SIGKILL');
  expect((await site.apply(site.canary(withAnalysis({ threshold: 1 })))).code).toBe(0);
  await start();
});
