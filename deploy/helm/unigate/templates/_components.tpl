{{/* What runs: every workload as data, from which the other templates render. */}}

{{/*
JSON object of the providers that are deployed, by name:
  name       of the Deployment and the Service
  component  the provider's name, the prefix of its models
  service    whose image runs
  key        where the vendor's key comes from: an existing secret, a file of keys in one, a value, the simulator,
             a cloud's identity, or an optional secret
  keyName    the variable that holds the key, and the secret's key of it
  urlName    the variable that holds the base URL
  values     defaults < providerDefaults < the provider's own
*/}}
{{- define "unigate.clouds" -}}
azure: {key: AZURE_OPENAI_API_KEY, url: AZURE_OPENAI_ENDPOINT}
bedrock: {key: AWS_BEARER_TOKEN_BEDROCK, url: AWS_ENDPOINT_URL_BEDROCK_RUNTIME}
vertex: {key: GOOGLE_VERTEX_API_KEY, url: GOOGLE_VERTEX_BASE_URL}
{{- end -}}
{{- define "unigate.providers" -}}
{{- $clouds := include "unigate.clouds" . | fromYaml -}}
{{- $root := . -}}
{{- $providers := dict -}}
{{- range $provider, $own := .Values.providers -}}
  {{- $values := mustMergeOverwrite (deepCopy $root.Values.defaults) (deepCopy $root.Values.providerDefaults) (deepCopy (default dict $own)) -}}
  {{- $name := printf "%s-%s" (include "unigate.fullname" $root) $provider -}}
  {{- $simulated := and $root.Values.simulator.enabled $values.simulated (not $values.preset) (ne $values.kind "openai-compatible") (not $values.baseUrl) (not $values.cloud.identity) -}}
  {{- $enabled := $values.enabled -}}
  {{- if eq (toString $enabled) "auto" -}}
    {{- $named := or $values.existingSecret $values.apiKey $values.cloud.identity $values.baseUrl $values.preset (ne $values.kind "native") $simulated -}}
    {{- $enabled = or $named (lookup "v1" "Secret" $root.Release.Namespace $name) -}}
  {{- end -}}
  {{- if $enabled -}}
    {{- if $values.preset -}}{{- $_ := set $values "kind" "openai-compatible" -}}{{- end -}}
    {{- $compatible := eq $values.kind "openai-compatible" -}}
    {{- $ownAddress := has $values.preset (list "bedrock-mantle" "llamacpp" "lmstudio" "ollama" "vllm") -}}
    {{- $kind := ternary $provider $values.kind (eq $values.kind "native") -}}
    {{- $cloud := dict -}}
    {{- if not $compatible -}}{{- $cloud = default dict (get $clouds $kind) -}}{{- end -}}
    {{- if and $values.cloud.identity (not $cloud) -}}
      {{- fail (printf "providers.%s.cloud.identity is for azure, bedrock and vertex" $provider) -}}
    {{- end -}}
    {{- if and (eq $kind "azure") $cloud (not $values.baseUrl) (not $simulated) -}}
      {{- fail (printf "providers.%s.baseUrl is needed: the resource's address, such as https://my-resource.openai.azure.com" $provider) -}}
    {{- end -}}
    {{- if and (eq $kind "vertex") $cloud (not $values.cloud.project) $values.cloud.identity -}}
      {{- fail (printf "providers.%s.cloud.project is needed with cloud.identity: only a key names its project by itself" $provider) -}}
    {{- end -}}
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
    {{- else if $simulated -}}
      {{- $key = "simulator" -}}
    {{- else if $values.cloud.identity -}}
      {{- $key = "identity" -}}
    {{- end -}}
    {{- $service := ternary "openai-compatible" $kind $compatible -}}
    {{- $prefix := upper $provider | replace "-" "_" -}}
    {{- $keyName := default (printf "%s_API_KEY" $prefix) (get $cloud "key") -}}
    {{- $urlName := default (printf "%s_BASE_URL" (ternary "UNIGATE" $prefix $compatible)) (get $cloud "url") -}}
    {{- if eq $values.cloud.identity "aks" -}}
      {{- $_ := set $values "podLabels" (mustMerge (deepCopy $values.podLabels) (dict "azure.workload.identity/use" "true")) -}}
    {{- end -}}
    {{- $_ := set $providers $provider (dict "name" $name "component" $provider "service" $service "kind" (ternary $kind "" (ne (len $cloud) 0)) "key" $key "keyName" $keyName "urlName" $urlName "values" $values) -}}
  {{- end -}}
{{- end -}}
{{- if not $providers -}}
{{- fail "no provider has a key: name a Secret that holds one (--set providers.openai.existingSecret=my-secret), a cloud's identity (providers.bedrock.cloud.identity), or try the gateway without any key (--set simulator.enabled=true)" -}}
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
