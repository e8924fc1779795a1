{{/* What every Deployment has in common. */}}

{{/* (root, it, annotations, container, volumes): a whole Deployment; `container` and `volumes` are YAML. */}}
{{- define "unigate.deployment" -}}
{{- $values := .it.values -}}
{{- $labels := dict "root" .root "component" .it.component -}}
{{- $lifecycle := $values.lifecycle -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .it.name }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "unigate.labels" $labels | nindent 4 }}
spec:
  {{- if not $values.autoscaling.enabled }}
  replicas: {{ $values.replicas }}
  {{- else }}
  {{- /* a Deployment that loses the field falls to one pod until its autoscaler acts: it keeps what it has */}}
  {{- with lookup "apps/v1" "Deployment" .root.Release.Namespace .it.name }}
  replicas: {{ max (int .spec.replicas) (int $values.autoscaling.minReplicas) }}
  {{- end }}
  {{- end }}
  revisionHistoryLimit: 5
  selector:
    matchLabels: {{- include "unigate.selectorLabels" $labels | nindent 6 }}
  strategy:
    type: RollingUpdate
    # a new pod is ready before an old one goes, whatever the number of replicas
    rollingUpdate: {maxSurge: {{ $values.maxSurge }}, maxUnavailable: 0}
  template:
    metadata:
      {{- /* /tmp is scratch: an autoscaler of nodes may take the pod all the same */}}
      annotations: {{- toYaml (mustMerge (deepCopy $values.podAnnotations) .annotations (dict "cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes" "tmp")) | nindent 8 }}
      labels:
        {{- include "unigate.selectorLabels" $labels | nindent 8 }}
        {{- with $values.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      {{- with include "unigate.scheduling" . | trim }}
      {{- . | nindent 6 }}
      {{- end }}
      serviceAccountName: {{ include "unigate.serviceAccountName" .it }}
      automountServiceAccountToken: {{ and (eq .it.component "edge") .root.Values.auth.keyAdministration.enabled }}
      # service links would set UNIGATE_PORT and the like to addresses of Services
      enableServiceLinks: false
      {{- with .root.Values.image.pullSecrets }}
      imagePullSecrets: {{- toYaml . | nindent 8 }}
      {{- end }}
      securityContext: {{- toYaml .root.Values.podSecurityContext | nindent 8 }}
      terminationGracePeriodSeconds: {{ $lifecycle.gracePeriodSeconds }}
      {{- with $values.podSpec }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
      containers:
        - name: {{ .it.service }}
          image: {{ include "unigate.image" (dict "root" .root "service" .it.service "values" $values) | quote }}
          imagePullPolicy: {{ .root.Values.image.pullPolicy }}
          {{- .container | nindent 10 }}
          {{- with $values.extraEnvFrom }}
          envFrom: {{- toYaml . | nindent 12 }}
          {{- end }}
          lifecycle: {{- include "unigate.preStop" . | nindent 12 }}
          resources: {{- toYaml $values.resources | nindent 12 }}
          securityContext: {{- toYaml .root.Values.securityContext | nindent 12 }}
          volumeMounts:
            - {name: tmp, mountPath: /tmp}
            {{- with .mounts }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
            {{- with $values.extraVolumeMounts }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
      volumes:
        - name: tmp
          emptyDir: {sizeLimit: 256Mi}
        {{- with .volumes }}
        {{- . | nindent 8 }}
        {{- end }}
        {{- with $values.extraVolumes }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
{{- end -}}

{{- define "unigate.scheduling" -}}
{{- $values := .it.values -}}
{{- with $values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- if $values.topologySpread }}
topologySpreadConstraints:
  {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: {{ $values.topologySpread }}
    labelSelector:
      matchLabels: {{- include "unigate.selectorLabels" (dict "root" $.root "component" $.it.component) | nindent 8 }}
    # each revision spreads by itself, so a rollout does not leave the new pods lopsided
    matchLabelKeys: [pod-template-hash]
  {{- end }}
{{- end }}
{{- end -}}

{{/* The sleep action is on by default from 1.30; before, the image's own interpreter sleeps. */}}
{{- define "unigate.preStop" -}}
{{- $seconds := int .it.values.lifecycle.preStopSeconds -}}
preStop:
  {{- if semverCompare ">=1.30.0-0" .root.Capabilities.KubeVersion.Version }}
  sleep: {seconds: {{ $seconds }}}
  {{- else }}
  exec: {command: [python, -c, "import time; time.sleep({{ $seconds }})"]}
  {{- end }}
{{- end -}}

{{/* (root, it, env): env of a container, as YAML list; the operator's entries replace the chart's. */}}
{{- define "unigate.env" -}}
{{- $extra := .it.values.extraEnv -}}
{{- $names := dict -}}
{{- range $extra -}}{{- $_ := set $names .name true -}}{{- end -}}
{{- $lifecycle := .it.values.lifecycle -}}
{{- $drain := sub (int $lifecycle.gracePeriodSeconds) (add (int $lifecycle.preStopSeconds) 5) -}}
{{- if lt $drain 1 -}}
{{- fail (printf "%s: lifecycle.gracePeriodSeconds must exceed lifecycle.preStopSeconds by more than 5, or running requests get no time to finish" .it.component) -}}
{{- end -}}
{{- $env := concat .env (list
  (dict "name" "UNIGATE_DRAIN_SECONDS" "value" (toString $drain))
  (dict "name" "UNIGATE_LOG_LEVEL" "value" .root.Values.log.level)
  (dict "name" "UNIGATE_LOG_FORMAT" "value" .root.Values.log.format)) -}}
{{- with .root.Values.tracing -}}
{{- if .endpoint -}}
{{- $env = concat $env (list
  (dict "name" "OTEL_EXPORTER_OTLP_ENDPOINT" "value" .endpoint)
  (dict "name" "OTEL_EXPORTER_OTLP_PROTOCOL" "value" .protocol)
  (dict "name" "OTEL_TRACES_SAMPLER" "value" "parentbased_traceidratio")
  (dict "name" "OTEL_TRACES_SAMPLER_ARG" "value" (toString .sampleRatio))) -}}
{{- end -}}
{{- end -}}
{{- $own := list -}}
{{- range $env -}}{{- if not (hasKey $names .name) -}}{{- $own = append $own . -}}{{- end -}}{{- end -}}
{{- toYaml (concat $own $extra) -}}
{{- end -}}
