{{/* Parts of pods. All pods comply with Pod Security "restricted". */}}

{{- define "loupe.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "loupe.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "loupe.pullSecrets" -}}
{{- with .Values.global.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* (name, secret, key): an environment variable from a Secret. */}}
{{- define "loupe.secretEnv" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret }}
      key: {{ .key }}
{{- end -}}

{{/* (root, schema): environment variables for the database with the account that owns the schema, Kafka and the object storage. */}}
{{- define "loupe.connections" -}}
{{- $v := .root.Values -}}
{{- $demo := printf "%s-demo" (include "loupe.fullname" .root) -}}
{{- if $v.demo.enabled }}
- name: QUARKUS_DATASOURCE_JDBC_URL
  value: jdbc:postgresql://{{ $demo }}:5432/postgres
- name: QUARKUS_DATASOURCE_USERNAME
  value: {{ .schema }}
{{ include "loupe.secretEnv" (dict "name" "QUARKUS_DATASOURCE_PASSWORD" "secret" $demo "key" (printf "password-%s" .schema)) }}
- name: KAFKA_BOOTSTRAP_SERVERS
  value: {{ $demo }}:9092
- name: LOUPE_STORAGE_ENDPOINT
  value: http://{{ include "loupe.demoHost" .root }}:9090
- name: LOUPE_STORAGE_BUCKET
  value: loupe
{{ include "loupe.secretEnv" (dict "name" "LOUPE_STORAGE_ACCESS_KEY" "secret" $demo "key" "accessKey") }}
{{ include "loupe.secretEnv" (dict "name" "LOUPE_STORAGE_SECRET_KEY" "secret" $demo "key" "secretKey") }}
{{- else }}
{{- $account := include "loupe.databaseSecret" . }}
- name: QUARKUS_DATASOURCE_JDBC_URL
  value: {{ printf "jdbc:postgresql://%s:%v/%s%s" (include "loupe.databaseHost" .root) $v.database.port $v.database.name (include "loupe.databaseParameters" $v.database) | quote }}
{{ include "loupe.secretEnv" (dict "name" "QUARKUS_DATASOURCE_USERNAME" "secret" $account "key" $v.database.usernameKey) }}
{{ include "loupe.secretEnv" (dict "name" "QUARKUS_DATASOURCE_PASSWORD" "secret" $account "key" $v.database.passwordKey) }}
- name: KAFKA_BOOTSTRAP_SERVERS
  value: {{ required "kafka.bootstrapServers is missing: where is Kafka?" (include "loupe.bootstrapServers" .root) | quote }}
{{- if ne $v.kafka.securityProtocol "PLAINTEXT" }}
- name: KAFKA_SECURITY_PROTOCOL
  value: {{ $v.kafka.securityProtocol }}
{{- end }}
{{- include "loupe.kafkaTls" .root }}
{{- if hasPrefix "SASL" $v.kafka.securityProtocol }}
- name: KAFKA_SASL_MECHANISM
  value: {{ required "kafka.saslMechanism is missing: securityProtocol asks for one" $v.kafka.saslMechanism }}
{{ include "loupe.secretEnv" (dict "name" "KAFKA_SASL_JAAS_CONFIG" "secret" (required "kafka.existingSecret is missing: which Secret has the SASL login?" $v.kafka.existingSecret) "key" $v.kafka.jaasConfigKey) }}
{{- end }}
- name: LOUPE_STORAGE_ENDPOINT
  value: {{ required "storage.endpoint is missing: where is the S3 server?" $v.storage.endpoint | quote }}
{{- if $v.storage.caSecret }}
- name: LOUPE_STORAGE_CA
  value: /etc/loupe-tls/storage/ca.crt
{{- end }}
- name: LOUPE_STORAGE_REGION
  value: {{ $v.storage.region | quote }}
- name: LOUPE_STORAGE_BUCKET
  value: {{ $v.storage.bucket | quote }}
{{- $secret := required "storage.existingSecret is missing: which Secret has the S3 account?" $v.storage.existingSecret }}
{{ include "loupe.secretEnv" (dict "name" "LOUPE_STORAGE_ACCESS_KEY" "secret" $secret "key" $v.storage.accessKeyKey) }}
{{ include "loupe.secretEnv" (dict "name" "LOUPE_STORAGE_SECRET_KEY" "secret" $secret "key" $v.storage.secretKeyKey) }}
{{- end }}
{{- end -}}

{{/* (database): the parameters of the JDBC URL. */}}
{{- define "loupe.databaseParameters" -}}
{{- $parameters := list -}}
{{- if .caSecret -}}
{{- if contains "sslmode" .parameters -}}
{{- fail "database.parameters: expected no sslmode, because database.caSecret sets sslmode=verify-full" -}}
{{- end -}}
{{- $parameters = append $parameters "sslmode=verify-full&sslrootcert=/etc/loupe-tls/database/ca.crt" -}}
{{- end -}}
{{- with .parameters }}{{ $parameters = append $parameters . }}{{ end -}}
{{- with $parameters }}?{{ join "&" . }}{{ end -}}
{{- end -}}

{{/* Trust store and key store of Kafka clients, in PEM. */}}
{{- define "loupe.kafkaTls" -}}
{{- $kafka := .Values.kafka -}}
{{- if and (or $kafka.caSecret $kafka.clientCertificateSecret) (not (has $kafka.securityProtocol (list "SSL" "SASL_SSL"))) }}
{{- fail (printf "kafka.securityProtocol: expected SSL or SASL_SSL with kafka.caSecret or kafka.clientCertificateSecret, got %s" $kafka.securityProtocol) }}
{{- end }}
{{- if $kafka.caSecret }}
- name: KAFKA_SSL_TRUSTSTORE_TYPE
  value: PEM
- name: KAFKA_SSL_TRUSTSTORE_LOCATION
  value: /etc/loupe-tls/kafka/ca.crt
{{- end }}
{{- with $kafka.clientCertificateSecret }}
- name: KAFKA_SSL_KEYSTORE_TYPE
  value: PEM
{{ include "loupe.secretEnv" (dict "name" "KAFKA_SSL_KEYSTORE_CERTIFICATE_CHAIN" "secret" . "key" "tls.crt") }}
{{ include "loupe.secretEnv" (dict "name" "KAFKA_SSL_KEYSTORE_KEY" "secret" . "key" "tls.key") }}
{{- end }}
{{- end -}}

{{/* How the services know their callers: loupe.auth.* of their configuration. */}}
{{- define "loupe.authEnv" -}}
{{- $auth := .Values.auth | default dict -}}
{{- $mode := include "loupe.authMode" . -}}
- name: LOUPE_AUTH_MODE
  value: {{ ternary "disabled" $mode (eq $mode "insecure") }}
{{- if eq $mode "oidc" }}
- name: LOUPE_AUTH_OIDC_ISSUER
  value: {{ include "loupe.issuer" . | quote }}
- name: LOUPE_AUTH_OIDC_AUDIENCE
  value: {{ $auth.oidc.audience | quote }}
{{- if include "loupe.oidcCaSecret" . }}
- name: LOUPE_AUTH_OIDC_CA
  value: /etc/loupe-tls/oidc/ca.crt
{{- end }}
{{- range $name, $value := dict "ROLES_CLAIM" $auth.oidc.rolesClaim "ROLE_PREFIX" $auth.oidc.rolePrefix "NAME_CLAIM" $auth.oidc.nameClaim "GROUPS_CLAIM" $auth.oidc.groupsClaim "TENANT_CLAIM" $auth.oidc.tenantClaim }}
{{- if $value }}
- name: LOUPE_AUTH_OIDC_{{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- if eq $mode "insecure" }}
- name: LOUPE_AUTH_INSECURE
  value: "true"
{{- end }}
{{- if $auth.adminTokenSecret }}
{{ include "loupe.secretEnv" (dict "name" "LOUPE_AUTH_ADMIN_TOKEN_SHA256" "secret" $auth.adminTokenSecret "key" ($auth.adminTokenSha256Key | default "sha256")) }}
{{- end }}
{{- end -}}

{{/* How persons log in to the console: loupe.auth.* of its configuration. */}}
{{- define "loupe.loginEnv" -}}
{{- $mode := include "loupe.authMode" . -}}
- name: LOUPE_AUTH_MODE
  value: {{ ternary "disabled" $mode (eq $mode "insecure") }}
{{- if ne $mode "insecure" }}
{{- $login := .Values.auth.login | default dict }}
{{- $secret := required "auth.login.existingSecret is missing: which Secret has the key of the console's cookies? (Or install no console with console.enabled=false)" $login.existingSecret }}
- name: LOUPE_CONSOLE_URL
  value: {{ include "loupe.consoleUrl" . | quote }}
{{ include "loupe.secretEnv" (dict "name" "LOUPE_AUTH_COOKIE_KEY" "secret" $secret "key" ($login.cookieKeyKey | default "cookieKey")) }}
{{- if eq $mode "oidc" }}
- name: LOUPE_AUTH_OIDC_ISSUER
  value: {{ include "loupe.issuer" . | quote }}
{{- if include "loupe.oidcCaSecret" . }}
- name: LOUPE_AUTH_OIDC_CA
  value: /etc/loupe-tls/oidc/ca.crt
{{- end }}
- name: LOUPE_AUTH_OIDC_CLIENT_ID
  value: {{ $login.clientId | quote }}
{{- with $login.commandClientId }}
- name: LOUPE_AUTH_OIDC_COMMAND_CLIENT_ID
  value: {{ . | quote }}
{{- end }}
{{- if $login.clientSecretKey }}
{{ include "loupe.secretEnv" (dict "name" "LOUPE_AUTH_OIDC_CLIENT_SECRET" "secret" $secret "key" $login.clientSecretKey) }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Environment variables for logging and tracing. */}}
{{- define "loupe.telemetryEnv" -}}
- name: LOUPE_LOG_JSON
  value: {{ eq .Values.logging.format "json" | quote }}
{{- with .Values.telemetry }}
{{- if .otlpEndpoint }}
- name: LOUPE_TELEMETRY_OTLP_ENDPOINT
  value: {{ .otlpEndpoint | quote }}
- name: LOUPE_TELEMETRY_SAMPLE_RATIO
  value: {{ .sampleRatio | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{/* How training-service runs trainers: loupe.training.* and loupe.training.kubernetes.* of its configuration. */}}
{{- define "loupe.trainerEnv" -}}
{{- $t := .Values.trainer -}}
- name: LOUPE_TRAINING_MAX_CONCURRENT_RUNS
  value: {{ $t.maxConcurrentRuns | quote }}
- name: LOUPE_TRAINING_MAX_ATTEMPTS
  value: {{ $t.maxAttempts | quote }}
- name: LOUPE_TRAINING_REPORT_ADDRESS
  value: {{ include "loupe.scheme" . }}://{{ include "loupe.fullname" . }}-training-service.{{ .Release.Namespace }}.svc:8081
- name: LOUPE_TRAINING_LAUNCHER
  value: kubernetes
- name: LOUPE_TRAINING_KUBERNETES_NAMESPACE
  {{- with include "loupe.trainerNamespace" . }}
  value: {{ . }}
  {{- else }}
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
  {{- end }}
- name: LOUPE_TRAINING_KUBERNETES_POD_TEMPLATE
  value: {{ include "loupe.fullname" . }}-trainer
- name: LOUPE_TRAINING_KUBERNETES_GPU_RESOURCE
  value: {{ $t.gpu.resourceName }}
- name: LOUPE_TRAINING_KUBERNETES_GPU_COUNT
  value: {{ $t.gpu.count | quote }}
- name: LOUPE_TRAINING_KUBERNETES_GPU_MAXIMUM
  value: {{ $t.gpu.maximum | quote }}
- name: LOUPE_TRAINING_KUBERNETES_MAXIMUM_CPU
  value: {{ $t.maximumResources.cpu | quote }}
- name: LOUPE_TRAINING_KUBERNETES_MAXIMUM_MEMORY
  value: {{ $t.maximumResources.memory | quote }}
- name: LOUPE_TRAINING_KUBERNETES_ACTIVE_DEADLINE
  value: {{ int $t.activeDeadlineSeconds }}s
- name: LOUPE_TRAINING_KUBERNETES_TTL_AFTER_FINISHED
  value: {{ int $t.ttlSecondsAfterFinished }}s
{{- with $t.queueName }}
- name: LOUPE_TRAINING_KUBERNETES_QUEUE
  value: {{ . }}
{{- end }}
{{- range $i, $range := $t.priorityClasses }}
- name: LOUPE_TRAINING_KUBERNETES_PRIORITY_CLASSES_{{ $i }}__FROM
  value: {{ $range.from | quote }}
{{- with $range.pods }}
- name: LOUPE_TRAINING_KUBERNETES_PRIORITY_CLASSES_{{ $i }}__PODS
  value: {{ . }}
{{- end }}
{{- with $range.workloads }}
- name: LOUPE_TRAINING_KUBERNETES_PRIORITY_CLASSES_{{ $i }}__WORKLOADS
  value: {{ . }}
{{- end }}
{{- end }}
{{- with $t.recipesDirectory }}
- name: LOUPE_TRAINING_RECIPES_DIRECTORY
  value: {{ . }}
{{- end }}
{{- end -}}

{{/* (quantity) → whole mebibytes */}}
{{- define "loupe.mebibytes" -}}
{{- $text := . | toString -}}
{{- $bytes := dict "" 1.0 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "Ki" 1024.0 "Mi" 1048576.0 "Gi" 1073741824.0 "Ti" 1099511627776.0 -}}
{{- $unit := regexFind "[A-Za-z]*$" $text -}}
{{- if not (hasKey $bytes $unit) -}}
{{- fail (printf "%s: expected a quantity with one of the units k, M, G, T, Ki, Mi, Gi, Ti" $text) -}}
{{- end -}}
{{- divf (mulf (trimSuffix $unit $text | float64) (get $bytes $unit)) 1048576.0 | floor | int64 -}}
{{- end -}}

{{/*
(component, values of a service): what the memory limit is divided into. The local mode has the same shares
(dev.loupe.local.ServiceMemory). Without a limit, the JVM's own defaults hold.
*/}}
{{- define "loupe.memoryEnv" -}}
{{- $m := .values.memory -}}
{{- $limit := dig "limits" "memory" "" .values.resources -}}
{{- $sum := add $m.heapPercent $m.directPercent (default 0 $m.imagesPercent) (default 0 $m.modelsPercent) -}}
{{- if gt $sum 90 -}}
{{- fail (printf "memory of %s: expected shares of at most 90 percent in total, got %d" .component $sum) -}}
{{- end -}}
{{- if $limit -}}
{{- $mebibytes := include "loupe.mebibytes" $limit | int64 -}}
- name: JDK_JAVA_OPTIONS
  value: -Xmx{{ div (mul $mebibytes $m.heapPercent) 100 }}m -XX:MaxDirectMemorySize={{ div (mul $mebibytes $m.directPercent) 100 }}m
{{- with $m.imagesPercent }}
- name: LOUPE_IMAGES_DECODER_MEMORY
  value: {{ div (mul $mebibytes .) 100 }}M
{{- end }}
{{- with $m.modelsPercent }}
- name: LOUPE_INFERENCE_LOADING_MEMORY
  value: {{ div (mul $mebibytes .) 100 }}M
{{- end }}
{{- end -}}
{{- end -}}
