/** The shape of targets made of pods, as far as it is read here. */
import type { KubeObject, StringMap } from '../api/kube.ts';

export interface PodTemplate {
  metadata?: { labels?: StringMap; annotations?: StringMap; [field: string]: unknown };
  spec?: PodSpec;
}

export interface PodSpec {
  containers?: Container[];
  initContainers?: Container[];
  volumes?: Record<string, unknown>[];
  nodeSelector?: StringMap;
  [field: string]: unknown;
}

export interface Container {
  name?: string;
  image?: string;
  ports?: { name?: string; containerPort?: number; protocol?: string }[];
  env?: Record<string, unknown>[];
  envFrom?: Record<string, unknown>[];
  [field: string]: unknown;
}

interface WorkloadSpec {
  selector?: { matchLabels?: StringMap };
  template?: PodTemplate;
  [field: string]: unknown;
}

export const specOf = (object: KubeObject): WorkloadSpec => (object['spec'] ?? {}) as WorkloadSpec;
export const templateOf = (object: KubeObject): PodTemplate => specOf(object).template ?? {};
export const podSpecOf = (object: KubeObject): PodSpec => templateOf(object).spec ?? {};
