{{/* TLS of Loupe's servers, and authorities of the servers that pods call. An upgrade with --reuse-values may lack the values. */}}

{{- define "loupe.tlsEnabled" -}}
{{- if (.Values.tls | default dict).enabled }}true{{ end -}}
{{- end -}}

{{/* http or https: what the HTTP servers speak. */}}
{{- define "loupe.scheme" -}}
{{ ternary "https" "http" (eq (include "loupe.tlsEnabled" .) "true") }}
{{- end -}}

{{/* The scheme of probes, as a part of httpGet. */}}
{{- define "loupe.probeScheme" -}}
{{- if include "loupe.tlsEnabled" . }}
scheme: HTTPS
{{- end }}
{{- end -}}

{{/* Secret with `ca.crt` of the authorities of clients; empty: clients need no certificate. */}}
{{- define "loupe.clientCaSecret" -}}
{{- $tls := .Values.tls | default dict -}}
{{- if $tls.enabled }}{{ $tls.clientCaSecret }}{{ end -}}
{{- end -}}

{{/* (root, component): the Secret with its certificate. */}}
{{- define "loupe.tlsSecret" -}}
{{- $tls := .root.Values.tls -}}
{{- $key := .component | trimSuffix "-service" -}}
{{- if index $tls.secretNames $key -}}
{{- index $tls.secretNames $key -}}
{{- else if $tls.certManager.issuerRef -}}
{{- printf "%s-%s-tls" (include "loupe.fullname" .root) .component -}}
{{- else if and (eq $key "trainer") (include "loupe.trainerNamespace" .root) -}}
{{- fail "tls.secretNames.trainer is missing: expected a Secret in trainer.namespace with the ca.crt of tls.secretName" -}}
{{- else if and (eq $key "trainer") (include "loupe.clientCaSecret" .root) -}}
{{- fail "tls.secretNames.trainer is missing: expected a Secret with a client certificate of trainers, because tls.clientCaSecret is set" -}}
{{- else -}}
{{- required (printf "tls.secretName is missing: which Secret has the certificate of %s? (Or set tls.certManager.issuerRef)" .component) $tls.secretName -}}
{{- end -}}
{{- end -}}

{{/* (root, component): environment variables of the certificates of a server. */}}
{{- define "loupe.tlsEnv" -}}
{{- if include "loupe.tlsEnabled" .root -}}
- name: LOUPE_TLS_CERTIFICATE
  value: /etc/loupe-tls/own/tls.crt
- name: LOUPE_TLS_KEY
  value: /etc/loupe-tls/own/tls.key
{{- if eq .component "console" }}
- name: LOUPE_TLS_CA
  value: /etc/loupe-tls/own/ca.crt
{{- else if include "loupe.clientCaSecret" .root }}
- name: LOUPE_TLS_CLIENT_CA
  value: /etc/loupe-tls/client-ca/ca.crt
{{- end }}
{{- end -}}
{{- end -}}

{{/* (root): name → Secret of the authorities of PostgreSQL, Kafka and S3. */}}
{{- define "loupe.authorities" -}}
{{- if not .Values.demo.enabled }}
{{- with .Values.database.caSecret }}
database: {{ . }}
{{- end }}
{{- with .Values.kafka.caSecret }}
kafka: {{ . }}
{{- end }}
{{- with .Values.storage.caSecret }}
storage: {{ . }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Secret with `ca.crt` of the authorities of the OpenID Connect provider; empty: those of the Java runtime. */}}
{{- define "loupe.oidcCaSecret" -}}
{{- if eq (include "loupe.authMode" .) "oidc" }}{{ .Values.auth.oidc.caSecret }}{{ end -}}
{{- end -}}

{{/* (name, secret): a mounted authority. */}}
{{- define "loupe.tlsMount" -}}
- name: tls-{{ . }}
  mountPath: /etc/loupe-tls/{{ . }}
  readOnly: true
{{- end -}}

{{- define "loupe.caVolume" -}}
- name: tls-{{ .name }}
  secret:
    secretName: {{ .secret }}
    items:
      - key: ca.crt
        path: ca.crt
{{- end -}}

{{/* (root, component) */}}
{{- define "loupe.tlsMounts" -}}
{{- if include "loupe.tlsEnabled" .root }}
{{ include "loupe.tlsMount" "own" }}
{{- if and (include "loupe.clientCaSecret" .root) (ne .component "console") }}
{{ include "loupe.tlsMount" "client-ca" }}
{{- end }}
{{- end }}
{{- if ne .component "console" }}
{{- range $name, $_ := include "loupe.authorities" .root | fromYaml }}
{{ include "loupe.tlsMount" $name }}
{{- end }}
{{- end }}
{{- if include "loupe.oidcCaSecret" .root }}
{{ include "loupe.tlsMount" "oidc" }}
{{- end }}
{{- end -}}

{{/* (root, component) */}}
{{- define "loupe.tlsVolumes" -}}
{{- if include "loupe.tlsEnabled" .root }}
- name: tls-own
  secret:
    secretName: {{ include "loupe.tlsSecret" . }}
{{- if and (include "loupe.clientCaSecret" .root) (ne .component "console") }}
{{ include "loupe.caVolume" (dict "name" "client-ca" "secret" (include "loupe.clientCaSecret" .root)) }}
{{- end }}
{{- end }}
{{- if ne .component "console" }}
{{- range $name, $secret := include "loupe.authorities" .root | fromYaml }}
{{ include "loupe.caVolume" (dict "name" $name "secret" $secret) }}
{{- end }}
{{- end }}
{{- with include "loupe.oidcCaSecret" .root }}
{{ include "loupe.caVolume" (dict "name" "oidc" "secret" .) }}
{{- end }}
{{- end -}}

{{/* Trainers get the authority of training-service, and a certificate of their own only if it demands one. */}}
{{- define "loupe.trainerTlsEnv" -}}
{{- if include "loupe.tlsEnabled" . }}
- name: LOUPE_TLS_CA
  value: /etc/loupe-tls/own/ca.crt
{{- if include "loupe.clientCaSecret" . }}
- name: LOUPE_TLS_CERTIFICATE
  value: /etc/loupe-tls/own/tls.crt
- name: LOUPE_TLS_KEY
  value: /etc/loupe-tls/own/tls.key
{{- end }}
{{- end }}
{{- if get (include "loupe.authorities" . | fromYaml) "storage" }}
- name: LOUPE_STORAGE_CA
  value: /etc/loupe-tls/storage/ca.crt
{{- end }}
{{- end -}}

{{- define "loupe.trainerTlsMounts" -}}
{{- if include "loupe.tlsEnabled" . }}
{{ include "loupe.tlsMount" "own" }}
{{- end }}
{{- if get (include "loupe.authorities" . | fromYaml) "storage" }}
{{ include "loupe.tlsMount" "storage" }}
{{- end }}
{{- end -}}

{{- define "loupe.trainerTlsVolumes" -}}
{{- if include "loupe.tlsEnabled" . }}
{{- $secret := include "loupe.tlsSecret" (dict "root" . "component" "trainer") }}
{{- if include "loupe.clientCaSecret" . }}
- name: tls-own
  secret:
    secretName: {{ $secret }}
{{- else }}
{{ include "loupe.caVolume" (dict "name" "own" "secret" $secret) }}
{{- end }}
{{- end }}
{{- with get (include "loupe.authorities" . | fromYaml) "storage" }}
{{ include "loupe.caVolume" (dict "name" "storage" "secret" .) }}
{{- end }}
{{- end -}}

{{/* (root, component): how Prometheus reads the metrics. */}}
{{- define "loupe.monitorTls" -}}
{{- if include "loupe.tlsEnabled" .root }}
{{- $secret := include "loupe.tlsSecret" . }}
scheme: https
tlsConfig:
  serverName: {{ include "loupe.fullname" .root }}-{{ .component }}
  ca:
    secret:
      name: {{ $secret }}
      key: ca.crt
  {{- if and (include "loupe.clientCaSecret" .root) (ne .component "console") }}
  cert:
    secret:
      name: {{ $secret }}
      key: tls.crt
  keySecret:
    name: {{ $secret }}
    key: tls.key
  {{- end }}
{{- end }}
{{- end -}}
