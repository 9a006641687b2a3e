import { describe, expect, it } from 'vitest';
import type { Bench } from './fixture.ts';
import { deployment, invalid, JSON_PATCH, MERGE, refusal, STRATEGIC } from './fixture.ts';

interface Case {
  readonly when: string;
  readonly ask: (bench: Bench) => readonly [method: string, path: string, body?: unknown, type?: string];
  readonly answer: { status: number; reason: unknown; message: unknown };
}

const apps = (bench: Bench, name?: string): string => bench.at('apps/v1', 'deployments', name);
const core = (bench: Bench, plural: string, name?: string): string => bench.at('v1', plural, name);
const service = (spec: object, name = 'svc'): object => ({ metadata: { name }, spec });
const bad = (message: string): Case['answer'] => ({ status: 400, reason: 'BadRequest', message });
const OUT_OF_RANGE = 'Invalid value: 0: must be between 1 and 65535, inclusive';

const CASES: readonly Case[] = [
  {
    when: 'the object does not exist',
    ask: (bench) => ['GET', apps(bench, 'nobody')],
    answer: { status: 404, reason: 'NotFound', message: 'deployments.apps "nobody" not found' },
  },
  {
    when: 'a core object does not exist',
    ask: (bench) => ['GET', core(bench, 'services', 'nobody')],
    answer: { status: 404, reason: 'NotFound', message: 'services "nobody" not found' },
  },
  {
    when: 'the namespace does not exist',
    ask: () => ['POST', '/api/v1/namespaces/suite-missing/configmaps', { metadata: { name: 'a' } }],
    answer: { status: 404, reason: 'NotFound', message: 'namespaces "suite-missing" not found' },
  },
  {
    when: 'no name is given',
    ask: (bench) => ['POST', core(bench, 'configmaps'), { metadata: {} }],
    answer: invalid('ConfigMap ""', 'metadata.name: Required value: name or generateName is required'),
  },
  {
    when: 'the body names another namespace',
    ask: (bench) => ['POST', core(bench, 'configmaps'), { metadata: { name: 'a', namespace: 'other' } }],
    answer: bad('the namespace of the provided object does not match the namespace sent on the request'),
  },
  {
    when: 'the body names another object than the path',
    ask: (bench) => ['PUT', apps(bench, 'kept'), deployment('other')],
    answer: bad('the name of the object (other) does not match the name on the URL (kept)'),
  },
  {
    when: 'a new object carries a version',
    ask: (bench) => ['POST', core(bench, 'configmaps'), { metadata: { name: 'a', resourceVersion: '5' } }],
    answer: { status: 500, reason: undefined, message: 'resourceVersion should not be set on objects to be created' },
  },
  {
    when: 'a field that cannot be selected by is selected by',
    ask: (bench) => ['GET', `${core(bench, 'events')}?fieldSelector=spec.a%3Db`],
    answer: bad('field label not supported: spec.a'),
  },
  {
    when: 'replicas are negative',
    ask: (bench) => ['POST', apps(bench), deployment('a', { replicas: -1 })],
    answer: invalid('Deployment.apps "a"', 'spec.replicas: Invalid value: -1: must be greater than or equal to 0'),
  },
  {
    when: 'a Deployment has no selector, labels or containers',
    ask: (bench) => ['POST', apps(bench), { metadata: { name: 'a' }, spec: {} }],
    answer: invalid(
      'Deployment.apps "a"',
      'spec.selector: Required value',
      'spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`',
      'spec.template.spec.containers: Required value',
    ),
  },
  {
    when: 'the selector does not match the template',
    ask: (bench) => ['POST', apps(bench), deployment('a', { selector: { matchLabels: { app: 'z' } } })],
    answer: invalid(
      'Deployment.apps "a"',
      'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`',
    ),
  },
  {
    when: 'an element of a strategic patch lacks its key',
    ask: (bench) => [
      'PATCH',
      apps(bench, 'kept'),
      { spec: { template: { spec: { containers: [{ image: 'x:2' }] } } } },
      STRATEGIC,
    ],
    answer: {
      status: 500,
      reason: undefined,
      message: 'map: map[image:x:2] does not contain declared merge key: name',
    },
  },
  {
    when: 'a JSON patch removes what is not there',
    ask: (bench) => ['PATCH', apps(bench, 'kept'), [{ op: 'remove', path: '/spec/none' }], JSON_PATCH],
    answer: {
      status: 422,
      reason: 'Invalid',
      message: 'the server rejected our request due to an error in our request',
    },
  },
  {
    when: 'a Service has no ports',
    ask: (bench) => ['POST', core(bench, 'services'), service({ selector: { a: 'b' } })],
    answer: invalid('Service "svc"', 'spec.ports: Required value'),
  },
  {
    when: 'several ports of a Service have no name',
    ask: (bench) => ['POST', core(bench, 'services'), service({ ports: [{ port: 80 }, { port: 81 }] })],
    answer: invalid('Service "svc"', 'spec.ports[0].name: Required value', 'spec.ports[1].name: Required value'),
  },
  {
    when: 'a Service port is out of range',
    ask: (bench) => ['POST', core(bench, 'services'), service({ ports: [{ port: 0 }] })],
    answer: invalid(
      'Service "svc"',
      `spec.ports[0].port: ${OUT_OF_RANGE}`,
      `spec.ports[0].targetPort: ${OUT_OF_RANGE}`,
    ),
  },
  {
    when: 'two ports of a Service are the same',
    ask: (bench) => [
      'POST',
      core(bench, 'services'),
      service({
        ports: [
          { name: 'a', port: 80 },
          { name: 'b', port: 80 },
        ],
      }),
    ],
    answer: invalid(
      'Service "svc"',
      'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}',
    ),
  },
  {
    when: 'a Service brings clusterIPs without clusterIP',
    ask: (bench) => ['POST', core(bench, 'services'), service({ clusterIPs: ['10.0.0.77'], ports: [{ port: 80 }] })],
    answer: invalid(
      'Service "svc"',
      'spec.clusterIPs: Invalid value: ["10.0.0.77"]: must be empty when `clusterIP` is not specified',
    ),
  },
  {
    when: 'the minimum of an autoscaler is above its maximum',
    ask: (bench) => [
      'POST',
      bench.at('autoscaling/v2', 'horizontalpodautoscalers'),
      {
        metadata: { name: 'a' },
        spec: {
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' },
          minReplicas: 2,
          maxReplicas: 1,
        },
      },
    ],
    answer: invalid(
      'HorizontalPodAutoscaler.autoscaling "a"',
      'spec.maxReplicas: Invalid value: 1: must be greater than or equal to `minReplicas`',
    ),
  },
  {
    when: 'an Ingress has neither rules nor a default',
    ask: (bench) => ['POST', bench.at('networking.k8s.io/v1', 'ingresses'), { metadata: { name: 'a' }, spec: {} }],
    answer: invalid(
      'Ingress.networking.k8s.io "a"',
      'spec: Invalid value: null: either `defaultBackend` or `rules` must be specified',
    ),
  },
  {
    when: 'two owners claim to control an object',
    ask: (bench) => [
      'POST',
      core(bench, 'configmaps'),
      {
        metadata: {
          name: 'a',
          ownerReferences: ['x', 'y'].map((name) => ({
            apiVersion: 'v1',
            kind: 'ConfigMap',
            name,
            uid: name,
            controller: true,
          })),
        },
      },
    ],
    answer: invalid(
      'ConfigMap "a"',
      'metadata.ownerReferences: Invalid value: [{"apiVersion":"v1","kind":"ConfigMap","name":"x","uid":"x","controller":true},{"apiVersion":"v1","kind":"ConfigMap","name":"y","uid":"y","controller":true}]: Only one reference can have Controller set to true. Found "true" in references for ConfigMap/x and ConfigMap/y',
    ),
  },
  {
    when: 'a Lease is replaced without its version',
    ask: (bench) => [
      'PUT',
      bench.at('coordination.k8s.io/v1', 'leases', 'kept'),
      { metadata: { name: 'kept' }, spec: {} },
    ],
    answer: invalid(
      'leases.coordination.k8s.io "kept"',
      'metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    ),
  },
  {
    when: 'an event is about an object of another namespace',
    ask: (bench) => [
      'POST',
      core(bench, 'events'),
      { metadata: { name: 'a' }, involvedObject: { kind: 'Pod', name: 'a', namespace: 'elsewhere' } },
    ],
    answer: invalid(
      'Event "a"',
      'involvedObject.namespace: Invalid value: "elsewhere": does not match event.namespace',
    ),
  },
];

/** What the server does not accept, in its own words: clients show them to people. */
export const refusingTests = (bench: () => Bench): void => {
  describe('refusing', () => {
    it.each(CASES)('says why when $when', async ({ ask, answer }) => {
      const { client } = bench();
      await client.ask('POST', apps(bench()), { body: deployment('kept') });
      await client.ask('POST', bench().at('coordination.k8s.io/v1', 'leases'), {
        body: { metadata: { name: 'kept' }, spec: {} },
      });
      const [method, path, body, type] = ask(bench());
      expect(refusal(await client.ask(method, path, { body, ...(type === undefined ? {} : { type }) }))).toEqual(
        answer,
      );
    });

    it('lets the selector of a Deployment stay as it is', async () => {
      const { client } = bench();
      await client.ask('POST', apps(bench()), { body: deployment('fixed') });
      const labels = { selector: { matchLabels: { app: 'new' } }, template: { metadata: { labels: { app: 'new' } } } };
      const answer = await client.ask('PATCH', apps(bench(), 'fixed'), { body: { spec: labels }, type: MERGE });
      expect(refusal(answer)).toEqual(
        invalid(
          'Deployment.apps "fixed"',
          'spec.selector: Invalid value: {"matchLabels":{"app":"new"}}: field is immutable',
        ),
      );
    });

    it('names the cause of each finding', async () => {
      const { body } = await bench().client.ask('POST', apps(bench()), { body: deployment('a', { replicas: -1 }) });
      expect(body.details).toEqual({
        name: 'a',
        group: 'apps',
        kind: 'Deployment',
        causes: [
          {
            reason: 'FieldValueInvalid',
            message: 'Invalid value: -1: must be greater than or equal to 0',
            field: 'spec.replicas',
          },
        ],
      });
    });

    it('knows no resource that is not served', async () => {
      const answer = await bench().client.ask('GET', '/apis/nobody.example.org/v1/things');
      expect([answer.status, answer.body]).toEqual([404, '404 page not found\n']);
    });

    it('never changes the address of a Service', async () => {
      const { client } = bench();
      await client.ask('POST', core(bench(), 'services'), { body: service({ ports: [{ port: 80 }] }, 'addressed') });
      const moved = await client.ask('PATCH', core(bench(), 'services', 'addressed'), {
        body: { spec: { clusterIP: '10.0.255.9' } },
        type: MERGE,
      });
      expect([moved.status, moved.body.message]).toEqual([422, expect.stringContaining('may not change once set')]);
    });
  });
};
