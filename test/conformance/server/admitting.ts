import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestCertificate, type TestCertificate } from '../../../shared/sim/tls.ts';
import { until } from '../../make/until.ts';
import type { Answer } from './client.ts';
import type { Bench } from './fixture.ts';
import { MERGE, refusal } from './fixture.ts';

// oxlint-disable-next-line typescript/no-explicit-any
type Request = any;
type Reply = (request: Request) => object | string | number;

interface Seen {
  readonly answer: Answer;
  readonly seen: Request[];
}

interface Hook {
  readonly certificate: TestCertificate;
  readonly port: number;
  readonly seen: Request[];
  reply: Reply;
  close(): void;
}

const allow: Reply = () => ({ allowed: true });

/** A webhook that answers as a test says: a response, a body as it is, or an HTTP status. */
const startHook = async (): Promise<Hook> => {
  const certificate = await createTestCertificate();
  const seen: Request[] = [];
  const hook: { reply: Reply } = { reply: allow };
  const server: Server = createServer({ key: certificate.key, cert: certificate.cert }, (message, response) => {
    let text = '';
    message.on('data', (part: Buffer) => (text += part.toString('utf8')));
    message.on('end', () => {
      const { request } = JSON.parse(text) as { request: Request };
      seen.push(request);
      const reply = hook.reply(request);
      if (typeof reply === 'number') response.writeHead(reply).end('boom');
      else if (typeof reply === 'string') response.end(reply);
      else {
        response.setHeader('content-type', 'application/json');
        const body = {
          apiVersion: 'admission.k8s.io/v1',
          kind: 'AdmissionReview',
          response: { uid: request.uid, ...reply },
        };
        response.end(JSON.stringify(body));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(hook, {
    certificate,
    seen,
    port: (server.address() as AddressInfo).port,
    close() {
      server.closeAllConnections();
      server.close();
    },
  });
};

const HOOKS = '/apis/admissionregistration.k8s.io/v1';
const patchOf = (...operations: object[]): object => ({
  allowed: true,
  patchType: 'JSONPatch',
  patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
});

const FAILURES: readonly [what: string, reply: Reply, message: RegExp][] = [
  [
    'a wrong uid',
    () => ({ uid: 'nope', allowed: true }),
    /^Internal error occurred: failed calling webhook "hook\.example\.org": received invalid webhook response: expected response\.uid="[-0-9a-f]+", got "nope"$/,
  ],
  ['an empty answer', () => '{}', /received invalid webhook response: webhook response was absent$/],
  [
    'an HTTP error',
    () => 500,
    /failed to call webhook: an error on the server \("boom"\) has prevented the request from succeeding$/,
  ],
];

/** Admission webhooks as the server calls them, and what clients see of their answers. */
export const admittingTests = (bench: () => Bench): void => {
  let hook: Hook;
  beforeAll(async () => {
    hook = await startHook();
  });
  afterAll(() => hook.close());

  const maps = (name?: string): string => bench().at('v1', 'configmaps', name);
  const newName = (): string => `map-${randomBytes(4).toString('hex')}`;
  const create = (name: string, metadata: object = {}, query = ''): Promise<Answer> =>
    bench().client.ask('POST', `${maps()}${query}`, { body: { metadata: { name, ...metadata }, data: { a: 'b' } } });

  const configuration = (sort: string, name: string, more: object): object => ({
    metadata: { name },
    webhooks: [
      {
        name: 'hook.example.org',
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        timeoutSeconds: 30,
        clientConfig: {
          url: `https://127.0.0.1:${hook.port}/${sort}`,
          caBundle: Buffer.from(hook.certificate.authority).toString('base64'),
        },
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': bench().namespace } },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['*'] }],
        ...more,
      },
    ],
  });

  /** A real server takes a moment to notice a configuration: waits until dry runs reach the hook, or no longer do. */
  const settle = async (isCalled: boolean): Promise<void> => {
    hook.reply = allow;
    const isNoticed = async (): Promise<boolean> => {
      hook.seen.length = 0;
      await create('probe', { labels: { probe: 'yes' } }, '?dryRun=All');
      return hook.seen.length > 0 === isCalled;
    };
    await until(isNoticed, 'the server to notice the configuration', 60_000);
  };

  /** Runs `act` while a hook with these settings is registered; answers what it answered and what the hook saw. */
  const during = async (
    sort: 'Validating' | 'Mutating',
    reply: Reply,
    act: () => Promise<Answer>,
    more: object = {},
  ): Promise<Seen> => {
    const path = `${HOOKS}/${sort.toLowerCase()}webhookconfigurations`;
    const name = `suite-${randomBytes(4).toString('hex')}`;
    const made = await bench().client.ask('POST', path, { body: configuration(sort, name, more) });
    expect(made.status).toBe(201);
    try {
      await settle(true);
      hook.seen.length = 0;
      hook.reply = reply;
      const answer = await act();
      return { answer, seen: [...hook.seen] };
    } finally {
      await bench().client.ask('DELETE', `${path}/${name}`);
      await settle(false);
    }
  };

  const denied = 'admission webhook "hook.example.org" denied the request';

  describe('admission', () => {
    it.each([
      ['nothing', {}, { status: 400, reason: undefined, message: `${denied} without explanation` }],
      ['a message', { status: { message: 'no' } }, { status: 400, reason: undefined, message: `${denied}: no` }],
      [
        '403',
        { status: { message: 'no', code: 403, reason: 'Forbidden' } },
        { status: 403, reason: 'Forbidden', message: `${denied}: no` },
      ],
      [
        '422',
        { status: { message: 'no', code: 422, reason: 'Invalid' } },
        { status: 422, reason: 'Invalid', message: `${denied}: no` },
      ],
    ])('passes a refusal with %s on', async (_what, response, expected) => {
      const { answer } = await during(
        'Validating',
        () => ({ allowed: false, ...response }),
        () => create(newName()),
      );
      expect(refusal(answer)).toEqual(expected);
    });

    it('passes causes on', async () => {
      const causes = [{ reason: 'FieldValueInvalid', message: 'bad', field: 'spec.a' }];
      const details = { group: 'g', kind: 'K', name: 'n', causes };
      const response = { allowed: false, status: { code: 422, reason: 'Invalid', message: 'm', details } };
      const { answer } = await during(
        'Validating',
        () => response,
        () => create(newName()),
      );
      expect(answer.body.details).toEqual(details);
    });

    it('passes warnings on, once each, without control characters', async () => {
      const { answer } = await during(
        'Validating',
        () => ({ allowed: true, warnings: ['one', 'one', 'bad\nline', 'a "b"'] }),
        () => create(newName()),
      );
      expect(answer.status).toBe(201);
      expect(answer.headers['warning']).toBe('299 - "one", 299 - "a \\"b\\""');
    });

    it('sends the whole request', async () => {
      const name = newName();
      const { seen } = await during('Validating', allow, () => create(name, {}, '?fieldManager=hand'));
      const kind = { group: '', version: 'v1', kind: 'ConfigMap' };
      const resource = { group: '', version: 'v1', resource: 'configmaps' };
      expect(seen).toHaveLength(1);
      expect(seen[0]).toMatchObject({
        kind,
        resource,
        requestKind: kind,
        requestResource: resource,
        name,
        namespace: bench().namespace,
        operation: 'CREATE',
        oldObject: null,
        dryRun: false,
        options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1', fieldManager: 'hand' },
      });
      expect(seen[0].object).toMatchObject({
        kind: 'ConfigMap',
        apiVersion: 'v1',
        data: { a: 'b' },
        metadata: { name, uid: expect.any(String) },
      });
      expect(seen[0].userInfo.groups).toContain('system:authenticated');
    });

    it('sends old and new state of a patch, and the old one of a deletion', async () => {
      const name = newName();
      await create(name);
      const patched = await during('Validating', allow, () =>
        bench().client.ask('PATCH', maps(name), { body: { data: { a: 'c' } }, type: MERGE }),
      );
      expect(patched.seen[0]).toMatchObject({
        operation: 'UPDATE',
        object: { data: { a: 'c' } },
        oldObject: { data: { a: 'b' } },
      });
      const removed = await during('Validating', allow, () => bench().client.ask('DELETE', maps(name)));
      expect(removed.seen[0]).toMatchObject({
        operation: 'DELETE',
        object: null,
        oldObject: { data: { a: 'c' } },
        name,
      });
    });

    it('applies the patch of a mutating hook', async () => {
      const { answer } = await during(
        'Mutating',
        () => patchOf({ op: 'add', path: '/data/z', value: 'y' }),
        () => create(newName()),
      );
      expect([answer.status, answer.body.data]).toEqual([201, { a: 'b', z: 'y' }]);
    });

    it('fails on a patch below something missing', async () => {
      const { answer } = await during(
        'Mutating',
        () => patchOf({ op: 'add', path: '/metadata/annotations/z', value: 'y' }),
        () => create(newName()),
      );
      expect(refusal(answer)).toEqual({
        status: 500,
        reason: 'InternalError',
        message:
          'Internal error occurred: add operation does not apply: doc is missing path: "/metadata/annotations/z": missing value',
      });
    });

    it.each(FAILURES)('takes %s for a failure', async (_what, reply, message) => {
      const { answer } = await during('Validating', reply, () => create(newName()));
      expect([answer.status, answer.body.message]).toEqual([500, expect.stringMatching(message)]);
    });

    it('lets failures pass when the policy says ignore', async () => {
      const { answer } = await during(
        'Validating',
        () => 500,
        () => create(newName()),
        { failurePolicy: 'Ignore' },
      );
      expect(answer.status).toBe(201);
    });

    it('calls only for matching objects', async () => {
      const more = { objectSelector: { matchLabels: { probe: 'yes' } } };
      const { answer, seen } = await during(
        'Validating',
        () => ({ allowed: false }),
        () => create(newName()),
        more,
      );
      expect([answer.status, seen.length]).toEqual([201, 0]);
    });

    it('calls only when the conditions hold', async () => {
      const name = newName();
      await create(name);
      const matchConditions = [
        { name: 'changes', expression: "request.operation != 'UPDATE' || object.data != oldObject.data" },
        { name: 'stays', expression: "request.operation == 'DELETE' || !has(object.metadata.deletionTimestamp)" },
      ];
      const label = (): Promise<Answer> =>
        bench().client.ask('PATCH', maps(name), { body: { metadata: { labels: { a: 'b' } } }, type: MERGE });
      const labelled: Seen = await during('Validating', () => ({ allowed: false }), label, { matchConditions });
      expect([labelled.answer.status, labelled.seen.length]).toEqual([200, 0]);
      const change = (): Promise<Answer> =>
        bench().client.ask('PATCH', maps(name), { body: { data: { a: 'z' } }, type: MERGE });
      const changed: Seen = await during('Validating', () => ({ allowed: false }), change, { matchConditions });
      expect([changed.answer.status, changed.seen.length]).toEqual([400, 1]);
    });

    it('tells a dry run from a write', async () => {
      const { seen } = await during('Validating', allow, () => create(newName(), {}, '?dryRun=All'));
      expect(seen[0].dryRun).toBe(true);
    });
  });
};
