{{/* Names, labels and images. */}}

{{- define "loupe.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The three services as YAML: name, values, ports and database schema. */}}
{{- define "loupe.services" -}}
dataset-service: {key: datasetService, port: 8080, schema: dataset}
training-service: {key: trainingService, port: 8081, schema: training}
inference-service: {key: inferenceService, port: 8082, schema: inference}
{{- end -}}

{{/* (root) Common labels of the pods of this release. */}}
{{- define "loupe.releaseSelector" -}}
app.kubernetes.io/name: loupe
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* (root, component) */}}
{{- define "loupe.selector" -}}
{{ include "loupe.releaseSelector" .root }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* (root, component) */}}
{{- define "loupe.labels" -}}
{{ include "loupe.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: loupe
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* (root, image): the image reference, by digest if there is one, else by tag. */}}
{{- define "loupe.image" -}}
{{- $registry := .root.Values.global.imageRegistry -}}
{{- $name := ternary (printf "%s/%s" $registry .image.repository) .image.repository (ne $registry "") -}}
{{- if .image.digest -}}
{{- printf "%s@%s" $name .image.digest -}}
{{- else -}}
{{- printf "%s:%s" $name (coalesce .image.tag .root.Values.image.tag .root.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{/* (root, component, account: the values of a serviceAccount) */}}
{{- define "loupe.account" -}}
{{- if .account.name -}}
{{- .account.name -}}
{{- else if .account.create -}}
{{- printf "%s-%s" (include "loupe.fullname" .root) .component -}}
{{- else if eq .component "training-service" -}}
{{- fail "trainingService.serviceAccount.name is missing: required if trainingService.serviceAccount.create is false" -}}
{{- else -}}
default
{{- end -}}
{{- end -}}

{{/* oidc, token or insecure. */}}
{{- define "loupe.authMode" -}}
{{- /* An upgrade with --reuse-values may lack the values of this release. */ -}}
{{- $auth := .Values.auth | default dict -}}
{{- $mode := $auth.mode | default (ternary "insecure" "" .Values.demo.enabled) -}}
{{- required "auth.mode is missing: expected oidc or token (docs/guides/security.md), or insecure, with which everyone who reaches the services is an administrator" $mode -}}
{{- end -}}

{{/* Whether a Gateway or an Ingress leads all HTTP requests to the console, where persons log in. */}}
{{- define "loupe.hasLogin" -}}
{{- if and .Values.console.enabled (ne (include "loupe.authMode" .) "insecure") -}}true{{- end -}}
{{- end -}}

{{/* Issuer of the OpenID Connect provider. */}}
{{- define "loupe.issuer" -}}
{{- required "auth.oidc.issuer is missing: which provider do persons log in to, with auth.mode=oidc?" (.Values.auth.oidc | default dict).issuer -}}
{{- end -}}

{{/* Address of the console in browsers. */}}
{{- define "loupe.consoleUrl" -}}
{{- $v := .Values -}}
{{- $url := ($v.auth.login | default dict).url -}}
{{- if $url -}}
{{- $url -}}
{{- else if and $v.gateway.enabled $v.gateway.hostnames -}}
https://{{ first $v.gateway.hostnames }}
{{- else if $v.ingress.enabled -}}
https://{{ $v.ingress.host }}
{{- else -}}
http://127.0.0.1:8090
{{- end -}}
{{- end -}}

{{/* Host of PostgreSQL: CloudNativePG names the Service after its Cluster. */}}
{{- define "loupe.databaseHost" -}}
{{- if .Values.database.cloudNativePG.enabled -}}
{{ include "loupe.fullname" . }}-database-rw
{{- else -}}
{{- required "database.host is missing: where is PostgreSQL? (Or try Loupe out with demo.enabled=true)" .Values.database.host -}}
{{- end -}}
{{- end -}}

{{/* (root, schema): the Secret with the account that owns the schema. */}}
{{- define "loupe.databaseSecret" -}}
{{- $name := index .root.Values.database.existingSecrets .schema -}}
{{- required (printf "database.existingSecrets.%s is missing: which Secret has the account of %s-service in PostgreSQL?" .schema .schema) $name -}}
{{- end -}}

{{/* Namespace of the trainers, if it is not that of the release. */}}
{{- define "loupe.trainerNamespace" -}}
{{- ternary "" .Values.trainer.namespace (eq .Values.trainer.namespace .Release.Namespace) -}}
{{- end -}}

{{/* Host of the demonstration's servers that is resolvable from the trainers' namespace. */}}
{{- define "loupe.demoHost" -}}
{{ include "loupe.fullname" . }}-demo
{{- if include "loupe.trainerNamespace" . }}.{{ .Release.Namespace }}.svc{{ end }}
{{- end -}}

{{/* Strimzi names the Service after its Kafka. */}}
{{- define "loupe.bootstrapServers" -}}
{{- if and .Values.kafka.strimzi.enabled (ne .Values.kafka.securityProtocol "PLAINTEXT") -}}
{{- fail "kafka.securityProtocol: expected PLAINTEXT with kafka.strimzi.enabled, because its listener has no TLS and no authentication" -}}
{{- end -}}
{{- ternary (printf "%s-kafka-bootstrap:9092" (include "loupe.fullname" .)) .Values.kafka.bootstrapServers .Values.kafka.strimzi.enabled -}}
{{- end -}}

{{/* (root, api, who): fails if the cluster does not have an API that the values require. */}}
{{- define "loupe.requireApi" -}}
{{- if not (or (.root.Capabilities.APIVersions.Has .api) (has .api .root.Values.apiVersions)) -}}
{{- fail (printf "the cluster does not have the API %s: install %s first (to render without a cluster, add the API to apiVersions)" .api .who) -}}
{{- end -}}
{{- end -}}
