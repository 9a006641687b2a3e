import type { Static } from 'typebox';
import type { KubeObject } from './kube.ts';
import type { metricTemplateSpecSchema } from './schema/metric-template.ts';

export type MetricTemplateSpec = Static<typeof metricTemplateSpecSchema>;
export type MetricProvider = MetricTemplateSpec['provider'];

export interface MetricTemplate extends KubeObject {
  spec: MetricTemplateSpec;
}
