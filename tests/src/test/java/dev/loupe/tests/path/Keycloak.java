package dev.loupe.tests.path;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.testing.OidcProvider;
import dev.loupe.testing.TestAuthority;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;

/**
 * A Keycloak as a process of this machine, with the realm {@code factory} of {@code keycloak-realm.json} and the person {@value
 * #PERSON}. Commands of the install page create the roles and clients of Loupe. Access tokens live for {@link #LIFETIME}. Not
 * thread-safe.
 */
final class Keycloak implements AutoCloseable {
    static final String PERSON = "ann";
    /** As in keycloak-realm.json. */
    static final Duration LIFETIME = Duration.ofSeconds(20);

    private static final String ADMINISTRATOR = "administrator";
    private static final String TRUST = "authority.p12";
    private static final String REALM = "/realms/factory";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path home;
    private final String host;
    private final int port;
    /** Of its certificate; null: it speaks http. */
    private final TestAuthority authority;

    private final HttpClient http = HttpClient.newHttpClient();
    private Process process;
    private int keys;

    /**
     * Starts it, without roles and clients of Loupe.
     *
     * @param distribution the folder that Keycloak's archive contains
     * @param home is replaced by a copy of it
     * @param host address of this machine that it listens on
     * @param authority of its certificate; null: it speaks http
     */
    Keycloak(Path distribution, Path home, String host, int port, TestAuthority authority) throws IOException {
        this.home = home;
        this.host = host;
        this.port = port;
        this.authority = authority;
        FileUtils.deleteDirectory(home.toFile());
        FileUtils.copyDirectory(distribution.toFile(), home.toFile());
        Files.copy(
                Path.of("src/test/resources/keycloak-realm.json"),
                Files.createDirectories(home.resolve("data/import")).resolve("factory.json"));
        if (authority != null) {
            authority.issueForAddress(host).writeTo(home);
            authority.writeTrustStore(home.resolve(TRUST), ADMINISTRATOR);
        }
        start();
    }

    /**
     * Runs the commands that the install page shows, with the addresses of this machine. Stops if they fail.
     *
     * @param console address of the console that persons log in to
     */
    void configure(String console) throws IOException {
        try {
            runThePagesCommands(console);
        } catch (IOException | AssertionError failed) {
            stop();
            throw failed;
        }
    }

    private void runThePagesCommands(String console) throws IOException {
        Matcher block = Pattern.compile("^```text\\n(kcadm.sh config .*?)^```", Pattern.MULTILINE | Pattern.DOTALL)
                .matcher(Files.readString(LoupeProgram.HOME.resolve("docs/guides/install.md")));
        if (!block.find()) {
            throw new AssertionError("the install page has no commands of Keycloak");
        }
        String commands = withAddresses(block.group(1), console);
        Path output = home.resolve("configuration");
        ProcessBuilder shell = new ProcessBuilder("bash", "-euc", commands)
                .directory(home.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        shell.environment().putAll(environment());
        shell.environment().put("CLIENT_SECRET", OidcProvider.SECRET);
        try {
            if (shell.start().waitFor() != 0) {
                throw new AssertionError(commands + "\n" + Files.readString(output));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** The text of a page, with this Keycloak, its administrator and the console's address in it. */
    String withAddresses(String text, String console) {
        return text.replace("kcadm.sh", "bash " + home.resolve("bin/kcadm.sh"))
                .replace("https://keycloak.example.org", address(""))
                .replace("https://loupe.example.org", console)
                .replace("--user admin", "--user " + ADMINISTRATOR);
    }

    /** What Keycloak's command line needs: the password that it would ask for, where it keeps its session, whom it trusts. */
    Map<String, String> environment() {
        String trust = authority == null
                ? ""
                : " -Djavax.net.ssl.trustStorePassword=%s -Djavax.net.ssl.trustStore=%s"
                        .formatted(ADMINISTRATOR, home.resolve(TRUST));
        return Map.of("KC_CLI_PASSWORD", ADMINISTRATOR, "KC_OPTS", "-Duser.home=" + home + trust);
    }

    String issuer() {
        return address(REALM);
    }

    private String address(String path) {
        return (authority == null ? "http://" : "https://") + host + ":" + port + path;
    }

    /** Returns when it answers. Sessions that began before it was stopped go on. */
    void start() throws IOException {
        Path log = home.resolve("log");
        Files.deleteIfExists(log);
        List<String> arguments = new ArrayList<>(List.of(
                "bash", home.resolve("bin/kc.sh").toString(), "start-dev", "--import-realm", "--http-host=" + host));
        arguments.addAll(
                authority == null
                        ? List.of("--http-port=" + port)
                        : List.of(
                                "--http-enabled=false",
                                "--https-port=" + port,
                                "--https-certificate-file=" + home.resolve("tls.crt"),
                                "--https-certificate-key-file=" + home.resolve("tls.key")));
        ProcessBuilder command =
                new ProcessBuilder(arguments).redirectErrorStream(true).redirectOutput(log.toFile());
        command.environment().put("KC_BOOTSTRAP_ADMIN_USERNAME", ADMINISTRATOR);
        command.environment().put("KC_BOOTSTRAP_ADMIN_PASSWORD", ADMINISTRATOR);
        process = command.start();
        try {
            await().atMost(Duration.ofMinutes(5)).until(() -> {
                if (!process.isAlive()) {
                    throw new AssertionError("Keycloak ended:\n" + Files.readString(log));
                }
                return Files.readString(log).contains("Listening on:");
            });
        } catch (RuntimeException | AssertionError failed) {
            stop();
            throw failed;
        }
    }

    /** Nothing answers at its address any more. */
    void stop() {
        List<ProcessHandle> ended = Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList();
        ended.forEach(ProcessHandle::destroy);
        for (ProcessHandle handle : ended) {
            try {
                handle.onExit().get(30, TimeUnit.SECONDS);
            } catch (Exception stays) {
                handle.destroyForcibly();
            }
        }
    }

    /** The person has this role of Loupe, and no other, in tokens that are issued from now on. */
    void setRole(String role) {
        String mappings = "/users/" + personId() + "/role-mappings/realm";
        List<JsonNode> roles = Stream.of("loupe-viewer", "loupe-engineer", "loupe-admin")
                .map(name -> administer("GET", "/roles/" + name, null))
                .toList();
        administer("DELETE", mappings, roles);
        administer(
                "POST",
                mappings,
                roles.stream()
                        .filter(candidate -> candidate.path("name").asText().equals("loupe-" + role))
                        .toList());
    }

    /** Signs with a new key from now on. */
    void rotateKey() {
        keys++;
        administer(
                "POST",
                "/components",
                Map.of(
                        "name",
                        "rotated-" + keys,
                        "providerId",
                        "rsa-generated",
                        "providerType",
                        "org.keycloak.keys.KeyProvider",
                        "config",
                        Map.of("priority", List.of(String.valueOf(100 + keys)))));
    }

    /** Ends all sessions of the person. */
    void endSessions() {
        administer("POST", "/users/" + personId() + "/logout", null);
    }

    /** Whether a refresh token of the command line still gets an access token. */
    boolean accepts(String refreshToken) {
        return form(
                                issuer() + "/protocol/openid-connect/token",
                                "grant_type=refresh_token&client_id=loupe-cli&refresh_token=" + refreshToken)
                        .statusCode()
                == 200;
    }

    private String personId() {
        return administer("GET", "/users?username=" + PERSON, null)
                .path(0)
                .path("id")
                .asText();
    }

    private JsonNode administer(String method, String path, Object body) {
        HttpResponse<String> login = form(
                address("/realms/master/protocol/openid-connect/token"),
                "grant_type=password&client_id=admin-cli&username=" + ADMINISTRATOR + "&password=" + ADMINISTRATOR);
        try {
            HttpResponse<String> answer = send(HttpRequest.newBuilder(URI.create(address("/admin" + REALM + path)))
                    .header(
                            "Authorization",
                            "Bearer "
                                    + JSON.readTree(login.body())
                                            .path("access_token")
                                            .asText())
                    .header("Content-Type", "application/json")
                    .method(
                            method,
                            body == null
                                    ? BodyPublishers.noBody()
                                    : BodyPublishers.ofString(JSON.writeValueAsString(body)))
                    .build());
            if (answer.statusCode() / 100 != 2) {
                throw new AssertionError(method + " " + path + ": " + answer.statusCode() + " " + answer.body());
            }
            return JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private HttpResponse<String> form(String address, String body) {
        return send(HttpRequest.newBuilder(URI.create(address))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(body))
                .build());
    }

    private HttpResponse<String> send(HttpRequest request) {
        try {
            return http.send(request, BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        stop();
        http.close();
    }
}
