/** Which programs tests need, and where each comes from: a Go module, or a Python wheel that carries it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the lane `apiserver` runs on. */
export const CONTROL_PLANE = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubectl',
  'kwok',
  'helm',
  'keda-operator',
  'keda-adapter',
] as const;

/** A control plane whose pods are real processes of the application. */
export const REQUESTS = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubectl',
  'podinfo',
] as const;

/** What real requests need, by what routes them. */
export const DATA_PLANES = {
  contour: [...REQUESTS, 'contour', 'envoy'],
  traefik: [...REQUESTS, 'traefik'],
} as const;

export type DataPlane = keyof typeof DATA_PLANES;

export type ProgramName = (typeof CONTROL_PLANE)[number] | (typeof DATA_PLANES)[DataPlane][number];

/** YAML files of a module that the build depends on; `path` is a folder or one file. */
export interface CrdSource {
  readonly module: string;
  readonly path: string;
}

/** One Go module under `go/`: it pins the version (go.mod) and every dependency (go.sum). */
export interface Group {
  readonly name: string;
  /** The module whose version names the group. */
  readonly module: string;
  readonly packages: Readonly<Partial<Record<ProgramName, string>>>;
  /** Variables set at link time, so that the program knows its own version. */
  readonly stamps: (version: string) => Readonly<Record<string, string>>;
  /** Kept beside the programs, in the folder `crds`. */
  readonly crds?: readonly CrdSource[];
  /** Compilers side by side, where more would need too much memory. */
  readonly jobs?: number;
}

const MODULES = new URL('./go/', import.meta.url).pathname;

const KUBERNETES_MINOR = '36';

const GATEWAY_API: CrdSource = { module: 'sigs.k8s.io/gateway-api', path: 'config/crd/standard' };

/** In the order of use: what is needed for a first API server comes first. */
export const GROUPS: readonly Group[] = [
  {
    name: 'etcd',
    module: 'go.etcd.io/etcd/server/v3',
    packages: { etcd: 'go.etcd.io/etcd/server/v3' },
    stamps: () => ({}),
  },
  {
    name: 'kubernetes',
    module: 'k8s.io/kubernetes',
    packages: {
      'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
      kubectl: 'k8s.io/kubernetes/cmd/kubectl',
      'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
      'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
    },
    stamps: (version) => ({
      'k8s.io/component-base/version.gitVersion': version,
      'k8s.io/component-base/version.gitMajor': '1',
      'k8s.io/component-base/version.gitMinor': KUBERNETES_MINOR,
    }),
  },
  {
    name: 'kwok',
    module: 'sigs.k8s.io/kwok',
    packages: { kwok: 'sigs.k8s.io/kwok/cmd/kwok' },
    stamps: (version) => ({ 'sigs.k8s.io/kwok/pkg/consts.Version': version }),
  },
  {
    name: 'helm',
    module: 'helm.sh/helm/v3',
    packages: { helm: 'helm.sh/helm/v3/cmd/helm' },
    stamps: (version) => ({
      'helm.sh/helm/v3/internal/version.version': version,
      'helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor': '1',
      'helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor': KUBERNETES_MINOR,
    }),
  },
  {
    name: 'keda',
    module: 'github.com/kedacore/keda/v2',
    packages: {
      'keda-operator': 'github.com/kedacore/keda/v2/cmd/operator',
      'keda-adapter': 'github.com/kedacore/keda/v2/cmd/adapter',
    },
    stamps: (version) => ({ 'github.com/kedacore/keda/v2/version.Version': version }),
    crds: [{ module: 'github.com/kedacore/keda/v2', path: 'config/crd/bases' }],
  },
  {
    name: 'podinfo',
    module: 'github.com/stefanprodan/podinfo',
    packages: { podinfo: 'github.com/stefanprodan/podinfo/cmd/podinfo' },
    stamps: () => ({}),
  },
  {
    name: 'contour',
    module: 'github.com/projectcontour/contour',
    packages: { contour: 'github.com/projectcontour/contour/cmd/contour' },
    stamps: (version) => ({ 'github.com/projectcontour/contour/internal/build.Version': version }),
    crds: [{ module: 'github.com/projectcontour/contour', path: 'examples/contour/01-crds.yaml' }, GATEWAY_API],
  },
  {
    name: 'traefik',
    module: 'github.com/traefik/traefik/v3',
    packages: { traefik: 'github.com/traefik/traefik/v3/cmd/traefik' },
    stamps: (version) => ({ 'github.com/traefik/traefik/v3/pkg/version.Version': version }),
    crds: [
      {
        module: 'github.com/traefik/traefik/v3',
        path: 'docs/content/reference/dynamic-configuration/kubernetes-crd-definition-v1.yml',
      },
      GATEWAY_API,
    ],
    jobs: 1,
  },
];

/** The folder that holds the group's go.mod, go.sum and tools.go. */
export const moduleFolder = (group: Group): string => join(MODULES, group.name);

/** The version of the group's module as its go.mod requires it, `v1.36.3`. */
export const moduleVersion = (group: Group): string => {
  const text = readFileSync(join(moduleFolder(group), 'go.mod'), 'utf8');
  const line = text
    .split('\n')
    .find((candidate) => candidate.includes(`${group.module} v`) && !candidate.includes('=>'));
  const version = line
    ?.trim()
    .split(' ')
    .find((word) => word.startsWith('v') && /^v\d/.test(word));
  if (version === undefined) throw new Error(`go.mod of ${group.name} does not require ${group.module}`);
  return version;
};
