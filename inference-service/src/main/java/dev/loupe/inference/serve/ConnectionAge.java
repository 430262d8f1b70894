package dev.loupe.inference.serve;

import io.quarkus.grpc.api.ServerBuilderCustomizer;
import io.quarkus.grpc.runtime.config.GrpcServerConfiguration;
import io.vertx.grpc.VertxServerBuilder;
import jakarta.inject.Singleton;
import java.util.concurrent.TimeUnit;

/**
 * Ends connections in good order when they get old. Clients keep one for as long as it lasts: without this, new replicas
 * would get no traffic, and one that goes would cut off what it is asked at that moment.
 */
@Singleton
class ConnectionAge implements ServerBuilderCustomizer<VertxServerBuilder> {
    private final ConnectionConfig config;

    ConnectionAge(ConnectionConfig config) {
        this.config = config;
    }

    @Override
    public void customize(GrpcServerConfiguration server, VertxServerBuilder builder) {
        builder.nettyBuilder().maxConnectionAge(config.maxAge().toMillis(), TimeUnit.MILLISECONDS);
    }
}
