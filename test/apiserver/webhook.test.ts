import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { withAnalysis, withSpec } from '../make/canary.ts';
import { aTrigger, withTriggers } from '../make/scaled-object.ts';
import type { CommandResult } from './control-plane/handle.ts';
import { sharedCluster } from './shared-cluster.ts';
import { PRIMARY_QUERY, WebhookSite, withQueries } from './webhook-site.ts';

let site: WebhookSite;

/** Stood in the cluster before there was a webhook. */
const badFromBefore = () => {
  const targetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'old' } as const;
  return site.here(site.canary(withAnalysis({ iterations: undefined, stepWeight: 0 }), withSpec({ targetRef })), 'old');
};

beforeAll(async () => {
  site = await WebhookSite.open(sharedCluster(), 'webhook');
  expect((await site.apply(badFromBefore())).code).toBe(0);
  await site.start();
});

afterAll(() => site?.close());
afterEach(() => site.clear());

const refused = (answer: CommandResult, text: string): void => {
  expect(answer.stderr).toContain(text);
  expect(answer.code).toBe(1);
};

const isRefusal = ({ code }: CommandResult): boolean => code === 1;

const unnamedTrigger = () => {
  const { name: _, ...unnamed } = aTrigger();
  return unnamed;
};

it('refuses a Canary whose query names no trigger while its trigger has no name, and says where and how to mend it', async () => {
  expect((await site.apply(site.scaledObject(withTriggers(unnamedTrigger())))).code).toBe(0);
  refused(
    await site.apply(site.canary(withQueries({ 'prom-trigger': PRIMARY_QUERY }))),
    [
      'The Canary "podinfo" is invalid: ',
      '* spec.autoscalerRef.primaryScalerQueries: trigger 0 (prometheus) of ScaledObject podinfo-so has no name, so no query here can be for it. Set spec.triggers[0].name (not metadata.name). [CANARY-KEDA-002]',
      '* spec.autoscalerRef.primaryScalerQueries[prom-trigger]: ScaledObject podinfo-so has no trigger named "prom-trigger" (it has: none). Set spec.triggers[0].name: prom-trigger if it is meant for that one. [CANARY-KEDA-001]',
    ].join('\n'),
  );
  expect(await site.exists('canary', 'podinfo')).toBe(false);
});

it('refuses a key that matches no trigger, and lists the triggers there are', async () => {
  await site.apply(site.scaledObject());
  const answer = await site.apply(site.canary(withQueries({ requests: PRIMARY_QUERY })));
  refused(
    answer,
    'spec.autoscalerRef.primaryScalerQueries[requests]: ScaledObject podinfo-so has no trigger named "requests" (it has: prom-trigger).',
  );
  refused(answer, '[CANARY-KEDA-001]');
});

it('refuses a Canary together with its ScaledObject in one file, and takes both once the trigger is named', async () => {
  const wanted = site.canary(withQueries({ 'prom-trigger': PRIMARY_QUERY }));
  refused(await site.apply(site.scaledObject(withTriggers(unnamedTrigger())), wanted), '[CANARY-KEDA-002]');
  const mended = await site.apply(site.scaledObject(), wanted);
  expect([mended.code, mended.stdout]).toEqual([0, expect.stringContaining('canary.flagger.app/podinfo created')]);
});

it('takes a Canary whose ScaledObject does not exist yet, with a warning', async () => {
  const answer = await site.apply(site.canary(withQueries({ 'prom-trigger': PRIMARY_QUERY }, 'later-so')));
  expect([answer.code, answer.stderr]).toEqual([
    0,
    expect.stringMatching(/^Warning: .*later-so.*\[CANARY-KEDA-016\]$/m),
  ]);
});

it.each([
  ['a fractional weight', { iterations: undefined, stepWeight: 2.5 }, 'spec.analysis.stepWeight: ', 'CANARY-TYPE-001'],
  [
    'weights that do not rise',
    { iterations: undefined, stepWeights: [20, 10] },
    'spec.analysis.stepWeights[1]: ',
    'CANARY-STRAT-004',
  ],
  [
    'two strategies, before the schema does',
    { stepWeight: 10 },
    'spec.analysis: sets iterations and stepWeight.',
    'CANARY-STRAT-001',
  ],
  [
    'an interval in hours, before the schema does',
    { interval: '1h' },
    'spec.analysis.interval: "1h"',
    'CANARY-DUR-002',
  ],
  [
    'an interval that is a number, before the schema does',
    { interval: 30 },
    'spec.analysis.interval: ',
    'CANARY-DUR-002',
  ],
  [
    'an interval that only looks like one',
    { interval: '10seconds' },
    '"10seconds" is not a duration',
    'CANARY-DUR-001',
  ],
  [
    'an unknown type of hook, before the schema does',
    { webhooks: [{ name: 'a', type: 'pre-rolout', url: 'http://a/' }] },
    'spec.analysis.webhooks[0].type: "pre-rolout"',
    'CANARY-TYPE-004',
  ],
])('refuses %s', async (_, analysis, where, id) => {
  const ingressRef = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'podinfo' } as const;
  const answer = await site.apply(
    site.canary(withSpec({ provider: 'nginx', ingressRef }), withAnalysis(analysis as never)),
  );
  refused(answer, 'The Canary "podinfo" is invalid');
  refused(answer, where);
  refused(answer, `[${id}]`);
  expect(answer.stderr).not.toContain('must validate one and only one schema');
});

it('refuses a second Canary for the same target, and names the first', async () => {
  await site.apply(site.canary());
  const second = site.here(site.canary(), 'second');
  await site.untilAnswer(second, isRefusal);
  refused(await site.apply(second), 'Canary podinfo already targets Deployment podinfo');
  expect(await site.exists('canary', 'second')).toBe(false);
});

it.each([[['create']], [['apply', '--server-side']], [['create', '--dry-run=server']]])(
  'refuses in the same words under kubectl %j',
  async (args) => {
    const said =
      'The Canary "podinfo" is invalid: spec.analysis.interval: "1h": only minutes and seconds are accepted here. Write 60m. [CANARY-DUR-002]';
    refused(await site.kubectl(args, site.canary(withAnalysis({ interval: '1h' }))), said);
  },
);

it('shows each warning on a line of its own and goes on', async () => {
  const answer = await site.apply(site.canary(withAnalysis({ threshold: 0, metrics: [] })));
  expect(answer.code).toBe(0);
  expect(answer.stderr).toMatch(/^Warning: spec\.analysis\.threshold: .*\[CANARY-STRAT-011\]$/m);
  expect(answer.stderr).toMatch(/^Warning: spec\.analysis: .*\[CANARY-STRAT-016\]$/m);
});

it('only warns of what an old object had already, and refuses what a request makes worse', async () => {
  const same = await site.kubectl(['annotate', 'canary', 'old', 'team=web', '--overwrite']);
  expect([same.code, same.stderr]).toEqual([
    0,
    expect.stringMatching(/^Warning: spec\.analysis\.stepWeight: .*\[CANARY-STRAT-002\]$/m),
  ]);
  const worse = '{"spec":{"analysis":{"stepWeight":200}}}';
  refused(await site.kubectl(['patch', 'canary', 'old', '--type', 'merge', '-p', worse]), '[CANARY-STRAT-002]');
});

it('refuses a ScaledObject that takes away the name of a trigger which its Canary needs', async () => {
  await site.apply(site.scaledObject(), site.canary(withQueries({ 'prom-trigger': PRIMARY_QUERY })));
  const renamed = site.scaledObject(withTriggers({ ...aTrigger(), name: 'other' }));
  await site.untilAnswer(renamed, isRefusal);
  refused(await site.apply(renamed), '[SCALEDOBJECT-001]');
});

it('makes a refusal of another object a warning in a namespace that asks for that, and each finding a refusal in a strict one', async () => {
  const label = (value: string) =>
    site.place.cluster.kubectl([
      'label',
      'namespace',
      site.namespace,
      `kubectl-canary/admission${value}`,
      '--overwrite',
    ]);
  await site.apply(site.scaledObject());
  const contradicted = site.canary(withQueries({ requests: PRIMARY_QUERY }));
  const missing = site.canary(withQueries({ 'prom-trigger': PRIMARY_QUERY }, 'later-so'));
  await label('=warn');
  await site.untilAnswer(contradicted, ({ code }) => code === 0);
  const warned = await site.apply(contradicted);
  expect([warned.code, warned.stderr]).toEqual([0, expect.stringMatching(/^Warning: .*\[CANARY-KEDA-001\]$/m)]);
  await site.clear();
  await label('=strict');
  await site.untilAnswer(missing, isRefusal);
  refused(await site.apply(missing), '[CANARY-KEDA-016]');
  await label('-');
});
