package dev.loupe.inference.serve;

import dev.loupe.service.access.GrpcAccess;
import io.grpc.netty.NettyServerBuilder;
import io.quarkus.grpc.api.ServerBuilderCustomizer;
import io.quarkus.grpc.runtime.config.GrpcServerConfiguration;
import io.vertx.grpc.VertxServerBuilder;
import jakarta.inject.Singleton;
import java.util.concurrent.TimeUnit;

/**
 * Limits what clients can use of the gRPC server: connections, calls, messages, time; and makes it speak TLS.
 *
 * <p>Old connections are closed gracefully. Clients use a connection for as long as it lasts: without this limit, new
 * replicas would get no traffic, and a replica that is shut down would abort the calls in progress.
 */
@Singleton
class ServerLimits implements ServerBuilderCustomizer<VertxServerBuilder> {
    private final ConnectionConfig config;
    private final ConnectionLimit connections;
    private final MessageAdmission admission;
    private final GrpcAccess access;
    private final GrpcTls tls;

    ServerLimits(
            ConnectionConfig config,
            ConnectionLimit connections,
            MessageAdmission admission,
            GrpcAccess access,
            GrpcTls tls) {
        this.tls = tls;
        this.access = access;
        this.config = config;
        this.connections = connections;
        this.admission = admission;
    }

    @Override
    public void customize(GrpcServerConfiguration server, VertxServerBuilder builder) {
        NettyServerBuilder netty = builder.nettyBuilder();
        tls.apply(netty);
        netty.maxConnectionAge(config.maxAge().toMillis(), TimeUnit.MILLISECONDS);
        netty.maxConnectionAgeGrace(config.maxAgeGrace().toMillis(), TimeUnit.MILLISECONDS);
        netty.maxConcurrentCallsPerConnection(config.maxCalls());
        netty.addTransportFilter(connections);
        // Fixed: a window that grows automatically, up to 8 MiB for each call, would use memory that no call has
        // reserved.
        netty.flowControlWindow(MessageAdmission.WINDOW);
        // A larger message is rejected by its reservation, with a status that says that a retry does not help.
        netty.maxInboundMessageSize(Integer.MAX_VALUE);
        netty.decompressorRegistry(ReceivedMessages.decompressors());
        netty.addStreamTracerFactory(admission);
        netty.intercept(access);
        netty.intercept(admission); // is called before the one above
        netty.intercept(new ArmHeaders.Interceptor());
    }
}
