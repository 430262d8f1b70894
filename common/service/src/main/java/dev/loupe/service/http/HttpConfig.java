package dev.loupe.service.http;

import io.smallrye.config.ConfigMapping;
import java.util.List;
import java.util.Optional;

/**
 * Restricts requests by the host and the origin that a browser sends. Without either list, all requests are allowed.
 */
@ConfigMapping(prefix = "loupe.http")
interface HttpConfig {
    /**
     * Host names of the service, without ports: {@code localhost}, {@code [::1]}. Requests for other hosts are
     * rejected. Does not apply to probes and metrics below {@code /q/}, which are requested by the pod's address.
     */
    Optional<List<String>> allowedHosts();

    /**
     * Origins of web pages that may send requests that change something, in addition to the service's own: {@code
     * https://console.example.org}. Such requests from other pages are rejected.
     */
    Optional<List<String>> allowedOrigins();
}
