{{/* Parts of the NetworkPolicies. */}}

{{- define "unigate.policy.peer" -}}
- podSelector:
    matchLabels: {{- include "unigate.selectorLabels" . | nindent 6 }}
{{- end }}
{{- /* (to, ports): TCP to some peers, or to any address when none are named */}}
{{- define "unigate.policy.egress" -}}
- ports: [{protocol: TCP, port: {{ .port }}}]
  {{- with .to }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- define "unigate.policy.common" -}}
{{- $policy := .Values.networkPolicy }}
- ports:
    {{- range $policy.dnsPorts }}
    - {protocol: UDP, port: {{ . }}}
    - {protocol: TCP, port: {{ . }}}
    {{- end }}
  {{- with $policy.dnsTo }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- with .Values.tracing.endpoint }}
{{ include "unigate.policy.egress" (dict "port" (include "unigate.port" (dict "url" . "otherwise" "4317"))) }}
{{- end }}
{{- end }}
{{- define "unigate.policy.metrics" -}}
- ports: [{protocol: TCP, port: {{ .port }}}]
  from: {{- toYaml .root.Values.networkPolicy.metricsFrom | nindent 4 }}
{{- end }}
{{- define "unigate.policy.head" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "unigate.labels" . | nindent 4 }}
spec:
  podSelector:
    matchLabels: {{- include "unigate.selectorLabels" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
{{- end }}
