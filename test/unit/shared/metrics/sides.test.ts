import { describe, expect, it } from 'vitest';
import { aboutPrimary, primaryNames } from '../../../../shared/metrics/sides.ts';
import { inWords, renderTemplate, type TemplateData } from '../../../../shared/metrics/template.ts';
import { PROVIDER_NAMES, routerOf } from '../../../../shared/routing/index.ts';
import type { Observer } from '../../../../shared/routing/observer.ts';
import type { Router } from '../../../../shared/routing/router.ts';

/** Every name is another, so that none can stand for another. */
const DATA: TemplateData = {
  name: 'the-name',
  namespace: 'the-ns',
  target: 'the-target',
  service: 'the-service',
  ingress: 'the-ingress',
  route: 'the-route',
  interval: '1m',
  variables: {},
};

const about = (template: string, data = DATA, sides?: readonly [string, string]): string => {
  const names = primaryNames(data, undefined);
  return aboutPrimary(renderTemplate(template, names), names, sides);
};

describe('a query about the primary', () => {
  it.each([
    ['app="{{ target }}"', 'app="the-target-primary"'],
    ['pod=~"{{ target }}-[0-9a-z]+"', 'pod=~"the-target-primary-[0-9a-z]+"'],
    ['svc="{{ service }}-canary"', 'svc="the-service-primary"'],
    ['svc="{{ service }}_canary"', 'svc="the-service-primary"'],
    ['svc="{{ service }}-primary"', 'svc="the-service-primary"'],
    ['svc="{{service}}-canaryupstream-1"', 'svc="the-service-primaryupstream-1"'],
    ['up{ns="{{ namespace }}", i="{{ ingress }}"}', 'up{ns="the-ns", i="the-ingress"}'],
    ['app="a-canary"', 'app="a-canary"'],
  ])('%s becomes %s', (template, query) => {
    expect(about(template)).toBe(query);
  });

  it('is not mixed up where target and Service have one name', () => {
    const data = { ...DATA, service: 'the-target' };
    expect(about('a="{{ target }}", b="{{ service }}-canary"', data)).toBe(
      'a="the-target-primary", b="the-target-primary"',
    );
  });

  it('may differ in what labels say of either side', () => {
    expect(about('i="{{ ingress }}", canary!=""', DATA, ['canary!=""', 'canary=""'])).toBe(
      'i="the-ingress", canary=""',
    );
  });
});

describe('the built-in queries', () => {
  const observerOf = (provider: string): Observer => (routerOf(provider) as Router).observer('-[0-9a-zA-Z]+');

  const rendered = (provider: string, side: 'canary' | 'primary'): string[] => {
    const observer = observerOf(provider);
    const worded = (data: TemplateData): TemplateData => (observer.wordsOnly === true ? inWords(data) : data);
    const queries = [observer.successRate, observer.duration, observer.requests];
    if (side === 'canary') return queries.map((query) => renderTemplate(query, worded(DATA)));
    const names = worded(primaryNames(DATA, 'primary-route'));
    return queries.map((query) => aboutPrimary(renderTemplate(query, names), names, observer.sides));
  };

  it.each(PROVIDER_NAMES.filter((provider) => observerOf(provider).isOneSided !== true))(
    'of %s ask primary and canary apart',
    (provider) => {
      const [canary, primary] = [rendered(provider, 'canary'), rendered(provider, 'primary')];
      for (const [at, query] of primary.entries()) {
        expect(query).not.toBe(canary[at]);
        expect(query).not.toMatch(/primary[-_](canary|primary)/);
        // Canary names are only those of objects that both sides share.
        expect(query.replaceAll('the_ingress_canary', '')).not.toMatch(/canary(?!="")/);
      }
    },
  );

  it('of APISIX say that they can not', () => {
    expect(observerOf('apisix').isOneSided).toBe(true);
  });

  it.each<[string, string]>([
    ['istio', 'destination_workload=~"the-target-primary"'],
    ['traefik', 'service=~"the-ns-the-service-primary-[0-9a-zA-Z-]+@kubernetescrd"'],
    ['nginx', 'ingress="the-ingress", canary=""'],
    ['skipper', 'route=~"kube(ew)?_the_ns__the_ingress_canary__.*__the_service_primary(_[0-9]+)?"'],
    ['gloo', 'envoy_cluster_name=~"the-ns-the-service-primaryupstream-'],
    ['kubernetes', 'kubernetes_pod_name=~"the-target-primary-[0-9a-zA-Z]+"'],
    ['knative', 'envoy_cluster_name=~"the-ns/primary-route"'],
  ])('of %s name the primary', (provider, part) => {
    for (const query of rendered(provider, 'primary')) expect(query).toContain(part);
  });

  it.each(PROVIDER_NAMES)('of %s count requests by the series of its success rate', (provider) => {
    const [rate = '', , requests = ''] = rendered(provider, 'canary');
    const series = /rate\( ?([a-z_]+)/.exec(rate)?.[1];
    expect(requests).toContain(`${series}{`);
    expect(requests).toMatch(/^ sum\( ?increase\(.*\[1m\] ?\) ?\)$/);
  });
});
