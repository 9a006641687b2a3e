/** The ConfigMaps and Secrets that pods read: which they are, and the same pods reading the primary's copies. */
import type { Container, PodSpec } from './pod-spec.ts';

export interface ConfigRef {
  kind: 'configmap' | 'secret';
  name: string;
  /** Pods start without it. */
  isOptional: boolean;
}

type Named = { name?: string; secretName?: string; optional?: boolean; [field: string]: unknown };
type Visit = (kind: ConfigRef['kind'], source: Named, nameField: 'name' | 'secretName') => Named;

export const configKey = (ref: Pick<ConfigRef, 'kind' | 'name'>): string => `${ref.kind}/${ref.name}`;

/** Tracked references, each once; the last one found decides whether it is optional. */
export const configRefsOf = (podSpec: PodSpec): ConfigRef[] => {
  const found = new Map<string, ConfigRef>();
  visit(podSpec, (kind, source, nameField) => {
    const name = source[nameField];
    if (typeof name === 'string' && name !== '')
      found.set(configKey({ kind, name }), { kind, name, isOptional: source.optional === true });
    return source;
  });
  return [...found.values()];
};

/** The pod spec with every reference in `copied` (by `configKey`) pointing at `<name>-primary`. */
export const renameConfigRefs = (podSpec: PodSpec, copied: ReadonlySet<string>): PodSpec =>
  visit(podSpec, (kind, source, nameField) => {
    const name = source[nameField];
    const isCopied = typeof name === 'string' && copied.has(configKey({ kind, name }));
    return isCopied ? { ...source, [nameField]: `${name}-primary` } : source;
  });

const visit = (podSpec: PodSpec, each: Visit): PodSpec => ({
  ...podSpec,
  ...(podSpec.volumes && { volumes: podSpec.volumes.map((volume) => visitVolume(volume, each)) }),
  ...(podSpec.containers && { containers: podSpec.containers.map((container) => visitContainer(container, each)) }),
  ...(podSpec.initContainers && {
    initContainers: podSpec.initContainers.map((container) => visitContainer(container, each)),
  }),
});

const visitVolume = (volume: Record<string, unknown>, each: Visit): Record<string, unknown> => {
  const projected = volume['projected'] as { sources?: Record<string, unknown>[] } | undefined;
  return {
    ...replaceField(replaceField(volume, 'configMap', 'configmap', each), 'secret', 'secret', each, 'secretName'),
    ...(projected?.sources && {
      projected: {
        ...projected,
        sources: projected.sources.map((source) =>
          replaceField(replaceField(source, 'configMap', 'configmap', each), 'secret', 'secret', each),
        ),
      },
    }),
  };
};

const visitContainer = (container: Container, each: Visit): Container => ({
  ...container,
  ...(container.env && {
    env: container.env.map((entry) => {
      const from = entry['valueFrom'] as Record<string, unknown> | undefined;
      if (!from) return entry;
      return {
        ...entry,
        valueFrom: replaceField(
          replaceField(from, 'configMapKeyRef', 'configmap', each),
          'secretKeyRef',
          'secret',
          each,
        ),
      };
    }),
  }),
  ...(container.envFrom && {
    envFrom: container.envFrom.map((entry) =>
      replaceField(replaceField(entry, 'configMapRef', 'configmap', each), 'secretRef', 'secret', each),
    ),
  }),
});

// eslint-disable-next-line max-params -- one call shape for the five places that name a config
const replaceField = (
  owner: Record<string, unknown>,
  field: string,
  kind: ConfigRef['kind'],
  each: Visit,
  nameField: 'name' | 'secretName' = 'name',
): Record<string, unknown> => {
  const source = owner[field] as Named | undefined;
  return source ? { ...owner, [field]: each(kind, source, nameField) } : owner;
};
