import { stringify } from 'yaml';
import { type ConfigurationOptions, webhookConfigurations } from '../../webhook/admission/configuration.ts';

/** Stand-ins for what a value of the chart decides; each must come back, so that none is lost unseen. */
const TEXTS = {
  'the-name': '{{ include "kubectl-canary.fullname" . }}',
  'the-service': '{{ include "kubectl-canary.webhook" . }}',
  'the-namespace': '{{ .Release.Namespace }}',
} as const;
const NUMBERS = {
  31_001: '{{ .Values.webhook.service.port }}',
  31_002: '{{ .Values.webhook.timeoutSeconds }}',
} as const;
const POLICY = '{{ .Values.webhook.failurePolicy }}';
const ONLY = 'the-only-namespace';

const options: ConfigurationOptions = {
  name: 'the-name',
  target: { service: { name: 'the-service', namespace: 'the-namespace', port: 31_001 } },
  ownNamespace: 'the-namespace',
  onlyNamespaces: [ONLY],
  failurePolicy: 'Fail',
  timeoutSeconds: 31_002,
};

const replaced = (text: string, from: string | RegExp, to: string): string => {
  const result = text.replaceAll(from, () => to);
  if (result === text) throw new Error(`the webhook configurations have no ${String(from)} that a value could replace`);
  return result;
};

/** Metadata that only a release knows. */
const METADATA = `metadata:
  name: ${TEXTS['the-name']}
  labels:
    {{- include "kubectl-canary.labels" (list . "webhook") | nindent 4 }}
  {{- if eq .Values.webhook.certs.mode "cert-manager" }}
  annotations:
    cert-manager.io/inject-ca-from: {{ .Release.Namespace }}/{{ include "kubectl-canary.webhook" . }}
  {{- end }}
`;

/** The entry that narrows the namespaces, there only where some are named. */
const NARROWED = new RegExp(`^( *)- key: (\\S+)\\n *operator: In\\n *values:\\n *- ${ONLY}\\n`, 'gm');

const narrowed = (text: string): string => {
  const result = text.replace(
    NARROWED,
    (_, indent: string, key: string) =>
      `${indent}{{- with $judged }}\n${indent}- key: ${key}\n${indent}  operator: In\n${indent}  values:\n${indent}    {{- toYaml . | nindent ${indent.length + 4} }}\n${indent}{{- end }}\n`,
  );
  if (result.includes(ONLY)) throw new Error('the webhook configurations narrow their namespaces in another way');
  return result;
};

const asTemplate = (object: unknown): string => {
  let text = replaced(
    stringify(object, { lineWidth: 0, aliasDuplicateObjects: false }),
    /^metadata:\n(?: .*\n)+/gm,
    METADATA,
  );
  text = replaced(text, 'failurePolicy: Fail', `failurePolicy: ${POLICY}`);
  for (const [from, to] of Object.entries({
    'the-service': TEXTS['the-service'],
    'the-namespace': TEXTS['the-namespace'],
    ...NUMBERS,
  })) {
    text = replaced(text, from, to);
  }
  return narrowed(text);
};

const HEADER = `{{- /* Generated from webhook/admission/configuration.ts by "npm run generate". No caBundle: it is the program's to write. */}}
{{- if .Values.webhook.enabled }}
{{- if and (eq .Values.webhook.failurePolicy "Fail") (lt (int .Values.webhook.replicaCount) 2) }}
{{- fail "webhook.failurePolicy Fail takes webhook.replicaCount of at least 2: with one, each restart would refuse writes" }}
{{- end }}
{{- $judged := (include "kubectl-canary.judged" . | fromYaml).names }}
`;

/** Both webhook configurations as a template of the chart. Throws when a value would have no place in them. */
export const renderConfigurations = (): string => {
  const { validating, mutating } = webhookConfigurations(options);
  return `${HEADER}${asTemplate(validating)}---\n${asTemplate(mutating)}{{- end }}\n`;
};
