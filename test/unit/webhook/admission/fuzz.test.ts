import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../../../shared/platform/clock.ts';
import { silentLog } from '../../../../shared/platform/log.ts';
import { capabilitiesOf, PROVIDER_NAMES } from '../../../../shared/routing/index.ts';
import { driverCheck } from '../../../../webhook/admission/driver.ts';
import { createMetrics } from '../../../../webhook/admission/metrics.ts';
import { createMutate } from '../../../../webhook/admission/mutate.ts';
import { type AdmissionServer, createAdmissionServer } from '../../../../webhook/admission/server.ts';
import { createValidate } from '../../../../webhook/admission/validate.ts';
import { aCanary, withAutoscaler } from '../../../make/canary.ts';
import { aScaledObject } from '../../../make/scaled-object.ts';
import { createFakeKube } from '../fake-kube.ts';
import { Agent, call, localCertificates } from '../https.ts';
import { aReview } from '../reviews.ts';

const { ca, leaf } = localCertificates();
const agent = new Agent({ keepAlive: true, maxSockets: 4 });
const metrics = createMetrics();
const seeds = [
  aReview({ object: aCanary(withAutoscaler()) }),
  aReview({ object: aScaledObject(), oldObject: aScaledObject() }),
  aReview({ oldObject: aCanary(), operation: 'DELETE' }),
].map((review) => JSON.stringify(review));

let server: AdmissionServer;
let port: number;

beforeAll(async () => {
  const judge = {
    settings: {
      meshProvider: 'kubernetes',
      selectorLabels: ['app'],
      noCrossNamespaceRefs: false,
      providers: PROVIDER_NAMES,
      capabilitiesOf,
    },
    isDriver: driverCheck([]),
  };
  const lookups = { kube: createFakeKube(), clock: systemClock, metrics, eachMs: 1000, totalMs: 1000 };
  server = createAdmissionServer({
    handlers: { '/validate': createValidate(judge, lookups), '/mutate': createMutate(judge, lookups) },
    fallback: (_request, response) => void response.writeHead(404).end(),
    metrics,
    log: silentLog,
    clock: systemClock,
  });
  port = await server.listen(leaf, 0, '127.0.0.1');
});

afterAll(async () => {
  agent.destroy();
  await server.close(0);
});

/** A few places of a review replaced by other JSON, or by rubbish. */
const bent = fc
  .record({
    seed: fc.constantFrom(...seeds),
    edits: fc.array(
      fc.record({
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        length: fc.nat(12),
        by: fc.oneof(
          fc.constantFrom('null', '{}', '[]', '0', '""', '"__proto__"', '-1e309', '}', '{"a":', '\u0000'),
          fc.string({ maxLength: 6 }),
        ),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  })
  .map(({ seed, edits }) =>
    edits.reduce((text, { at, length, by }) => {
      const from = Math.floor(at * text.length);
      return text.slice(0, from) + by + text.slice(from + length);
    }, seed),
  );

/** Values of a review replaced by values of another type, so that it stays JSON. */
const retyped = fc
  .tuple(fc.constantFrom(...seeds), fc.nat(200), fc.jsonValue({ maxDepth: 2 }))
  .map(([seed, index, by]) => {
    let count = 0;
    return JSON.stringify(JSON.parse(seed), (_key, value: unknown) => (count++ === index % 60 ? by : value));
  });

test('law: whatever comes, the answer is a review or an empty refusal, and nothing of ours breaks', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(bent, retyped), fc.constantFrom('/validate', '/mutate'), async (body, path) => {
      const reply = await call({ port, ca: ca.cert, agent, path, body });
      expect([200, 400]).toContain(reply.status);
      if (reply.status === 400) expect(reply.body).toBe('');
      else
        expect(JSON.parse(reply.body)).toMatchObject({
          kind: 'AdmissionReview',
          response: { uid: expect.any(String) },
        });
    }),
    { numRuns: 400 },
  );
  expect(await metrics.registry.metrics()).toMatch(/^kubectl_canary_admission_failures_total 0$/m);
});
