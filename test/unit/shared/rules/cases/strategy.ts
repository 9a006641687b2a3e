import type { Severity } from '../../../../../shared/api/model.ts';
import { blueGreen, canary, creating, deployment, type Loose } from '../world.ts';
import type { RuleCase } from './case.ts';

const weighted = (more: Loose, others: Parameters<typeof creating>[1] = []) =>
  creating(
    canary((it) => Object.assign(it.spec.analysis, more)),
    others,
  );
const stepped = (stepWeights: unknown, more: Loose = {}) =>
  creating(
    canary((it) => {
      delete it.spec.analysis.stepWeight;
      delete it.spec.analysis.maxWeight;
      Object.assign(it.spec.analysis, { stepWeights }, more);
    }),
  );
const iterating = (more: Loose, provider = 'nginx') =>
  creating(blueGreen((it) => ((it.spec.provider = provider), Object.assign(it.spec.analysis, more))));
const on = (provider: string, more: Loose) =>
  creating(canary((it) => ((it.spec.provider = provider), Object.assign(it.spec.analysis, more))));
const MATCH = [{ headers: { 'x-canary': { exact: 'insider' } } }];
const cookies = (more: Loose) => on('istio', { sessionAffinity: { cookieName: 'sticky', ...more } });

const A = 'spec.analysis';
const row = (id: string, says: string, [severity, path, message]: readonly [Severity, string, string]) => ({
  id: `CANARY-STRAT-${id}`,
  says,
  severity,
  path,
  message,
});

export const STRATEGY_CASES: readonly RuleCase[] = [
  {
    ...row('001', 'two strategies at once', ['deny', A, 'sets iterations and stepWeight. Keep exactly one']),
    bad: weighted({ iterations: 3 }),
    good: weighted({}),
  },
  {
    ...row('001', 'no strategy at all', ['deny', A, 'sets none of iterations, stepWeight, stepWeights']),
    bad: creating(canary((it) => delete it.spec.analysis.stepWeight)),
    good: stepped([5, 20]),
  },
  {
    ...row('002', 'steps of nothing', ['deny', `${A}.stepWeight`, '0: traffic would never move']),
    bad: weighted({ stepWeight: 0 }),
    good: weighted({ stepWeight: 1 }),
  },
  {
    ...row('002', 'steps of more than everything', ['deny', `${A}.stepWeight`, '101: more than all traffic']),
    bad: weighted({ stepWeight: 101 }),
    good: weighted({ stepWeight: 100, maxWeight: 100 }),
  },
  {
    ...row('003', 'the last step overshoots', [
      'warn',
      `${A}.stepWeight`,
      'the last step sends 60%, above maxWeight 50%',
    ]),
    bad: weighted({ stepWeight: 30 }),
    good: weighted({ stepWeight: 25 }),
  },
  {
    ...row('003', 'the first step overshoots', [
      'warn',
      `${A}.stepWeight`,
      'the first step sends 80%, above maxWeight 50%',
    ]),
    bad: weighted({ stepWeight: 80 }),
    good: weighted({ stepWeight: 30, maxWeight: 100 }),
  },
  {
    ...row('004', 'a step that does not rise', [
      'deny',
      `${A}.stepWeights[2]`,
      '10 does not rise above the step before it (20): traffic would stay at 20% for ever',
    ]),
    bad: stepped([5, 20, 10]),
    good: stepped([5, 10, 20]),
  },
  {
    ...row('004', 'a first step of nothing', ['deny', `${A}.stepWeights[0]`, '0 is no share of traffic']),
    bad: stepped([0, 20]),
    good: stepped([1, 100]),
  },
  {
    ...row('004', 'a list without steps', ['deny', `${A}.stepWeights`, 'is empty']),
    bad: stepped([]),
    good: stepped([50]),
  },
  {
    ...row('005', 'a maximum above everything', ['deny', `${A}.maxWeight`, '400: the rollout would never be promoted']),
    bad: weighted({ maxWeight: 400 }),
    good: weighted({ maxWeight: 100 }),
  },
  {
    ...row('005', 'a maximum of nothing', ['warn', `${A}.maxWeight`, '0: means 100%, not none']),
    bad: weighted({ maxWeight: 0 }),
    good: weighted({ maxWeight: 10 }),
  },
  {
    ...row('006', 'a maximum beside a list of steps', [
      'warn',
      `${A}.maxWeight`,
      'ignored: the last of stepWeights decides',
    ]),
    bad: stepped([5, 20], { maxWeight: 50 }),
    good: stepped([5, 20]),
  },
  {
    ...row('006', 'a maximum beside iterations', [
      'warn',
      `${A}.maxWeight`,
      'ignored: the number of iterations decides',
    ]),
    bad: iterating({ maxWeight: 50 }),
    good: iterating({}),
  },
  {
    ...row('007', 'no iteration', ['deny', `${A}.iterations`, '0: must be at least 1']),
    bad: iterating({ iterations: 0 }),
    good: iterating({ iterations: 1 }),
  },
  {
    ...row('008', 'matching with steps, where that jumps to everything', [
      'deny',
      `${A}.match`,
      'would send all matched traffic at once',
    ]),
    bad: on('nginx', { match: MATCH }),
    good: iterating({ match: MATCH }, 'nginx'),
  },
  {
    ...row('008', 'matching with steps, where that limits who takes part', [
      'warn',
      `${A}.match`,
      'only matched requests take part',
    ]),
    bad: on('istio', { match: MATCH }),
    good: iterating({ match: MATCH }, 'istio'),
  },
  {
    ...row('009', 'a promotion step backwards', [
      'deny',
      `${A}.stepWeightPromotion`,
      '-10: promotion would move traffic the wrong way',
    ]),
    bad: weighted({ stepWeightPromotion: -10 }),
    good: weighted({ stepWeightPromotion: 0 }),
  },
  {
    ...row('009', 'a promotion step of more than everything', [
      'deny',
      `${A}.stepWeightPromotion`,
      '101: promotion would jump',
    ]),
    bad: weighted({ stepWeightPromotion: 101 }),
    good: weighted({ stepWeightPromotion: 100 }),
  },
  {
    ...row('010', 'promotion steps after iterations', ['warn', `${A}.stepWeightPromotion`, 'no effect here']),
    bad: iterating({ stepWeightPromotion: 10 }),
    good: weighted({ stepWeightPromotion: 10 }),
  },
  {
    ...row('010', 'promotion steps without a way to split traffic', [
      'warn',
      `${A}.stepWeightPromotion`,
      'no effect here',
    ]),
    bad: on('kubernetes', { stepWeightPromotion: 10 }),
    good: on('kubernetes', {}),
  },
  {
    ...row('011', 'a threshold of nothing', ['warn', `${A}.threshold`, '0 is treated as 1']),
    bad: weighted({ threshold: 0 }),
    good: weighted({ threshold: 1 }),
  },
  {
    ...row('012', 'more than all pods ready', ['deny', `${A}.canaryReadyThreshold`, '150 is not a percentage of pods']),
    bad: weighted({ canaryReadyThreshold: 150 }),
    good: weighted({ canaryReadyThreshold: 100 }),
  },
  {
    ...row('012', 'less than no pod ready', ['deny', `${A}.primaryReadyThreshold`, '-1 is not a percentage of pods']),
    bad: weighted({ primaryReadyThreshold: -1 }),
    good: weighted({ primaryReadyThreshold: 50 }),
  },
  {
    ...row('013', 'half of one pod ready', ['warn', `${A}.canaryReadyThreshold`, 'podinfo has one replica']),
    bad: weighted({ canaryReadyThreshold: 50 }, [deployment((it) => delete it.spec.replicas)]),
    good: weighted({ canaryReadyThreshold: 50 }, [deployment()]),
  },
  {
    ...row('014', 'a share of mirrored requests, and no mirror', [
      'deny',
      `${A}.mirrorWeight`,
      '20 without mirror: true does nothing',
    ]),
    bad: on('istio', { mirrorWeight: 20 }),
    good: on('istio', { mirrorWeight: 20, mirror: true }),
  },
  {
    ...row('014', 'a share of mirrored requests above everything', [
      'deny',
      `${A}.mirrorWeight`,
      '120 is not a percentage',
    ]),
    bad: on('istio', { mirrorWeight: 120, mirror: true }),
    good: on('istio', { mirrorWeight: 100, mirror: true }),
  },
  {
    ...row('015', 'mirroring beside matching', ['deny', `${A}.mirror`, 'cannot be combined with match']),
    bad: iterating({ mirror: true, match: MATCH }, 'istio'),
    good: on('istio', { mirror: true, match: MATCH, sessionAffinity: { cookieName: 'sticky' } }),
  },
  {
    ...row('015', 'mirroring before steps, where only iterations can', [
      'deny',
      `${A}.mirror`,
      'step weights on gatewayapi:v1',
    ]),
    bad: on('gatewayapi:v1', { mirror: true }),
    good: iterating({ mirror: true }, 'gatewayapi:v1'),
  },
  {
    ...row('016', 'an analysis that checks nothing', ['warn', A, 'every release would pass']),
    bad: weighted({ metrics: [], webhooks: [{ name: 'before', type: 'pre-rollout', url: 'http://x.test/' }] }),
    good: weighted({ metrics: [] }),
  },
  {
    ...row('017', 'a first start that nobody waits for', ['warn', 'spec.skipAnalysis', 'Flagger does not wait']),
    bad: creating(canary((it) => ((it.spec.skipAnalysis = true), (it.spec.analysis.metrics = [])))),
    good: creating(canary((it) => (it.spec.skipAnalysis = false))),
  },
  {
    ...row('018', 'one cookie for both', [
      'deny',
      `${A}.sessionAffinity.primaryCookieName`,
      '"sticky" is cookieName too',
    ]),
    bad: cookies({ primaryCookieName: 'sticky' }),
    good: cookies({ primaryCookieName: 'sticky-primary' }),
  },
  {
    ...row('019', 'a cookie with an equals sign', [
      'deny',
      `${A}.sessionAffinity.cookieName`,
      'cannot be a cookie name',
    ]),
    bad: cookies({ cookieName: 'a=b' }),
    good: cookies({ cookieName: 'a_b' }),
  },
  {
    ...row('019', 'a cookie that is a pattern', [
      'deny',
      `${A}.sessionAffinity.primaryCookieName`,
      'cannot be a cookie name',
    ]),
    bad: cookies({ primaryCookieName: 'a(b)*' }),
    good: cookies({ primaryCookieName: '' }),
  },
  {
    ...row('019', 'a cookie with a dot, which a pattern takes for anything', [
      'warn',
      `${A}.sessionAffinity.cookieName`,
      'cannot be a cookie name',
    ]),
    bad: cookies({ cookieName: 'my.cookie' }),
    good: cookies({ cookieName: 'my-cookie' }),
  },
  {
    ...row('020', 'SameSite=None without Secure', ['warn', `${A}.sessionAffinity.sameSite`, 'Set secure: true']),
    bad: cookies({ sameSite: 'None' }),
    good: cookies({ sameSite: 'None', secure: true }),
  },
];
