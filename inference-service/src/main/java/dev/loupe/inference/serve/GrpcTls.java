package dev.loupe.inference.serve;

import dev.loupe.tls.server.Tls;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import jakarta.inject.Singleton;
import java.time.Duration;
import javax.net.ssl.SSLException;

/** TLS of the gRPC server. With {@code loupe.tls.client-ca}, a handshake without a client certificate fails. */
@Singleton
class GrpcTls {
    /** Time for which a session can be resumed without the certificates being checked again. */
    private static final Duration SESSION = Duration.ofMinutes(1);

    private final Tls tls;

    GrpcTls(Tls tls) {
        this.tls = tls;
    }

    void apply(NettyServerBuilder server) {
        tls.identity().ifPresent(identity -> {
            SslContextBuilder context = SslContextBuilder.forServer(identity).sessionTimeout(SESSION.toSeconds());
            tls.clientAuthorities()
                    .ifPresent(authorities -> context.trustManager(authorities).clientAuth(ClientAuth.REQUIRE));
            try {
                server.sslContext(
                        GrpcSslContexts.configure(context, SslProvider.JDK).build());
            } catch (SSLException e) {
                throw new IllegalStateException("the gRPC server can't speak TLS: " + e.getMessage(), e);
            }
        });
    }
}
