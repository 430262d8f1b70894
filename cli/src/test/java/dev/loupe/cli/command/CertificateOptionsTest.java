package dev.loupe.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.loupe.testing.TestAuthority;
import dev.loupe.tls.TlsAuthorities;
import dev.loupe.tls.TlsIdentity;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against an HTTPS server that demands client certificates. */
class CertificateOptionsTest {
    private static final String PROFILE = "loupe.profile";

    @TempDir
    Path folder;

    private HttpsServer server;

    private record Ended(int status, String output, String errors) {}

    @BeforeEach
    void start() throws IOException {
        System.setProperty(PROFILE, folder.resolve("profile.json").toString());
        TestAuthority authority = new TestAuthority("Loupe");
        TestAuthority.write(folder.resolve("ca.crt"), authority);
        TestAuthority.write(folder.resolve("other.crt"), new TestAuthority("Loupe"));
        authority.issue("cli").writeTo(folder);
        SSLContext context = TlsAuthorities.context(
                new TlsAuthorities("clients", folder.resolve("ca.crt")),
                new TlsIdentity("certificate", folder.resolve("tls.crt"), "key", folder.resolve("tls.key")));
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters demanding = context.getDefaultSSLParameters();
                demanding.setNeedClientAuth(true);
                parameters.setSSLParameters(demanding);
            }
        });
        server.createContext("/", exchange -> {
            String body = exchange.getRequestURI().getPath().endsWith("caller")
                    ? "{\"name\":\"token:ann\",\"kind\":\"TOKEN\",\"role\":\"ADMIN\",\"projects\":{},\"mode\":\"TOKEN\"}"
                    : "{\"items\":[]}";
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
        System.clearProperty(PROFILE);
    }

    private Ended loupe(String... line) {
        List<String> arguments = new ArrayList<>(List.of(line));
        arguments.add("--server=https://127.0.0.1:" + server.getAddress().getPort());
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
        try {
            int status = Loupe.run(arguments.toArray(String[]::new));
            return new Ended(status, output.toString(StandardCharsets.UTF_8), errors.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    private String option(String name, String file) {
        return "--" + name + "=" + folder.resolve(file);
    }

    @Test
    void connectsWithTheCertificatesOfTheOptionsAndNotWithout() {
        Ended unknown = loupe("projects");
        assertEquals(1, unknown.status());
        assertTrue(unknown.errors().contains("name it with --ca"), unknown.errors());
        Ended other = loupe("projects", option("ca", "other.crt"));
        assertEquals(1, other.status());
        Ended without = loupe("projects", option("ca", "ca.crt"));
        assertEquals(1, without.status());

        Ended with =
                loupe("projects", option("ca", "ca.crt"), option("certificate", "tls.crt"), option("key", "tls.key"));

        assertEquals(0, with.status(), with.errors());
    }

    @Test
    void saysWhichFileIsWrong() {
        Ended missing = loupe("projects", option("ca", "missing.crt"));
        assertEquals(2, missing.status());
        assertTrue(
                missing.errors()
                        .contains("--ca: " + folder.resolve("missing.crt") + ": expected a PEM file, got no such file"),
                missing.errors());
        Ended half = loupe("projects", option("certificate", "tls.crt"));
        assertEquals(2, half.status());
        assertTrue(half.errors().contains("expected both --certificate and --key"), half.errors());
    }

    @Test
    void loginKeepsTheNamesOfTheFilesUntilLogout() throws IOException {
        System.setIn(new ByteArrayInputStream(("loupe_" + "x".repeat(43)).getBytes(StandardCharsets.UTF_8)));
        Ended login = loupe(
                "login", "--token", option("ca", "ca.crt"), option("certificate", "tls.crt"), option("key", "tls.key"));
        assertEquals(0, login.status(), login.errors());

        assertEquals(0, loupe("projects").status());

        assertEquals(0, loupe("logout").status());
        assertEquals(1, loupe("projects").status());
        assertTrue(!Files.readString(folder.resolve("profile.json")).contains("ca.crt"));
    }
}
