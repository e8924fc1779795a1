{{/* TLS between the edge and the adapters. */}}

{{/* (root, it): the Secret with a workload's certificate. */}}
{{- define "unigate.tls.secret" -}}
{{- default (printf "%s-tls" .it.name) .root.Values.tls.existingSecret -}}
{{- end -}}

{{/* JSON list of the variables that name the files; empty without TLS. */}}
{{- define "unigate.tls.env" -}}
{{- $env := list -}}
{{- if .Values.tls.enabled -}}
{{- range $name, $file := dict "CERT" "tls.crt" "KEY" "tls.key" "CA" "ca.crt" -}}
{{- $env = append $env (dict "name" (printf "UNIGATE_TLS_%s" $name) "value" (printf "/etc/unigate-tls/%s" $file)) -}}
{{- end -}}
{{- end -}}
{{- toJson $env -}}
{{- end -}}

{{/* JSON list with the mount of the files; empty without TLS. */}}
{{- define "unigate.tls.mounts" -}}
{{- $mounts := list -}}
{{- if .Values.tls.enabled -}}
{{- $mounts = append $mounts (dict "name" "tls" "mountPath" "/etc/unigate-tls" "readOnly" true) -}}
{{- end -}}
{{- toJson $mounts -}}
{{- end -}}

{{/* (root, it): the volume of the files; a directory without subPath, so that a running pod sees a renewed one. */}}
{{- define "unigate.tls.volume" -}}
{{- if .root.Values.tls.enabled }}
- name: tls
  secret:
    secretName: {{ include "unigate.tls.secret" . }}
    defaultMode: 0440
{{- end }}
{{- end -}}

{{/* (root, name): the DNS name in a provider's certificate. */}}
{{- define "unigate.tls.serverName" -}}
{{- printf "%s.%s.svc" .name .root.Release.Namespace -}}
{{- end -}}
