package dev.loupe.service.http;

import io.smallrye.config.ConfigMapping;
import java.util.List;
import java.util.Optional;

/** Which requests are answered, by where a browser says that they come from. Without either list, all of them. */
@ConfigMapping(prefix = "loupe.http")
interface HttpConfig {
    /**
     * Host names under which the service is called, without ports: {@code localhost}, {@code [::1]}. A request for
     * another host is refused. Not for probes and metrics below {@code /q/}, which are called by the pod's address.
     */
    Optional<List<String>> allowedHosts();

    /**
     * Origins of web pages, besides the service's own, that may change something: {@code https://console.example.org}.
     * A request that changes something and comes from another page is refused.
     */
    Optional<List<String>> allowedOrigins();
}
