import { describe, expect, it } from 'vitest';
import type { Bench } from './fixture.ts';
import { deployment, MERGE, shapeOf } from './fixture.ts';

const CONTAINER = {
  image: 'example.org/app:1',
  imagePullPolicy: 'IfNotPresent',
  name: 'main',
  ports: [{ containerPort: 80, protocol: 'TCP' }],
  resources: {},
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
};

const POD = {
  dnsPolicy: 'ClusterFirst',
  restartPolicy: 'Always',
  schedulerName: 'default-scheduler',
  securityContext: {},
  terminationGracePeriodSeconds: 30,
};

/** What the server adds to an object that says little; the states that a rollout compares are made of this. */
export const defaultsTests = (bench: () => Bench): void => {
  const create = (apiVersion: string, plural: string, body: unknown) =>
    bench().client.ask('POST', bench().at(apiVersion, plural), { body });

  describe('filling in', () => {
    it('completes a Deployment', async () => {
      const answer = await create('apps/v1', 'deployments', deployment('plain'));
      expect(shapeOf(answer)).toEqual({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'plain' },
        spec: {
          progressDeadlineSeconds: 600,
          replicas: 1,
          revisionHistoryLimit: 10,
          selector: { matchLabels: { app: 'plain' } },
          strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
          template: { metadata: { labels: { app: 'plain' } }, spec: { ...POD, containers: [CONTAINER] } },
        },
        status: {},
      });
    });

    it('keeps replicas of zero and drops what is empty', async () => {
      const more = { replicas: 0, minReadySeconds: 0, paused: false };
      const { body } = await create('apps/v1', 'deployments', deployment('zero', more));
      expect(body.spec.replicas).toBe(0);
      expect(body.spec).not.toHaveProperty('minReadySeconds');
      expect(body.spec).not.toHaveProperty('paused');
    });

    it('completes probes, volumes and variables of a pod template', async () => {
      const container = {
        image: 'example.org/app',
        readinessProbe: { httpGet: { port: 80 } },
        env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
        resources: { limits: { cpu: '1' } },
      };
      const object = deployment('rich', {}, container) as { spec: { template: { spec: Record<string, unknown> } } };
      object.spec.template.spec['volumes'] = [
        { name: 'c', configMap: { name: 'x' } },
        { name: 'e' },
        { name: 'p', projected: { sources: [{ secret: { name: 'q' } }] } },
      ];
      const { body } = await create('apps/v1', 'deployments', object);
      const { containers, volumes } = body.spec.template.spec;
      expect(containers[0]).toMatchObject({
        imagePullPolicy: 'Always',
        readinessProbe: {
          httpGet: { path: '/', port: 80, scheme: 'HTTP' },
          failureThreshold: 3,
          periodSeconds: 10,
          successThreshold: 1,
          timeoutSeconds: 1,
        },
        env: [{ name: 'A', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } }],
      });
      expect(containers[0].resources).toEqual({ limits: { cpu: '1' } });
      expect(volumes).toEqual([
        { name: 'c', configMap: { name: 'x', defaultMode: 420 } },
        { name: 'e', emptyDir: {} },
        { name: 'p', projected: { sources: [{ secret: { name: 'q' } }], defaultMode: 420 } },
      ]);
    });

    it('completes a DaemonSet', async () => {
      const { selector, template } = (deployment('everywhere') as { spec: { selector: object; template: object } })
        .spec;
      const { body } = await create('apps/v1', 'daemonsets', {
        metadata: { name: 'everywhere' },
        spec: { selector, template },
      });
      expect(body.metadata.annotations).toEqual({ 'deprecated.daemonset.template.generation': '1' });
      expect(body.spec.updateStrategy).toEqual({
        type: 'RollingUpdate',
        rollingUpdate: { maxSurge: 0, maxUnavailable: 1 },
      });
      expect(body.spec.revisionHistoryLimit).toBe(10);
      expect(body.status).toEqual({
        currentNumberScheduled: 0,
        desiredNumberScheduled: 0,
        numberMisscheduled: 0,
        numberReady: 0,
      });
    });

    it('gives a Service an address and keeps it', async () => {
      const { body } = await create('v1', 'services', {
        metadata: { name: 'web' },
        spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
      });
      const { clusterIP, clusterIPs, ...spec } = body.spec;
      expect(clusterIP).toMatch(/^10\.\d+\.\d+\.\d+$/);
      expect(clusterIPs).toEqual([clusterIP]);
      expect(spec).toEqual({
        internalTrafficPolicy: 'Cluster',
        ipFamilies: ['IPv4'],
        ipFamilyPolicy: 'SingleStack',
        ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
        selector: { app: 'web' },
        sessionAffinity: 'None',
        type: 'ClusterIP',
      });
      expect(body.status).toEqual({ loadBalancer: {} });
      const replaced = await bench().client.ask('PUT', bench().at('v1', 'services', 'web'), {
        body: { metadata: { name: 'web' }, spec: { selector: { app: 'new' }, ports: [{ port: 81 }] } },
      });
      expect(replaced.body.spec).toMatchObject({
        clusterIP,
        selector: { app: 'new' },
        ports: [{ port: 81, targetPort: 81 }],
      });
    });

    it('gives no address to headless and external Services', async () => {
      const headless = await create('v1', 'services', {
        metadata: { name: 'headless' },
        spec: { clusterIP: 'None', ports: [{ port: 80 }] },
      });
      expect(headless.body.spec).toMatchObject({ clusterIP: 'None', clusterIPs: ['None'] });
      const external = await create('v1', 'services', {
        metadata: { name: 'external' },
        spec: { type: 'ExternalName', externalName: 'example.org' },
      });
      expect(external.body.spec).toEqual({
        type: 'ExternalName',
        externalName: 'example.org',
        sessionAffinity: 'None',
      });
    });

    it('gives ports of a NodePort Service a number on the nodes', async () => {
      const { body } = await create('v1', 'services', {
        metadata: { name: 'nodes' },
        spec: { type: 'NodePort', ports: [{ port: 80 }] },
      });
      expect(body.spec.ports[0].nodePort).toBeGreaterThanOrEqual(30_000);
      expect(body.spec.externalTrafficPolicy).toBe('Cluster');
    });

    it('completes an autoscaler, with its behaviour only where that is given', async () => {
      const spec = { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' }, maxReplicas: 3 };
      const plain = await create('autoscaling/v2', 'horizontalpodautoscalers', { metadata: { name: 'plain' }, spec });
      expect(plain.body.spec).toEqual({
        ...spec,
        minReplicas: 1,
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
        ],
      });
      const behavior = { scaleDown: { stabilizationWindowSeconds: 60 } };
      const tuned = await create('autoscaling/v2', 'horizontalpodautoscalers', {
        metadata: { name: 'tuned' },
        spec: { ...spec, behavior },
      });
      expect(tuned.body.spec.behavior).toEqual({
        scaleDown: {
          stabilizationWindowSeconds: 60,
          selectPolicy: 'Max',
          policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
        },
        scaleUp: {
          stabilizationWindowSeconds: 0,
          selectPolicy: 'Max',
          policies: [
            { type: 'Pods', value: 4, periodSeconds: 15 },
            { type: 'Percent', value: 100, periodSeconds: 15 },
          ],
        },
      });
    });

    it('leaves an Ingress as it is', async () => {
      const rules = [
        {
          host: 'a.example.org',
          http: {
            paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'a', port: { number: 80 } } } }],
          },
        },
      ];
      const { body } = await create('networking.k8s.io/v1', 'ingresses', {
        metadata: { name: 'way' },
        spec: { rules },
      });
      expect([body.spec, body.status]).toEqual([{ rules }, { loadBalancer: {} }]);
    });

    it('turns the plain text of a Secret into data', async () => {
      const { body } = await create('v1', 'secrets', { metadata: { name: 'key' }, stringData: { a: 'b' } });
      expect([body.type, body.data, body.stringData]).toEqual(['Opaque', { a: 'Yg==' }, undefined]);
    });

    it('drops empty labels and annotations', async () => {
      const { body } = await create('v1', 'configmaps', { metadata: { name: 'bare', labels: {}, annotations: {} } });
      expect(body.metadata).not.toHaveProperty('labels');
      expect(body.metadata).not.toHaveProperty('annotations');
    });

    it('keeps an immutable ConfigMap as it is', async () => {
      await create('v1', 'configmaps', { metadata: { name: 'frozen' }, data: { a: 'b' }, immutable: true });
      const { status, body } = await bench().client.ask('PATCH', bench().at('v1', 'configmaps', 'frozen'), {
        body: { data: { a: 'c' } },
        type: MERGE,
      });
      expect([status, body.message]).toEqual([
        422,
        'ConfigMap "frozen" is invalid: data: Forbidden: field is immutable when `immutable` is set',
      ]);
    });

    it('writes the times of an event as null where there are none', async () => {
      const event = {
        metadata: { name: 'said' },
        involvedObject: { kind: 'Pod', name: 'a', namespace: bench().namespace },
        reason: 'Told',
        message: 'm',
        type: 'Normal',
      };
      const { body } = await create('v1', 'events', event);
      expect(body).toMatchObject({
        eventTime: null,
        firstTimestamp: null,
        lastTimestamp: null,
        source: {},
        reportingComponent: '',
      });
    });
  });
};
