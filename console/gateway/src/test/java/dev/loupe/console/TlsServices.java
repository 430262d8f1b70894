package dev.loupe.console;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.loupe.testing.TestAuthority;
import dev.loupe.tls.TlsAuthorities;
import dev.loupe.tls.TlsIdentity;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/**
 * A gateway with TLS, in front of servers that demand its client certificate: dataset-service is right, training-service has
 * a certificate of another authority, inference-service has another host name than its address.
 */
public final class TlsServices implements QuarkusTestResourceLifecycleManager {
    private final List<HttpsServer> servers = new ArrayList<>();

    @Override
    public Map<String, String> start() {
        try {
            Path folder = Files.createTempDirectory(Path.of("target"), "tls").toAbsolutePath();
            TestAuthority authority = new TestAuthority("Loupe");
            TestAuthority other = new TestAuthority("other");
            authority.issue("console").writeTo(folder);
            Path ca = TestAuthority.write(folder.resolve("ca.crt"), authority);
            return Map.of(
                    "loupe.tls.certificate",
                    folder.resolve("tls.crt").toString(),
                    "loupe.tls.key",
                    folder.resolve("tls.key").toString(),
                    "loupe.tls.ca",
                    ca.toString(),
                    "loupe.console.dataset-service",
                    "https://127.0.0.1:" + serve(folder, "right", authority, ca),
                    "loupe.console.training-service",
                    "https://127.0.0.1:" + serve(folder, "foreign", other, ca),
                    "loupe.console.inference-service",
                    "https://127.0.0.2:" + serve(folder, "name", authority, ca));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private int serve(Path folder, String name, TestAuthority authority, Path clients) throws IOException {
        Path own = Files.createDirectory(folder.resolve(name));
        authority.issue(name).writeTo(own);
        SSLContext context = TlsAuthorities.context(
                new TlsAuthorities("clients", clients),
                new TlsIdentity("certificate", own.resolve("tls.crt"), "key", own.resolve("tls.key")));
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getByName("0.0.0.0"), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters demanding = context.getDefaultSSLParameters();
                demanding.setNeedClientAuth(true);
                parameters.setSSLParameters(demanding);
            }
        });
        server.createContext("/", exchange -> {
            byte[] body = name.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        });
        server.start();
        servers.add(server);
        return server.getAddress().getPort();
    }

    @Override
    public void stop() {
        servers.forEach(server -> server.stop(0));
    }
}
