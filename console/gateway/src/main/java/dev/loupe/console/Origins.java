package dev.loupe.console;

import io.vertx.core.http.RequestOptions;
import jakarta.inject.Singleton;
import java.net.URI;

/** The addresses of the services; a wrong one stops the start. */
@Singleton
class Origins {
    private final ConsoleConfig config;

    Origins(ConsoleConfig config) {
        this.config = config;
        for (Service service : Service.values()) {
            URI address = address(service);
            if (address.getHost() == null
                    || !String.valueOf(address.getScheme()).matches("https?")) {
                throw new IllegalArgumentException("loupe.console." + service.label()
                        + ": expected an address like http://127.0.0.1:8080, got '" + address + "'");
            }
        }
    }

    /** Options of a request to the service, without method and path. */
    RequestOptions request(Service service) {
        URI address = address(service);
        boolean tls = address.getScheme().equals("https");
        int port = address.getPort() != -1 ? address.getPort() : tls ? 443 : 80;
        return new RequestOptions().setHost(address.getHost()).setPort(port).setSsl(tls);
    }

    private URI address(Service service) {
        return switch (service) {
            case DATASET -> config.datasetService();
            case TRAINING -> config.trainingService();
            case INFERENCE -> config.inferenceService();
        };
    }
}
