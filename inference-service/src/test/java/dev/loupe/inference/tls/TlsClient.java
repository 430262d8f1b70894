package dev.loupe.inference.tls;

import dev.loupe.oip.v2.GRPCInferenceServiceGrpc;
import dev.loupe.oip.v2.ServerLiveRequest;
import dev.loupe.tls.TlsAuthorities;
import dev.loupe.tls.TlsIdentity;
import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;

/** A client with the files of its folder: {@code ca.crt}, and {@code tls.crt} with {@code tls.key} if they are there. */
final class TlsClient {
    private final Path folder;
    private final int httpPort;
    private final int grpcPort;
    private final TlsIdentity identity;
    private final TlsAuthorities authorities;

    TlsClient(Path folder, int httpPort, int grpcPort) {
        this.folder = folder;
        this.httpPort = httpPort;
        this.grpcPort = grpcPort;
        Path certificate = folder.resolve("tls.crt");
        identity = Files.exists(certificate)
                ? new TlsIdentity("certificate", certificate, "key", folder.resolve("tls.key"))
                : null;
        authorities = new TlsAuthorities("ca", folder.resolve("ca.crt"));
    }

    Path folder() {
        return folder;
    }

    void reload() {
        identity.reload();
        authorities.reload();
    }

    /** A new context: it resumes no session. */
    SSLContext context() {
        return TlsAuthorities.context(authorities, identity);
    }

    HttpClient httpClient() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(context())
                .build();
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        try (HttpClient http = httpClient()) {
            return get(http, path);
        }
    }

    HttpResponse<String> get(HttpClient http, String path) throws IOException, InterruptedException {
        return http.send(request("https", path).build(), BodyHandlers.ofString());
    }

    HttpResponse<String> getInPlainText(String path) throws IOException, InterruptedException {
        try (HttpClient http = httpClient()) {
            return http.send(request("http", path).build(), BodyHandlers.ofString());
        }
    }

    HttpResponse<String> post(HttpClient http, String path, byte[] body) throws IOException, InterruptedException {
        return http.send(
                request("https", path)
                        .header("Content-Type", "image/png")
                        .POST(BodyPublishers.ofByteArray(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String scheme, String path) {
        return HttpRequest.newBuilder(URI.create(scheme + "://localhost:" + httpPort + path))
                .timeout(Duration.ofSeconds(30));
    }

    ManagedChannel channel() {
        try {
            SslContextBuilder context = SslContextBuilder.forClient().trustManager(authorities);
            if (identity != null) {
                context.keyManager(identity);
            }
            return NettyChannelBuilder.forAddress("localhost", grpcPort)
                    .sslContext(
                            GrpcSslContexts.configure(context, SslProvider.JDK).build())
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException(e);
        }
    }

    boolean grpcIsLive() {
        ManagedChannel channel = channel();
        try {
            return GRPCInferenceServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(30, TimeUnit.SECONDS)
                    .serverLive(ServerLiveRequest.getDefaultInstance())
                    .getLive();
        } finally {
            channel.shutdownNow();
        }
    }

    /** The certificate that both servers answer with; null while they differ. */
    X509Certificate servedCertificate() throws IOException {
        X509Certificate http = servedCertificate(httpPort);
        return http.equals(servedCertificate(grpcPort)) ? http : null;
    }

    private X509Certificate servedCertificate(int port) throws IOException {
        try (SSLSocket socket = (SSLSocket) context().getSocketFactory().createSocket("localhost", port)) {
            socket.startHandshake();
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }
    }
}
