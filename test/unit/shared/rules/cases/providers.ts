import type { Severity } from '../../../../../shared/api/model.ts';
import { blueGreen, canary, creating, type Loose } from '../world.ts';
import type { RuleCase } from './case.ts';

const A = 'spec.analysis';
const on = (provider: string, analysis: Loose = {}, change: (it: Loose) => void = () => {}) =>
  creating(
    canary((it) => {
      it.spec.provider = provider;
      Object.assign(it.spec.analysis, analysis);
      change(it);
    }),
  );
const testing = (provider: string, analysis: Loose) =>
  creating(
    blueGreen((it) => {
      it.spec.provider = provider;
      Object.assign(it.spec.analysis, analysis);
    }),
  );

const header = (form: string, name = 'x-canary') => ({ headers: { [name]: { [form]: 'insider' } } });
const ingressRef = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'web' };
const knative = { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name: 'podinfo' };

const row = (id: string, says: string, [severity, path, message]: readonly [Severity, string, string]) => ({
  id: `CANARY-PROV-${id}`,
  says,
  severity,
  path,
  message,
});

export const PROVIDER_CASES: readonly RuleCase[] = [
  {
    ...row('001', 'no Ingress to start from', ['deny', 'spec.ingressRef', 'provider skipper needs it']),
    bad: on('skipper'),
    good: on('skipper', {}, (it) => (it.spec.ingressRef = ingressRef)),
  },
  {
    ...row('001', 'no gateway to start from', ['deny', 'spec.service.gatewayRefs', 'provider gloo needs it']),
    bad: on('gloo', {}, (it) => (it.spec.service.gatewayRefs = [])),
    good: on('gloo', {}, (it) => (it.spec.service.gatewayRefs = [{ name: 'gw' }])),
  },
  {
    ...row('001', 'no mesh to start from', ['deny', 'spec.service.meshName', 'provider appmesh needs it']),
    bad: on('appmesh', {}, (it) => (it.spec.service.meshName = '')),
    good: on('appmesh', {}, (it) => (it.spec.service.meshName = 'global')),
  },
  {
    ...row('002', 'an A/B test where nothing is told apart', ['deny', `${A}.match`, 'by no rule at all']),
    bad: testing('traefik', { match: [header('exact')] }),
    good: testing('istio', { match: [header('exact')] }),
  },
  {
    ...row('002', 'an A/B test by forms that are not known', ['deny', `${A}.match`, 'by header-exact alone']),
    bad: testing('istio', { match: [header('prefix')] }),
    good: testing('istio', { match: [header('prefix'), header('exact')] }),
  },
  {
    ...row('002', 'weights for some requests of all', ['deny', `${A}.match`, 'cannot single out requests']),
    bad: on('traefik', { match: [header('exact')] }),
    good: on('istio', { match: [header('exact')] }),
  },
  {
    ...row('003', 'an entry that gets lost', ['deny', `${A}.match[1]`, 'it knows header-exact']),
    bad: testing('istio', { match: [header('exact'), header('regex')] }),
    good: testing('istio', { match: [header('exact'), header('exact', 'y')] }),
  },
  {
    ...row('003', 'more entries than there is room for', ['deny', `${A}.match`, 'more than one entry']),
    bad: testing('skipper', { match: [header('exact'), header('exact')] }),
    good: testing('skipper', { match: [header('exact')] }),
  },
  {
    ...row('003', 'two headers where there is room for one', ['deny', `${A}.match`, 'one header and one cookie']),
    bad: testing('apisix', { match: [header('exact'), header('exact', 'y')] }),
    good: testing('apisix', { match: [header('exact'), header('exact', 'Cookie')] }),
  },
  {
    ...row('004', 'an entry without a condition', ['deny', `${A}.match[1]`, 'holds no condition']),
    bad: testing('istio', { match: [header('exact'), { headers: {} }] }),
    good: testing('istio', { match: [{ sourceLabels: { app: 'a' } }] }),
  },
  {
    ...row('005', 'shares of traffic on plain Kubernetes', ['deny', `${A}.stepWeight`, 'cannot split traffic']),
    bad: on('kubernetes'),
    good: on('istio'),
  },
  {
    ...row('005', 'an A/B test on plain Kubernetes', ['deny', `${A}.match`, 'cannot split traffic']),
    bad: testing('kubernetes', { match: [header('exact')] }),
    good: testing('kubernetes', { match: [], mirror: false }),
  },
  {
    ...row('006', 'copies that nobody makes', ['deny', `${A}.mirror`, 'provider nginx cannot copy requests']),
    bad: on('nginx', { mirror: true }),
    good: on('traefik', { mirror: true }),
  },
  {
    ...row('007', 'a share of copies that nobody reads', ['warn', `${A}.mirrorWeight`, 'all requests are copied']),
    bad: on('traefik', { mirror: true, mirrorWeight: 50 }),
    good: on('istio', { mirror: true, mirrorWeight: 50 }),
  },
  {
    ...row('008', 'users that nobody can pin', ['deny', `${A}.sessionAffinity`, 'no effect with nginx']),
    bad: on('nginx', { sessionAffinity: { cookieName: 'pin' } }),
    good: on('traefik', { sessionAffinity: { cookieName: 'pin' } }),
  },
  {
    ...row('009', 'a cookie that is never set', [
      'warn',
      `${A}.sessionAffinity.primaryCookieName`,
      '"stay" is never set',
    ]),
    bad: on('traefik', { sessionAffinity: { cookieName: 'pin', primaryCookieName: 'stay' } }),
    good: on('istio', { sessionAffinity: { cookieName: 'pin', primaryCookieName: 'stay' } }),
  },
  {
    ...row('010', 'cookies in an A/B test', ['warn', `${A}.sessionAffinity`, 'no effect in an A/B test']),
    bad: testing('istio', { match: [header('exact')], sessionAffinity: { cookieName: 'pin' } }),
    good: testing('istio', { sessionAffinity: { cookieName: 'pin' } }),
  },
  {
    ...row('011', 'a target that is not divided', ['deny', 'spec.provider', 'cannot route to a target of kind']),
    bad: on('istio', {}, (it) => (it.spec.targetRef = knative)),
    good: on('knative', {}, (it) => (it.spec.targetRef = knative)),
  },
  {
    ...row('011', 'a target that cannot be divided', ['deny', 'spec.provider', '"apps/v1 Deployment"']),
    bad: on('knative'),
    good: on('istio'),
  },
  {
    ...row('011', 'a scaler for what scales by itself', ['deny', 'spec.autoscalerRef', 'scales by itself']),
    bad: on('knative', {}, (it) => {
      it.spec.targetRef = knative;
      it.spec.autoscalerRef = { kind: 'HorizontalPodAutoscaler', name: 'podinfo' };
    }),
    good: on('knative', {}, (it) => (it.spec.targetRef = knative)),
  },
  {
    ...row('012', 'a project that has ended', ['warn', 'spec.provider', 'no longer maintained upstream']),
    bad: on('appmesh'),
    good: on('istio'),
  },
  {
    ...row('017', 'an Ingress that nobody starts from', ['warn', 'spec.ingressRef', 'ignored by provider istio']),
    bad: on('istio', {}, (it) => (it.spec.ingressRef = ingressRef)),
    good: on('skipper', {}, (it) => (it.spec.ingressRef = ingressRef)),
  },
  {
    ...row('018', 'a preview where there are only weights', ['deny', `${A}.preview`, 'it has only weights']),
    bad: on('istio', { preview: { match: [header('exact')] } }),
    good: on('contour', { preview: { match: [header('exact')] } }),
  },
  {
    ...row('018', 'a preview in a blue/green rollout', ['deny', `${A}.preview`, 'stands beside step weights alone']),
    bad: testing('contour', { preview: { match: [header('exact')] } }),
    good: on('contour', {}),
  },
  {
    ...row('018', 'a preview that cannot be said in full', ['deny', `${A}.preview.match[0]`, 'it knows header-exact']),
    bad: on('contour', { preview: { match: [header('suffix')] } }),
    good: on('contour', { preview: { match: [header('exact')] } }),
  },
  {
    ...row('019', 'a timeout that nobody keeps', ['warn', 'spec.service.timeout', 'ignored by provider nginx']),
    bad: on('nginx', {}, (it) => (it.spec.service.timeout = '5s')),
    good: on('contour', {}, (it) => (it.spec.service.timeout = '5s')),
  },
  {
    ...row('019', 'retries that nobody makes', ['warn', 'spec.service.retries', 'ignored by provider gatewayapi:v1']),
    bad: on('gatewayapi:v1', {}, (it) => (it.spec.service.retries = { attempts: 3 })),
    good: on('gatewayapi:v1', {}, (it) => (it.spec.service.retries = {})),
  },
];
