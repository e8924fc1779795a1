{{/* Names, labels and images of everything. */}}

{{/* What names begin with. 33 characters leave room for a provider's name within the 63 of a Service. */}}
{{- define "unigate.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- $full = default $full .Values.fullnameOverride | replace "." "-" -}}
{{- if gt (len $full) 33 -}}
{{- /* cut names of two releases must not become the same */ -}}
{{- $full = printf "%s-%s" ($full | trunc 26 | trimSuffix "-") ($full | sha256sum | trunc 6) -}}
{{- end -}}
{{- if not (regexMatch "^[a-z]" $full) -}}
{{- fail (printf "names would begin with %q, which no Service may: set fullnameOverride to a name that begins with a letter" $full) -}}
{{- end -}}
{{- $full -}}
{{- end -}}

{{/* (root, component): what selectors use; it must never change in a running release. */}}
{{- define "unigate.selectorLabels" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* Merged rather than written one after the other: a label of the operator's replaces the chart's of that name. */}}
{{- define "unigate.commonLabels" -}}
{{- $chart := printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" -}}
{{- toYaml (mustMerge (deepCopy .Values.commonLabels) (dict
  "app.kubernetes.io/part-of" .Chart.Name
  "app.kubernetes.io/managed-by" .Release.Service
  "app.kubernetes.io/version" .Chart.AppVersion
  "helm.sh/chart" $chart)) -}}
{{- end -}}

{{/* (root, component): labels of an object. Pods carry fewer, so that a new chart version alone restarts nothing. */}}
{{- define "unigate.labels" -}}
{{ include "unigate.selectorLabels" . }}
{{ include "unigate.commonLabels" .root }}
{{- end -}}

{{/* (root, service, values): image reference of a workload. */}}
{{- define "unigate.image" -}}
{{- $global := .root.Values.image -}}
{{- $own := .values.image -}}
{{- $prefix := ternary (printf "%s/" $global.registry) "" (ne $global.registry "") -}}
{{- $repository := default (printf "%s%s-%s" $prefix $global.repository .service) $own.repository -}}
{{- if $own.digest -}}
{{- printf "%s@%s" $repository $own.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (coalesce $own.tag $global.tag .root.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{/* (name, values): ServiceAccount of a workload. */}}
{{- define "unigate.serviceAccountName" -}}
{{- default (ternary .name "default" .values.serviceAccount.create) .values.serviceAccount.name -}}
{{- end -}}

{{- define "unigate.apiKeySecret" -}}
{{- default (printf "%s-api-key" (include "unigate.fullname" .)) .Values.auth.existingSecret -}}
{{- end -}}

{{- define "unigate.sealSecret" -}}
{{- default (printf "%s-seal" (include "unigate.fullname" .)) .Values.state.seal.existingSecret -}}
{{- end -}}

{{- define "unigate.storeSecret" -}}
{{- default (printf "%s-valkey" (include "unigate.fullname" .)) .Values.valkey.existingSecret -}}
{{- end -}}

{{- define "unigate.keysSecret" -}}
{{- default (printf "%s-keys" (include "unigate.fullname" .)) .Values.auth.existingSecret -}}
{{- end -}}

{{/* (url, otherwise): the port that a URL names or implies. */}}
{{- define "unigate.port" -}}
{{- $url := urlParse .url -}}
{{- $port := regexFind ":[0-9]+$" $url.host | trimPrefix ":" -}}
{{- coalesce $port (ternary "80" "" (eq $url.scheme "http")) .otherwise -}}
{{- end -}}
