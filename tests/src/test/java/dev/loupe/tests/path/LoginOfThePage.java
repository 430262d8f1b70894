package dev.loupe.tests.path;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.testing.TestAuthority;
import dev.loupe.tests.path.LoupeProgram.Ended;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The section "With OpenID Connect" of the install page, with a Keycloak of this machine that pods reach by https, and with a
 * forwarded port in place of a Gateway. Other words of the page are not replaced. Not thread-safe.
 */
final class LoginOfThePage implements AutoCloseable {
    static final String HEADING = "With OpenID Connect";
    /** Address of Keycloak on the page. */
    private static final String ITS_NETWORK = "203.0.113.7/32";

    private final Path folder;
    private final URI console;
    private final Keycloak keycloak;
    private final String network;
    private Process forwarding;
    /** Blocks that wait for Keycloak's commands, which use their variables. */
    private String pending = "";

    /** Runs commands of a shell in the reader's folder; they must succeed. */
    interface Shell {
        void run(String commands, Map<String, String> variables) throws Exception;
    }

    /**
     * Starts Keycloak.
     *
     * @param folder the reader's; the file {@code keycloak-ca.crt} is written there
     * @param distribution the folder that Keycloak's archive contains
     * @param node IP address of the node, which must be this machine
     */
    LoginOfThePage(Path folder, Path distribution, String node) throws IOException {
        this.folder = folder;
        this.network = node + "/32";
        console = URI.create("http://127.0.0.1:" + LoginBrowserIT.freePort());
        TestAuthority authority = new TestAuthority("factory");
        TestAuthority.write(certificates(), authority);
        keycloak = new Keycloak(distribution, folder.resolve("keycloak"), node, LoginBrowserIT.freePort(), authority);
    }

    private Path certificates() {
        return folder.resolve("keycloak-ca.crt");
    }

    private String withAddresses(String text) {
        return keycloak.withAddresses(text, console.toString()).replace(ITS_NETWORK, network);
    }

    /** Writes the values that the page shows, with the line for a private authority. */
    void useValues(String block) throws IOException {
        String values = withAddresses(block).replace("# caSecret:", "caSecret:");
        assertTrue(values.contains("    caSecret: keycloak-ca\n") && values.contains(network), values);
        Files.writeString(folder.resolve("oidc-values.yaml"), values);
    }

    void follow(String block, Shell shell) throws Exception {
        if (!block.startsWith("helm ")) {
            pending += block;
            if (block.startsWith("kcadm.sh ")) {
                shell.run(withAddresses(pending), keycloak.environment());
                pending = "";
            }
            return;
        }
        assertEquals("", pending);
        List<String> lines = block.lines().toList();
        assertEquals(
                List.of(
                        "./loupe login --server https://loupe.example.org",
                        "./loupe whoami --server https://loupe.example.org"),
                lines.subList(1, lines.size()));
        shell.run(lines.getFirst(), Map.of());
        forwardThePort();
        logIn();
    }

    private void forwardThePort() throws IOException {
        ProcessBuilder command = new ProcessBuilder(
                        "kubectl",
                        "--namespace",
                        "loupe",
                        "port-forward",
                        "service/loupe-console",
                        console.getPort() + ":8090")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("forwarded").toFile());
        command.environment().put("KUBECONFIG", InstallPageIT.kubeconfig());
        forwarding = command.start();
        await().atMost(Duration.ofMinutes(1)).ignoreExceptions().until(() -> {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), console.getPort()));
                return true;
            }
        });
    }

    /** In the command line and in the console. */
    private void logIn() throws Exception {
        LoupeProgram program = new LoupeProgram(
                folder, Map.of("LOUPE_PROFILE", folder.resolve("profile.json").toString()));
        KeycloakIT.logIn(program, folder, console, "--ca", certificates().toString());
        Ended caller = program.run(List.of("whoami", "--server", console.toString()));
        assertEquals(0, caller.status(), caller.output());
        assertTrue(caller.output().contains("You are 'ann': admin in all projects."), caller.output());

        ConsoleIT.Outcome login =
                ConsoleIT.playwright(console, Map.of("LOUPE_KEYCLOAK_LOGIN", "true"), "keycloakLogin.spec.ts");
        assertEquals(0, login.status(), login::text);
    }

    @Override
    public void close() {
        if (forwarding != null) {
            forwarding.destroy();
        }
        keycloak.close();
    }
}
