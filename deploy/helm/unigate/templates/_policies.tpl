{{/* Parts of the NetworkPolicies. */}}

{{- define "unigate.policy.peer" -}}
- podSelector:
    matchLabels: {{- include "unigate.selectorLabels" . | nindent 6 }}
{{- end }}
{{- /* (to, ports): TCP to some peers, or to any address when none are named */}}
{{- define "unigate.policy.egress" -}}
- ports:
    {{- range .ports }}
    - {protocol: TCP, port: {{ . }}}
    {{- end }}
  {{- with .to }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- /* where images and files of clients may lie: the public Internet, not this network and not a cloud's metadata */}}
{{- define "unigate.policy.media" -}}
- ports: [{protocol: TCP, port: 80}, {protocol: TCP, port: 443}]
  to:
    - ipBlock:
        cidr: 0.0.0.0/0
        except: [10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, 172.16.0.0/12, 192.168.0.0/16]
    - ipBlock:
        cidr: ::/0
        except: ["::1/128", "fc00::/7", "fe80::/10"]
{{- end }}
{{- /* where pods ask for a cloud's credentials: link-local addresses, each of one kind of identity alone */}}
{{- define "unigate.policy.identity" -}}
{{- if eq . "eks-pod-identity" }}
- ports: [{protocol: TCP, port: 80}]
  to:
    - ipBlock: {cidr: 169.254.170.23/32}
    - ipBlock: {cidr: "fd00:ec2::23/128"}
{{- else if eq . "gke" }}
- ports: [{protocol: TCP, port: 80}, {protocol: TCP, port: 988}]
  to:
    - ipBlock: {cidr: 169.254.169.254/32}
    - ipBlock: {cidr: 169.254.169.252/32}
{{- else if eq . "instance" }}
- ports: [{protocol: TCP, port: 80}]
  to:
    - ipBlock: {cidr: 169.254.169.254/32}
{{- end }}
{{- end }}
{{- define "unigate.policy.dns" -}}
{{- $policy := .Values.networkPolicy }}
- ports:
    {{- range $policy.dnsPorts }}
    - {protocol: UDP, port: {{ . }}}
    - {protocol: TCP, port: {{ . }}}
    {{- end }}
  {{- with $policy.dnsTo }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- define "unigate.policy.common" -}}
{{- $policy := .Values.networkPolicy }}
{{ include "unigate.policy.dns" . | trim }}
{{- with .Values.tracing.endpoint }}
{{- $port := include "unigate.port" (dict "url" . "otherwise" "4317") }}
{{ include "unigate.policy.egress" (dict "ports" (default (list $port) $policy.tracingPorts)) }}
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
