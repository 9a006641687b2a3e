import { describe, expect, test } from 'vitest';
import { staleFiles } from '../../../../scripts/generate/files.ts';
import { GENERATED_FILES } from '../../../../scripts/generate/registry.ts';
import { customResourceDefinitions, schemaOfKind } from '../../../../shared/api/crd.ts';
import { PROVIDER_NAMES } from '../../../../shared/routing/index.ts';
import { generatedCrds } from './crd-validator.ts';

type Node = Record<string, unknown>;

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);

interface Place {
  path: string;
  node: Node;
}

/** A schema and every schema below it that describes a field, not the parts of oneOf, anyOf and not. */
const placesOf = (node: Node, path: string): Place[] => {
  const children: [string, unknown][] = [
    ...Object.entries(isNode(node['properties']) ? node['properties'] : {}).map(([name, child]): [string, unknown] => [
      `${path}.${name}`,
      child,
    ]),
    [`${path}[]`, node['items']],
    [`${path}{}`, node['additionalProperties']],
  ];
  return [{ path, node }, ...children.flatMap(([name, child]) => (isNode(child) ? placesOf(child, name) : []))];
};

const KINDS_OF_OURS = ['AlertProvider', 'Canary', 'MetricTemplate'];
const PLACES = KINDS_OF_OURS.flatMap((kind) => placesOf(schemaOfKind(kind, PROVIDER_NAMES) ?? {}, kind));

const pathsWhere = (wrong: (place: Place) => boolean): string[] => PLACES.filter(wrong).map(({ path }) => path);

/** What a structural schema may hold, as far as ours need it. */
const KEYWORDS = new Set([
  'type',
  'description',
  'properties',
  'required',
  'items',
  'additionalProperties',
  'enum',
  'format',
  'default',
  'pattern',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'maxItems',
  'oneOf',
  'anyOf',
  'not',
  'x-kubernetes-int-or-string',
  'x-kubernetes-map-type',
  'x-kubernetes-validations',
]);

const VALUE_RULES = ['oneOf', 'anyOf', 'not'];

/** Keywords that the API server forbids inside oneOf, anyOf and not. */
const forbiddenInside = (rule: unknown): string[] => {
  if (Array.isArray(rule)) return rule.flatMap(forbiddenInside);
  if (!isNode(rule)) return [];
  const own = ['type', 'description', 'default', 'additionalProperties'].filter((keyword) => keyword in rule);
  return [
    ...own,
    ...Object.entries(rule).flatMap(([key, value]) =>
      key === 'properties' && isNode(value)
        ? Object.values(value).flatMap(forbiddenInside)
        : VALUE_RULES.includes(key)
          ? forbiddenInside(value)
          : [],
    ),
  ];
};

describe('generated files', () => {
  test('are fresh; otherwise run "npm run generate"', () => {
    expect(staleFiles(new URL('../../../../', import.meta.url).pathname, GENERATED_FILES)).toEqual([]);
  });

  test('hold what the schemas say, once read back from YAML', () => {
    expect(generatedCrds()).toEqual(customResourceDefinitions(PROVIDER_NAMES));
  });
});

describe('the CRDs', () => {
  test.each([
    ['Canary', 'canaries', 10],
    ['MetricTemplate', 'metrictemplates', 1],
    ['AlertProvider', 'alertproviders', 1],
  ])('serve and store %s as %s, with %d columns and the status subresource', (kind, plural, columns) => {
    const crd = generatedCrds().find((candidate) => candidate.spec.names.kind === kind);
    expect(crd).toMatchObject({
      metadata: { name: `${plural}.flagger.app`, annotations: { 'helm.sh/resource-policy': 'keep' } },
      spec: {
        group: 'flagger.app',
        scope: 'Namespaced',
        names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List`, categories: ['all'] },
        versions: [{ name: 'v1beta1', served: true, storage: true, subresources: { status: {} } }],
      },
    });
    expect(crd?.spec.names.shortNames).toBeUndefined();
    expect(crd?.spec.versions[0]?.additionalPrinterColumns).toHaveLength(columns);
  });

  test('know no other kind', () => {
    expect(schemaOfKind('Deployment', PROVIDER_NAMES)).toBeUndefined();
    expect(customResourceDefinitions(PROVIDER_NAMES).map((crd) => crd.metadata.name)).toEqual([
      'alertproviders.flagger.app',
      'canaries.flagger.app',
      'metrictemplates.flagger.app',
    ]);
  });
});

describe('the rules of structural schemas', () => {
  test('no keyword beyond those that the API server takes', () => {
    expect(
      PLACES.flatMap(({ path, node }) =>
        Object.keys(node)
          .filter((key) => !KEYWORDS.has(key))
          .map((key) => `${path}: ${key}`),
      ),
    ).toEqual([]);
  });

  test('every field has a type, or is int-or-string', () => {
    expect(
      pathsWhere(({ node }) => typeof node['type'] !== 'string' && node['x-kubernetes-int-or-string'] !== true),
    ).toEqual([]);
  });

  test('nothing is closed, and no map has named fields besides', () => {
    expect(
      pathsWhere(
        ({ node }) =>
          node['additionalProperties'] === false || ('additionalProperties' in node && 'properties' in node),
      ),
    ).toEqual([]);
  });

  test('required fields exist', () => {
    const missing = ({ node }: Place): boolean =>
      ((node['required'] ?? []) as string[]).some((name) => !(name in ((node['properties'] ?? {}) as Node)));
    expect(pathsWhere(missing)).toEqual([]);
  });

  test('oneOf, anyOf and not only restrict: no type, default or description inside', () => {
    const wrong = ({ node }: Place): boolean =>
      node['x-kubernetes-int-or-string'] !== true && VALUE_RULES.some((rule) => forbiddenInside(node[rule]).length > 0);
    expect(pathsWhere(wrong)).toEqual([]);
  });

  test('only what the reference defaults has a default', () => {
    const defaults = PLACES.filter(({ node }) => 'default' in node).map(({ path, node }) => [path, node['default']]);
    expect(Object.fromEntries(defaults)).toEqual({
      'Canary.spec.service.gatewayRefs[].group': 'gateway.networking.k8s.io',
      'Canary.spec.service.gatewayRefs[].kind': 'Gateway',
      'Canary.spec.service.mirror[].backendRef.group': '',
      'Canary.spec.service.mirror[].backendRef.kind': 'Service',
      'Canary.spec.analysis.sessionAffinity.maxAge': 86_400,
    });
  });

  test('only formats that the API server knows', () => {
    const known = [undefined, 'int32', 'int64', 'date-time'];
    expect(pathsWhere(({ node }) => !known.includes(node['format'] as string | undefined))).toEqual([]);
  });

  test('every field is described in one sentence', () => {
    const plain = ({ path, node }: Place): boolean =>
      !path.endsWith('.metadata') &&
      !/^[A-Z0-9].*[^.]\.$/.test(typeof node['description'] === 'string' ? node['description'] : '');
    expect(pathsWhere(plain)).toEqual([]);
  });
});
