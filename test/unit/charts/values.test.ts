import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { chartValues } from '../../../scripts/generate/chart-readme.ts';
import { type Schema, valuesSchema } from '../../../scripts/generate/chart-schema.ts';

const TEXT = readFileSync(new URL('../../../charts/kubectl-canary/values.yaml', import.meta.url), 'utf8');
const DEFAULTS = parse(TEXT) as Record<string, unknown>;
const validate = new Ajv({ strict: true, strictTypes: false, allErrors: true }).compile(valuesSchema());

/** `values` with one of them set, deep in the tree. */
const withValue = (path: string, value: unknown): object => {
  const values = structuredClone(DEFAULTS);
  const steps = path.split('.');
  const last = steps.pop() as string;
  const place = steps.reduce((at, step) => at[step] as Record<string, unknown>, values);
  place[last] = value;
  return values;
};

/** Paths of all values that the schema names, and of the objects that take no others. */
const pathsOf = (schema: Schema, prefix = ''): { leaves: string[]; closed: string[] } => {
  const entries = Object.entries((schema['properties'] ?? {}) as Record<string, Schema>);
  const below = entries.map(([name, child]) =>
    child['properties'] === undefined
      ? { leaves: [`${prefix}${name}`], closed: [] }
      : pathsOf(child, `${prefix}${name}.`),
  );
  return { leaves: below.flatMap(({ leaves }) => leaves), closed: [prefix, ...below.flatMap(({ closed }) => closed)] };
};

const { leaves, closed } = pathsOf(valuesSchema());

describe('the schema of the values', () => {
  it('accepts the defaults', () => {
    validate(DEFAULTS);
    expect(validate.errors).toBeNull();
  });

  it('knows exactly the values that values.yaml explains', () => {
    const explained = chartValues(TEXT).map(({ path }) => path);
    const open = [
      'webhook.certs.issuerRef.group',
      'webhook.certs.issuerRef.kind',
      'webhook.certs.issuerRef.name',
      'global',
    ];
    expect([...explained, ...open].toSorted()).toEqual([...leaves, 'webhook.certs.issuerRef'].toSorted());
  });

  it.each(closed)('refuses an unknown value in "%s"', (place) => {
    expect(validate(withValue(`${place}unknownValue`, true))).toBe(false);
    expect(validate.errors).toMatchObject([{ keyword: 'additionalProperties' }]);
  });

  it.each([
    ['meshProvider', 'isto'],
    ['metricsServer', 'prometheus:9090'],
    ['namespace', ['a', 'b']],
    ['logLevel', 'warning'],
    ['threadiness', 1.5],
    ['threadiness', '2'],
    ['slack.url', 'chat.example.org'],
    ['eventWebhook', 'ftp://a'],
    ['podAnnotations', { port: 8080 }],
    ['env', [{ value: 'a' }]],
    ['rbac.providers', 'all'],
    ['rbac.providers', ['supergloo']],
    ['webhook.replicaCount', 0],
    ['webhook.failurePolicy', 'fail'],
    ['webhook.timeoutSeconds', 31],
    ['webhook.service.port', 0],
    ['webhook.drivers', ['flagger']],
    ['webhook.certs.mode', 'certmanager'],
    ['webhook.podDisruptionBudget.minAvailable', 'half'],
  ])('refuses %s: %j', (path, value) => {
    expect(validate(withValue(path, value))).toBe(false);
  });

  it.each([
    ['meshProvider', 'nginx'],
    ['rbac.providers', ['all']],
    ['rbac.providers', ['nginx', 'traefik']],
    ['podDisruptionBudget.minAvailable', '50%'],
    ['webhook.certs.issuerRef', { kind: 'ClusterIssuer', name: 'house' }],
    ['global', { anything: true }],
    ['slack.url', 'https://chat.example.org/hook'],
  ])('takes %s: %j', (path, value) => {
    validate(withValue(path, value));
    expect(validate.errors).toBeNull();
  });
});

describe('the table of values', () => {
  it('takes a comment that begins with "--" for the value below it, whole maps included', () => {
    const text = 'a:\n  # -- First.\n  b: 1\n  # Not for users.\n  # -- Second,\n  # in two lines.\n  c:\n    d: 2\n';
    expect(chartValues(text)).toEqual([
      { path: 'a.b', default: 1, about: 'First.' },
      { path: 'a.c', default: { d: 2 }, about: 'Second, in two lines.' },
    ]);
  });

  it('cannot be made while a value is unexplained', () => {
    expect(() => chartValues('# -- Known.\na: 1\nb: 2\n')).toThrow('values.yaml says nothing about b');
  });
});
