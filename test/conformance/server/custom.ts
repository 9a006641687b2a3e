import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../make/until.ts';
import type { Bench } from './fixture.ts';
import { APPLY, invalid, MERGE, ownersOf, refusal, STRATEGIC } from './fixture.ts';

const text = { type: 'string' };
const number = { type: 'integer' };

const SPEC = {
  type: 'object',
  required: ['color'],
  properties: {
    size: { type: 'integer', minimum: 0, maximum: 100, default: 1 },
    color: { type: 'string', enum: ['red', 'blue'] },
    interval: { type: 'string', pattern: '^[0-9]+(m|s)$' },
    few: { type: 'array', minItems: 1, maxItems: 3, items: text },
    keyed: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['id'],
      items: {
        type: 'object',
        required: ['id'],
        properties: { id: text, value: number, mode: { type: 'string', default: 'plain' } },
      },
    },
    short: { type: 'string', maxLength: 10, minLength: 1 },
    port: { 'x-kubernetes-int-or-string': true },
    flag: { type: 'boolean' },
    words: { type: 'object', additionalProperties: text },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    either: { type: 'object', properties: { a: number, b: number }, oneOf: [{ required: ['a'] }, { required: ['b'] }] },
    some: { type: 'object', properties: { a: number, b: number }, anyOf: [{ required: ['a'] }, { required: ['b'] }] },
  },
};

const definition = (group: string): object => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `widgets.${group}` },
  spec: {
    group,
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget', shortNames: ['wd'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        additionalPrinterColumns: [
          { name: 'Color', type: 'string', jsonPath: '.spec.color' },
          { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
          { name: 'Size', type: 'integer', jsonPath: '.spec.size', priority: 1 },
          { name: 'Born', type: 'date', jsonPath: '.metadata.creationTimestamp' },
        ],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            required: ['spec'],
            properties: { spec: SPEC, status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          },
        },
      },
    ],
  },
});

interface Fault {
  readonly when: string;
  readonly spec: object | undefined;
  readonly findings: readonly string[];
}

const FAULTS: readonly Fault[] = [
  { when: 'the whole spec is missing', spec: undefined, findings: ['spec: Required value'] },
  { when: 'a required field is missing', spec: {}, findings: ['spec.color: Required value'] },
  { when: 'a required field is null', spec: { color: null }, findings: ['spec.color: Required value'] },
  {
    when: 'a word is not in the list',
    spec: { color: 'pink' },
    findings: ['spec.color: Unsupported value: "pink": supported values: "red", "blue"'],
  },
  {
    when: 'a text does not match',
    spec: { color: 'red', interval: 'abc' },
    findings: ['spec.interval: Invalid value: "abc": spec.interval in body should match \'^[0-9]+(m|s)$\''],
  },
  {
    when: 'a number is too small',
    spec: { color: 'red', size: -1 },
    findings: ['spec.size: Invalid value: -1: spec.size in body should be greater than or equal to 0'],
  },
  {
    when: 'a number is too large',
    spec: { color: 'red', size: 101 },
    findings: ['spec.size: Invalid value: 101: spec.size in body should be less than or equal to 100'],
  },
  {
    when: 'a list is too short',
    spec: { color: 'red', few: [] },
    findings: ['spec.few: Invalid value: 0: spec.few in body should have at least 1 items'],
  },
  {
    when: 'a list is too long',
    spec: { color: 'red', few: ['a', 'b', 'c', 'd'] },
    findings: ['spec.few: Too many: 4: must have at most 3 items'],
  },
  {
    when: 'a text is too long',
    spec: { color: 'red', short: 'abcdefghijk' },
    findings: ['spec.short: Too long: may not be more than 10 bytes'],
  },
  {
    when: 'a text is too short',
    spec: { color: 'red', short: '' },
    findings: ['spec.short: Invalid value: "": spec.short in body should be at least 1 chars long'],
  },
  {
    when: 'a text stands for a boolean',
    spec: { color: 'red', flag: 'yes' },
    findings: ['spec.flag: Invalid value: "string": spec.flag in body must be of type boolean: "string"'],
  },
  {
    when: 'a value of a map has another type',
    spec: { color: 'red', words: { a: 1 } },
    findings: ['spec.words.a: Invalid value: "integer": spec.words.a in body must be of type string: "integer"'],
  },
  {
    when: 'a number or text is neither',
    spec: { color: 'red', port: true },
    findings: ['spec.port: Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean"'],
  },
  {
    when: 'a key of a list comes twice',
    spec: { color: 'red', keyed: [{ id: 'a' }, { id: 'a' }] },
    findings: ['spec.keyed[1]: Duplicate value: {"id":"a"}'],
  },
  {
    when: 'one of two is wanted and both are there',
    spec: { color: 'red', either: { a: 1, b: 2 } },
    findings: [
      '<nil>: Invalid value: "": "spec.either" must validate one and only one schema (oneOf). Found 2 valid alternatives',
    ],
  },
  {
    when: 'one of two is wanted and none is there',
    spec: { color: 'red', either: {} },
    findings: [
      '<nil>: Invalid value: "": "spec.either" must validate one and only one schema (oneOf). Found none valid',
      'spec.either.a: Required value',
    ],
  },
  {
    when: 'any of two is wanted and none is there',
    spec: { color: 'red', some: {} },
    findings: [
      '<nil>: Invalid value: "": "spec.some" must validate at least one schema (anyOf)',
      'spec.some.a: Required value',
    ],
  },
];

/** Kinds that a CustomResourceDefinition brings: served, validated, pruned, defaulted, printed. */
export const customTests = (bench: () => Bench): void => {
  const group = `g${randomBytes(3).toString('hex')}.example.org`;
  const path = (name?: string): string => bench().at(`${group}/v1`, 'widgets', name);
  const widget = (name: string, spec: object | undefined, metadata: object = {}): object => ({
    apiVersion: `${group}/v1`,
    kind: 'Widget',
    metadata: { name, ...metadata },
    ...(spec === undefined ? {} : { spec }),
  });
  const create = (name: string, spec: object | undefined, query = '') =>
    bench().client.ask('POST', `${path()}${query}`, { body: widget(name, spec) });
  const patch = (name: string, body: object, more = '') =>
    bench().client.ask('PATCH', `${path(name)}${more}`, { body, type: MERGE });
  const apply = (name: string, manager: string, spec: object) =>
    bench().client.ask('PATCH', `${path(name)}?fieldManager=${manager}`, {
      body: widget(name, spec, { namespace: bench().namespace }),
      type: APPLY,
    });

  describe('custom resources', () => {
    beforeAll(async () => {
      const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
      await bench().client.ask('POST', crds, { body: definition(group) });
      const isEstablished = async (): Promise<boolean> => {
        const { body } = await bench().client.ask('GET', `${crds}/widgets.${group}`);
        const isServed = (await bench().client.ask('GET', path())).status === 200;
        const conditions: { type: string; status: string }[] = body.status?.conditions ?? [];
        return isServed && conditions.some((one) => one.type === 'Established' && one.status === 'True');
      };
      await until(isEstablished, 'the definition to be established', 60_000);
    });

    it('fills in the defaults of the schema, in elements of lists too', async () => {
      const { status, body } = await create('defaults', { color: 'red', keyed: [{ id: 'a' }] });
      expect(status).toBe(201);
      expect(body.spec).toEqual({ color: 'red', size: 1, keyed: [{ id: 'a', mode: 'plain' }] });
    });

    it.each(FAULTS)('refuses when $when', async ({ spec, findings }) => {
      expect(refusal(await create('faulty', spec))).toEqual(invalid(`Widget.${group} "faulty"`, ...findings));
    });

    it('refuses unknown fields when asked to be strict', async () => {
      expect(refusal(await create('strict', { color: 'red', bogus: 1 }, '?fieldValidation=Strict'))).toEqual({
        status: 400,
        reason: 'BadRequest',
        message:
          'Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "spec.bogus"',
      });
    });

    it('drops unknown fields with a warning otherwise, and keeps them where the schema says so', async () => {
      const { status, headers, body } = await create(
        'loose',
        { color: 'red', bogus: 1, free: { anything: [1] } },
        '?fieldValidation=Warn',
      );
      expect(status).toBe(201);
      expect(headers['warning']).toBe('299 - "unknown field \\"spec.bogus\\""');
      expect(body.spec).toEqual({ color: 'red', size: 1, free: { anything: [1] } });
      const silent = await create('silent', { color: 'red', bogus: 1 }, '?fieldValidation=Ignore');
      expect([silent.headers['warning'], silent.body.spec.bogus]).toEqual([undefined, undefined]);
    });

    it('drops status at creation and on the main path', async () => {
      const body = { ...widget('stateless', { color: 'red' }), status: { phase: 'Good' } };
      expect((await bench().client.ask('POST', path(), { body })).body).not.toHaveProperty('status');
      expect((await patch('stateless', { status: { phase: 'Good' } })).body).not.toHaveProperty('status');
      const status = await patch(
        'stateless',
        { status: { phase: 'Good' }, spec: { size: 9 }, metadata: { labels: { a: 'b' } } },
        '/status',
      );
      expect(status.body).toMatchObject({ status: { phase: 'Good' }, spec: { size: 1 }, metadata: { generation: 1 } });
      expect(status.body.metadata.labels).toBeUndefined();
    });

    it('raises the generation with the spec, not with metadata', async () => {
      await create('counted', { color: 'red' });
      expect((await patch('counted', { metadata: { annotations: { a: 'b' } } })).body.metadata.generation).toBe(1);
      expect((await patch('counted', { spec: { size: 4 } })).body.metadata.generation).toBe(2);
    });

    it('is replaced only with a version', async () => {
      await create('put', { color: 'red' });
      const answer = await bench().client.ask('PUT', path('put'), { body: widget('put', { color: 'blue' }) });
      expect(refusal(answer)).toEqual(
        invalid(
          `widgets.${group} "put"`,
          'metadata.resourceVersion: Invalid value: 0: must be specified for an update',
        ),
      );
    });

    it('takes no strategic patch', async () => {
      await create('plain', { color: 'red' });
      const answer = await bench().client.ask('PATCH', path('plain'), { body: {}, type: STRATEGIC });
      expect([answer.status, answer.body.reason]).toEqual([415, 'UnsupportedMediaType']);
    });

    it('merges keyed lists and replaces plain ones in an apply', async () => {
      await apply('applied', 'one', { color: 'red', keyed: [{ id: 'a', value: 1 }], few: ['x', 'y'] });
      const answer = await apply('applied', 'two', { color: 'red', keyed: [{ id: 'b', value: 2 }] });
      expect(answer.body.spec.keyed.map((one: { id: string }) => one.id)).toEqual(['a', 'b']);
      expect(ownersOf(answer)).toEqual({
        'one Apply': ['spec.color', 'spec.few', 'spec.keyed[id=a].id', 'spec.keyed[id=a].value'],
        'two Apply': ['spec.color', 'spec.keyed[id=b].id', 'spec.keyed[id=b].value'],
      });
      const conflict = await apply('applied', 'two', { color: 'red', keyed: [{ id: 'a', value: 2 }], few: ['z'] });
      expect(conflict.body.message).toBe(
        'Apply failed with 2 conflicts: conflicts with "one":\n- .spec.few\n- .spec.keyed[id="a"].value',
      );
      const left = await apply('applied', 'one', { color: 'red' });
      expect(left.body.spec).toEqual({ color: 'red', size: 1, keyed: [{ id: 'b', value: 2, mode: 'plain' }] });
    });

    it('refuses unknown fields in every apply', async () => {
      const answer = await apply('unknown', 'one', { color: 'red', bogus: 2 });
      expect([answer.status, answer.body.message]).toEqual([
        500,
        `failed to create typed patch object (${bench().namespace}/unknown; ${group}/v1, Kind=Widget): .spec.bogus: field not declared in schema`,
      ]);
    });

    it('prints the columns of its definition', async () => {
      await create('shown', { color: 'blue', size: 7 });
      await patch('shown', { status: { conditions: [{ type: 'Ready', status: 'True' }] } }, '/status');
      const { body } = await bench().client.ask('GET', path('shown'), {
        accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
      });
      expect(
        body.columnDefinitions.map((one: { name: string; priority: number }) => `${one.name} ${one.priority}`),
      ).toEqual(['Name 0', 'Color 0', 'Ready 0', 'Size 1', 'Born 0']);
      expect(body.rows[0].cells).toEqual(['shown', 'blue', 'True', 7, expect.stringMatching(/^\d+s$/)]);
    });

    it('stands in discovery', async () => {
      const { body } = await bench().client.ask('GET', `/apis/${group}/v1`);
      expect(body.resources.map((one: { name: string; kind: string }) => `${one.name} ${one.kind}`)).toEqual([
        'widgets Widget',
        'widgets/status Widget',
      ]);
    });
  });
};
