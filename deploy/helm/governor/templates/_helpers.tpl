{{- define "governor.name" -}}
{{- if contains "governor" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-governor" (.Release.Name | trunc 41 | trimSuffix "-") }}{{ end }}
{{- end }}

{{- define "governor.selector" -}}
app.kubernetes.io/name: contact-governor
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "governor.labels" -}}
{{ include "governor.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "governor.image" -}}
{{- with .Values.image }}{{ if .digest }}{{ printf "%s@%s" .repository .digest }}{{ else }}{{ printf "%s:%s" .repository (.tag | default $.Chart.AppVersion) }}{{ end }}{{ end }}
{{- end }}

{{/* Whether Redis is behind Sentinels, or a cluster. */}}
{{- define "governor.manyRedis" -}}
{{- $redis := .Values.config.redis | default dict }}
{{- if or $redis.cluster (dig "sentinel" "addresses" list $redis) }}true{{ end }}
{{- end }}

{{/* The configuration: what was given, and where it listens. */}}
{{- define "governor.config" -}}
{{- $config := deepCopy .Values.config }}
{{- $_ := set $config "http" (dict "listen" "0.0.0.0:8470") }}
{{- if eq (include "governor.manyRedis" .) "true" }}
{{- $_ := set $config "redis" (omit $config.redis "address") }}
{{- end }}
{{- if .Values.doors.enabled }}
{{- $_ := set $config "api" (set (deepCopy ($config.api | default dict)) "listen" "0.0.0.0:8471") }}
{{- end }}
{{- toYaml $config }}
{{- end }}

{{/* The ports of the Kafka and the Redis that are configured, and those that were given besides. */}}
{{- define "governor.ports" -}}
{{- $redis := .Values.config.redis | default dict }}
{{- $all := concat (.Values.config.kafka.brokers | default list) ($redis.cluster | default list) (dig "sentinel" "addresses" list $redis) }}
{{- if ne (include "governor.manyRedis" .) "true" }}{{ $all = append $all ($redis.address | default ":6379") }}{{ end }}
{{- if dig "sentinel" "addresses" list $redis }}{{ $all = append $all ":6379" }}{{ end }}
{{- $ports := list }}
{{- range $all }}{{ $ports = append $ports (splitList ":" . | last | int) }}{{ end }}
{{- range .Values.networkPolicy.egressPorts }}{{ $ports = append $ports (int .) }}{{ end }}
{{- $ports | uniq | toJson }}
{{- end }}

{{/* What a schema cannot say. */}}
{{- define "governor.check" -}}
{{- $partitions := int .Values.config.kafka.topics.partitions }}
{{- if gt (int .Values.replicas) $partitions }}
{{- fail (printf "replicas is %d, and there are %d partitions (config.kafka.topics.partitions): %d governors would have nothing to do. The number of partitions cannot be changed later" (int .Values.replicas) $partitions (sub (int .Values.replicas) $partitions)) }}
{{- end }}
{{- if .Values.autoscaling.enabled }}
{{- if gt (int .Values.autoscaling.most) $partitions }}
{{- fail (printf "autoscaling.most is %d, and there are %d partitions (config.kafka.topics.partitions): write at most as many" (int .Values.autoscaling.most) $partitions) }}
{{- end }}
{{- if lt (int .Values.autoscaling.most) (int .Values.replicas) }}
{{- fail (printf "autoscaling.most is %d, less than replicas, %d, from which it starts" (int .Values.autoscaling.most) (int .Values.replicas)) }}
{{- end }}
{{- end }}
{{- if .Values.doors.enabled }}
{{- $api := .Values.config.api | default dict }}
{{- if not (dig "tls" "cert_file" "" $api) }}
{{- fail "doors.enabled needs config.api.tls: whoever is on the way could read the tokens" }}
{{- end }}
{{- if not (or $api.tokens_file (dig "oidc" "issuer" "" $api)) }}
{{- fail "doors.enabled needs config.api.tokens_file or config.api.oidc: nobody would be asked who he is" }}
{{- end }}
{{- end }}
{{- range (splitList "," .Values.config.policy) }}
{{- $name := trim . }}
{{- if hasPrefix "/policies/" $name }}
{{- if not (hasKey $.Values.policies (trimPrefix "/policies/" $name)) }}
{{- fail (printf "config.policy is %s, and policies has no %s" $name (trimPrefix "/policies/" $name)) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
