{{/* What pods are made of. All of them keep to Pod Security "restricted". */}}

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

{{/* Where the database, Kafka and the object storage are. */}}
{{- define "loupe.connections" -}}
{{- $v := .Values -}}
{{- $demo := printf "%s-demo" (include "loupe.fullname" .) -}}
{{- if $v.demo.enabled }}
- name: QUARKUS_DATASOURCE_JDBC_URL
  value: jdbc:postgresql://{{ $demo }}:5432/postgres
{{ include "loupe.secretEnv" (dict "name" "QUARKUS_DATASOURCE_USERNAME" "secret" $demo "key" "username") }}
{{ include "loupe.secretEnv" (dict "name" "QUARKUS_DATASOURCE_PASSWORD" "secret" $demo "key" "secret") }}
- name: KAFKA_BOOTSTRAP_SERVERS
  value: {{ $demo }}:9092
- name: LOUPE_STORAGE_ENDPOINT
  value: http://{{ $demo }}:9090
- name: LOUPE_STORAGE_BUCKET
  value: loupe
{{ include "loupe.secretEnv" (dict "name" "LOUPE_STORAGE_ACCESS_KEY" "secret" $demo "key" "accessKey") }}
{{ include "loupe.secretEnv" (dict "name" "LOUPE_STORAGE_SECRET_KEY" "secret" $demo "key" "secret") }}
{{- else }}
{{- $database := include "loupe.database" . | fromYaml }}
- name: QUARKUS_DATASOURCE_JDBC_URL
  value: {{ printf "jdbc:postgresql://%s:%v/%s%s" $database.host $v.database.port $v.database.name (ternary (printf "?%s" $v.database.parameters) "" (ne $v.database.parameters "")) | quote }}
{{ include "loupe.secretEnv" (dict "name" "QUARKUS_DATASOURCE_USERNAME" "secret" $database.secret "key" $v.database.usernameKey) }}
{{ include "loupe.secretEnv" (dict "name" "QUARKUS_DATASOURCE_PASSWORD" "secret" $database.secret "key" $v.database.passwordKey) }}
- name: KAFKA_BOOTSTRAP_SERVERS
  value: {{ required "kafka.bootstrapServers is missing: where is Kafka?" (include "loupe.bootstrapServers" .) | quote }}
{{- if ne $v.kafka.securityProtocol "PLAINTEXT" }}
- name: KAFKA_SECURITY_PROTOCOL
  value: {{ $v.kafka.securityProtocol }}
{{- end }}
{{- if hasPrefix "SASL" $v.kafka.securityProtocol }}
- name: KAFKA_SASL_MECHANISM
  value: {{ required "kafka.saslMechanism is missing: securityProtocol asks for one" $v.kafka.saslMechanism }}
{{ include "loupe.secretEnv" (dict "name" "KAFKA_SASL_JAAS_CONFIG" "secret" (required "kafka.existingSecret is missing: which Secret has the SASL login?" $v.kafka.existingSecret) "key" $v.kafka.jaasConfigKey) }}
{{- end }}
- name: LOUPE_STORAGE_ENDPOINT
  value: {{ required "storage.endpoint is missing: where is the S3 server?" $v.storage.endpoint | quote }}
- name: LOUPE_STORAGE_REGION
  value: {{ $v.storage.region | quote }}
- name: LOUPE_STORAGE_BUCKET
  value: {{ $v.storage.bucket | quote }}
{{- $secret := required "storage.existingSecret is missing: which Secret has the S3 account?" $v.storage.existingSecret }}
{{ include "loupe.secretEnv" (dict "name" "LOUPE_STORAGE_ACCESS_KEY" "secret" $secret "key" $v.storage.accessKeyKey) }}
{{ include "loupe.secretEnv" (dict "name" "LOUPE_STORAGE_SECRET_KEY" "secret" $secret "key" $v.storage.secretKeyKey) }}
{{- end }}
{{- end -}}

{{/* What services write, and where their spans go. */}}
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
{{- $texts := dict
      "IMAGE" (include "loupe.image" (dict "root" . "image" $t.image))
      "IMAGE_PULL_POLICY" .Values.image.pullPolicy
      "IMAGE_PULL_SECRETS" (include "loupe.names" .Values.global.imagePullSecrets)
      "SERVICE_ACCOUNT" (include "loupe.account" (dict "root" . "component" "trainer" "account" $t.serviceAccount))
      "LABELS" (merge (include "loupe.selector" (dict "root" . "component" "trainer") | fromYaml) (dict "app.kubernetes.io/part-of" "loupe") .Values.commonLabels | toJson)
      "ANNOTATIONS" (ternary (toJson $t.podAnnotations) "" (gt (len $t.podAnnotations) 0))
      "GPU_RESOURCE" $t.gpu.resourceName
      "GPU_COUNT" ($t.gpu.count | toString)
      "GPU_MAXIMUM" ($t.gpu.maximum | toString)
      "RESOURCES" (toJson $t.resources)
      "MAXIMUM_CPU" ($t.maximumResources.cpu | toString)
      "MAXIMUM_MEMORY" ($t.maximumResources.memory | toString)
      "SCRATCH_SIZE" $t.scratchSize
      "SHARED_MEMORY_SIZE" $t.sharedMemorySize
      "NODE_SELECTOR" (ternary (toJson $t.nodeSelector) "" (gt (len $t.nodeSelector) 0))
      "TOLERATIONS" (ternary (toJson $t.tolerations) "" (gt (len $t.tolerations) 0))
      "VOLUMES" (ternary (toJson $t.extraVolumes) "" (gt (len $t.extraVolumes) 0))
      "VOLUME_MOUNTS" (ternary (toJson $t.extraVolumeMounts) "" (gt (len $t.extraVolumeMounts) 0))
      "RUNTIME_CLASS" $t.runtimeClassName
      "PRIORITY_CLASS" $t.priorityClassName
      "QUEUE" $t.queueName
      "ACTIVE_DEADLINE" (printf "%ds" (int $t.activeDeadlineSeconds))
      "TTL_AFTER_FINISHED" (printf "%ds" (int $t.ttlSecondsAfterFinished))
      "TERMINATION_GRACE_PERIOD" (printf "%ds" (int $t.terminationGracePeriodSeconds))
      "ENVIRONMENT" (merge (deepCopy $t.env) (dict "LOUPE_LOG_JSON" (eq .Values.logging.format "json" | toString)) | toJson) -}}
- name: LOUPE_TRAINING_MAX_CONCURRENT_RUNS
  value: {{ $t.maxConcurrentRuns | quote }}
- name: LOUPE_TRAINING_MAX_ATTEMPTS
  value: {{ $t.maxAttempts | quote }}
- name: LOUPE_TRAINING_REPORT_ADDRESS
  value: http://{{ include "loupe.fullname" . }}-training-service.{{ .Release.Namespace }}.svc:8081
- name: LOUPE_TRAINING_LAUNCHER
  value: kubernetes
- name: LOUPE_TRAINING_KUBERNETES_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
{{- range $name, $text := $texts }}
{{- if $text }}
- name: LOUPE_TRAINING_KUBERNETES_{{ $name }}
  value: {{ $text | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{/* (list of {name}) → a,b */}}
{{- define "loupe.names" -}}
{{- $names := list -}}
{{- range . }}{{ $names = append $names .name }}{{ end -}}
{{- join "," $names -}}
{{- end -}}
