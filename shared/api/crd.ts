/** The three kinds as CustomResourceDefinitions, from the same schemas as the types. */
import type { TSchema } from 'typebox';
import { KINDS } from './kinds.ts';
import { groupOf, type Kind, type KubeObject } from './kube.ts';
import { alertProviderSpecSchema } from './schema/alert-provider.ts';
import { canarySpecSchema } from './schema/canary-spec.ts';
import { canaryStatusSchema } from './schema/canary-status.ts';
import { metricTemplateSpecSchema } from './schema/metric-template.ts';

/** A schema as the API server takes it: plain JSON. */
export type StructuralSchema = Record<string, unknown>;

interface Column {
  name: string;
  type: 'string' | 'boolean';
  jsonPath: string;
  /** 1: shown with `-o wide` only. */
  priority?: 1;
}

const column = (name: string, jsonPath: string, type: Column['type'] = 'string'): Column => ({ name, type, jsonPath });

const wide = (name: string, jsonPath: string, type?: Column['type']): Column => ({
  ...column(name, jsonPath, type),
  priority: 1,
});

interface Definition {
  kind: Kind;
  description: string;
  spec: TSchema;
  status?: TSchema;
  columns: readonly Column[];
}

const definitionsFor = (providers: readonly string[]): readonly Definition[] => [
  {
    kind: KINDS.alertProvider,
    description: 'A chat channel that Canaries tell of their rollouts.',
    spec: alertProviderSpecSchema,
    columns: [column('Type', '.spec.type')],
  },
  {
    kind: KINDS.canary,
    description: 'Rolls new revisions of a workload out step by step, and back when they fail.',
    spec: canarySpecSchema(providers),
    status: canaryStatusSchema,
    columns: [
      column('Status', '.status.phase'),
      column('Weight', '.status.canaryWeight'),
      wide('Suspended', '.spec.suspend', 'boolean'),
      wide('FailedChecks', '.status.failedChecks'),
      wide('Interval', '.spec.analysis.interval'),
      wide('Mirror', '.spec.analysis.mirror', 'boolean'),
      wide('StepWeight', '.spec.analysis.stepWeight'),
      wide('StepWeights', '.spec.analysis.stepWeights'),
      wide('MaxWeight', '.spec.analysis.maxWeight'),
      column('LastTransitionTime', '.status.lastTransitionTime'),
    ],
  },
  {
    kind: KINDS.metricTemplate,
    description: 'A metric query that Canaries refer to.',
    spec: metricTemplateSpecSchema,
    columns: [column('Provider', '.spec.provider.type')],
  },
];

/** Through JSON, which drops what TypeBox keeps beside the schema. */
const plain = (schema: TSchema): StructuralSchema => JSON.parse(JSON.stringify(schema)) as StructuralSchema;

const rootSchema = (definition: Definition): StructuralSchema => ({
  description: definition.description,
  type: 'object',
  properties: {
    apiVersion: { description: 'Version of this schema: flagger.app/v1beta1.', type: 'string' },
    kind: { description: `Kind of the object: ${definition.kind.kind}.`, type: 'string' },
    metadata: { type: 'object' },
    spec: plain(definition.spec),
    ...(definition.status === undefined ? {} : { status: plain(definition.status) }),
  },
});

const customResourceDefinition = (definition: Definition): KubeObject => {
  const { kind, columns } = definition;
  const group = groupOf(kind.apiVersion);
  const singular = kind.kind.toLowerCase();
  return {
    apiVersion: KINDS.crd.apiVersion,
    kind: KINDS.crd.kind,
    metadata: { name: `${kind.plural}.${group}`, annotations: { 'helm.sh/resource-policy': 'keep' } },
    spec: {
      group,
      names: { kind: kind.kind, listKind: `${kind.kind}List`, plural: kind.plural, singular, categories: ['all'] },
      scope: 'Namespaced',
      versions: [
        {
          name: kind.apiVersion.slice(group.length + 1),
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: [...columns],
          schema: { openAPIV3Schema: rootSchema(definition) },
        },
      ],
    },
  };
};

/**
 * The CustomResourceDefinitions of all our kinds, by name, fresh objects at each call. `providers` are the names of all
 * traffic providers, which the registry of routers knows.
 */
export const customResourceDefinitions = (providers: readonly string[]): KubeObject[] =>
  definitionsFor(providers).map(customResourceDefinition);

/** The schema of one of our kinds as its CRD holds it; undefined for any other kind. */
export const schemaOfKind = (kind: string, providers: readonly string[]): StructuralSchema | undefined => {
  const definition = definitionsFor(providers).find((candidate) => candidate.kind.kind === kind);
  return definition === undefined ? undefined : rootSchema(definition);
};
