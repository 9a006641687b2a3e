import { isMap, isScalar, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { providerRules } from './chart-rights.ts';

/** One value that a user can set. */
export interface ChartValue {
  /** `webhook.certs.mode` */
  readonly path: string;
  readonly default: unknown;
  readonly about: string;
}

const MARK = ' -- ';

/** The lines of a comment from the one that is marked; undefined: none is. */
const markedIn = (comment: string | null | undefined): string | undefined => {
  const lines = (comment ?? '').split('\n');
  const first = lines.findIndex((line) => line.startsWith(MARK));
  return first < 0 ? undefined : lines.slice(first).join(' ').slice(MARK.length).replace(/\s+/g, ' ').trim();
};

/** The parser hangs the comment above a map's first entry on the map. */
const aboutOf = (map: YAMLMap, pair: Pair, isFirst: boolean): string | undefined =>
  markedIn(isScalar(pair.key) ? pair.key.commentBefore : undefined) ??
  (isFirst ? markedIn(map.commentBefore) : undefined);

const walk = (map: YAMLMap, prefix: string): ChartValue[] =>
  map.items.flatMap((pair, at) => {
    const path = `${prefix}${String(isScalar(pair.key) ? pair.key.value : pair.key)}`;
    const about = aboutOf(map, pair, at === 0);
    if (about !== undefined) return [{ path, default: toPlain(pair.value), about }];
    if (isMap(pair.value)) return walk(pair.value, `${path}.`);
    throw new Error(`values.yaml says nothing about ${path}: a comment that begins with "--" is missing`);
  });

const toPlain = (node: unknown): unknown => {
  if (isScalar(node)) return node.value;
  return (node as { toJSON(): unknown } | null)?.toJSON() ?? null;
};

/** Every value that values.yaml explains; throws where it leaves one unexplained. */
export const chartValues = (text: string): ChartValue[] => {
  const document = parseDocument(text);
  if (document.errors.length > 0) throw document.errors[0] as Error;
  return walk(document.contents as YAMLMap, '');
};

const cell = (value: string): string => value.replaceAll('|', '\\|');

const valueTable = (text: string): string =>
  [
    '| value | default | meaning |',
    '| --- | --- | --- |',
    ...chartValues(text).map(
      (value) => `| \`${value.path}\` | \`${cell(JSON.stringify(value.default))}\` | ${cell(value.about)} |`,
    ),
  ].join('\n');

const providerTable = (): string =>
  [
    '| provider | objects |',
    '| --- | --- |',
    ...Object.entries(providerRules()).map(([name, rules]) => {
      const objects = rules.flatMap(({ apiGroups, resources }) => resources.map((one) => `${one}.${apiGroups[0]}`));
      return `| \`${name}\` | ${objects.join(', ') || 'Services alone'} |`;
    }),
  ].join('\n');

/** The chart's README; `values` is the text of its values.yaml. */
export const renderReadme = (
  values: string,
): string => `<!-- Generated from values.yaml and scripts/generate/chart-readme.ts by "npm run generate". -->
# kubectl-canary

The controller and the admission webhook, with the least rights that both can work with.

\`\`\`sh
npm run build && podman build -t REGISTRY/kubectl-canary:0.1.0 . && podman push REGISTRY/kubectl-canary:0.1.0
helm install kubectl-canary charts/kubectl-canary --namespace canary-system --create-namespace \\
  --set image.repository=REGISTRY/kubectl-canary --set meshProvider=nginx --set metricsServer=http://prometheus.monitoring:9090
\`\`\`

**Upgrade.** Helm installs the CRDs once and never renews them. Renew them before each upgrade; what is stored stays as it is:

\`\`\`sh
kubectl apply --server-side --force-conflicts -f charts/kubectl-canary/crds
helm upgrade kubectl-canary charts/kubectl-canary --namespace canary-system --reset-then-reuse-values
\`\`\`

**Certificates.** The webhook makes its own authority and certificate, keeps them in the Secret that the chart creates empty, and
writes its caBundle into the two configurations. The chart renders neither, so neither Helm nor a GitOps tool ever takes them
back. \`webhook.certs.mode: cert-manager\` leaves all of that to cert-manager, and the webhook then has no right to any Secret.

**Without the webhook's answer** writes go through (\`webhook.failurePolicy: Ignore\`). \`Fail\` takes two replicas. System
namespaces and the release's own are never judged, and deletes are never refused.

**Rights.** The controller reads and writes what a rollout consists of: Canaries, Deployments, Services, autoscalers, events, the
objects of its traffic providers and, with \`configTracking.enabled\`, ConfigMaps and Secrets. It deletes nothing but its own copies of the
last two; owner references remove the rest. With \`namespace\` set, all that holds in that namespace alone. The webhook writes
nothing but its own Secret and its own two configurations.

What each provider adds (\`rbac.providers\`):

${providerTable()}

## Values

Names are those of Flagger's chart where the meaning is the same. Unknown ones are refused.

${valueTable(values)}
`;
