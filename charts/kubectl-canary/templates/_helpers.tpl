{{- define "kubectl-canary.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- define "kubectl-canary.fullname" -}}
{{- $name := include "kubectl-canary.name" . }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "kubectl-canary.controller" -}}
{{ include "kubectl-canary.fullname" . }}-controller
{{- end }}

{{- define "kubectl-canary.webhook" -}}
{{ include "kubectl-canary.fullname" . }}-webhook
{{- end }}

{{- define "kubectl-canary.certs" -}}
{{ include "kubectl-canary.webhook" . }}-certs
{{- end }}

{{- define "kubectl-canary.notifications" -}}
{{ include "kubectl-canary.controller" . }}-notifications
{{- end }}

{{- define "kubectl-canary.controllerAccount" -}}
{{- $default := ternary (include "kubectl-canary.controller" .) "default" .Values.serviceAccount.create }}
{{- default $default .Values.serviceAccount.name }}
{{- end }}

{{- define "kubectl-canary.webhookAccount" -}}
{{- $account := .Values.webhook.serviceAccount }}
{{- $default := ternary (include "kubectl-canary.webhook" .) "default" $account.create }}
{{- default $default $account.name }}
{{- end }}

{{- define "kubectl-canary.image" -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end }}

{{- /* What pods are selected by; never changes during the life of a release. Takes (list . COMPONENT). */}}
{{- define "kubectl-canary.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ include "kubectl-canary.name" $root }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "kubectl-canary.labels" -}}
{{- $root := index . 0 -}}
{{ include "kubectl-canary.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- end }}

{{- /* Replicas on different nodes and zones, where there are some. Takes (list . COMPONENT). */}}
{{- define "kubectl-canary.spread" -}}
{{- $arguments := . }}
{{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
- maxSkew: 1
  topologyKey: {{ . }}
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- include "kubectl-canary.selector" $arguments | nindent 6 }}
{{- end }}
{{- end }}

{{- /* Traffic providers whose objects the controller may write, as {names: [...]}. */}}
{{- define "kubectl-canary.providers" -}}
{{- $known := .Files.Get "files/provider-rules.yaml" | fromYaml }}
{{- $asked := .Values.rbac.providers | default (list (default "all" .Values.meshProvider)) }}
{{- dict "names" (ternary (keys $known | sortAlpha) ($asked | uniq | sortAlpha) (has "all" $asked)) | toYaml }}
{{- end }}

{{- /* Namespaces that the webhook judges, as {names: [...]}; empty: all. */}}
{{- define "kubectl-canary.judged" -}}
{{- $own := ternary (list .Values.namespace) list (ne .Values.namespace "") }}
{{- dict "names" (.Values.webhook.namespaces | default $own) | toYaml }}
{{- end }}
