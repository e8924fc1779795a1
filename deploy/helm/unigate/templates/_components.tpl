{{/* What runs: every workload as data, from which the other templates render. */}}

{{/*
JSON object of the providers that are deployed, by name:
  name       of the Deployment and the Service
  component  the provider's name, the prefix of its models
  service    whose image runs
  key        where the vendor's key comes from: an existing secret, a file of keys in one, a value, the simulator,
             or an optional secret
  values     defaults < providerDefaults < the provider's own
*/}}
{{- define "unigate.providers" -}}
{{- $root := . -}}
{{- $providers := dict -}}
{{- range $provider, $own := .Values.providers -}}
  {{- $values := mustMergeOverwrite (deepCopy $root.Values.defaults) (deepCopy $root.Values.providerDefaults) (deepCopy (default dict $own)) -}}
  {{- if $values.enabled -}}
    {{- if $values.preset -}}{{- $_ := set $values "kind" "openai-compatible" -}}{{- end -}}
    {{- $compatible := eq $values.kind "openai-compatible" -}}
    {{- $ownAddress := has $values.preset (list "azure" "bedrock-mantle" "llamacpp" "lmstudio" "ollama" "vllm") -}}
    {{- if and $compatible (not $values.baseUrl) (or $ownAddress (not $values.preset)) -}}
      {{- fail (printf "providers.%s.baseUrl is needed: an openai-compatible provider has no public address of its own" $provider) -}}
    {{- end -}}
    {{- $key := "optional" -}}
    {{- if $values.existingSecret -}}
      {{- $key = ternary "file" "secret" (ne $values.existingSecretKeysFile "") -}}
    {{- else if $values.existingSecretKeysFile -}}
      {{- fail (printf "providers.%s.existingSecretKeysFile is a key within existingSecret, which is not set" $provider) -}}
    {{- else if $values.apiKey -}}
      {{- $key = "value" -}}
    {{- else if and $root.Values.simulator.enabled $values.simulated (not $values.baseUrl) -}}
      {{- $key = "simulator" -}}
    {{- end -}}
    {{- $name := printf "%s-%s" (include "unigate.fullname" $root) $provider -}}
    {{- $service := ternary "openai-compatible" $provider $compatible -}}
    {{- $_ := set $providers $provider (dict "name" $name "component" $provider "service" $service "key" $key "values" $values) -}}
  {{- end -}}
{{- end -}}
{{- if not $providers -}}
{{- fail "enable at least one provider: a gateway without any has nobody to ask" -}}
{{- end -}}
{{- toJson $providers -}}
{{- end -}}

{{/* JSON object of all workloads by component; `metrics` is the port of the metrics, 0 for none,
and `inFlight` the gauge of the requests being served. */}}
{{- define "unigate.components" -}}
{{- $root := . -}}
{{- $full := include "unigate.fullname" . -}}
{{- $edge := mustMergeOverwrite (deepCopy .Values.defaults) (deepCopy .Values.edge) -}}
{{- $components := dict "edge" (dict "name" (printf "%s-edge" $full) "component" "edge" "service" "edge" "values" $edge "metrics" 9463 "inFlight" "unigate_requests_in_flight") -}}
{{- range $provider, $it := include "unigate.providers" . | fromJson -}}
  {{- $_ := set $components $provider (merge $it (dict "metrics" 9464 "inFlight" "unigate_adapter_in_flight")) -}}
{{- end -}}
{{- if .Values.simulator.enabled -}}
  {{- $values := mustMergeOverwrite (deepCopy .Values.defaults) (deepCopy .Values.simulator) -}}
  {{- $_ := set $components "simulator" (dict "name" (printf "%s-simulator" $full) "component" "simulator" "service" "simulator" "values" $values "metrics" 0) -}}
{{- end -}}
{{- toJson $components -}}
{{- end -}}
