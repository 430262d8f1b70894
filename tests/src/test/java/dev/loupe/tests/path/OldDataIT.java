package dev.loupe.tests.path;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.server.Json;
import dev.loupe.tests.path.DrawnSurface.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A data folder that an earlier version has written, in a version that came after it. {@code LOUPE_BEFORE} is a folder with the
 * earlier version, such as a work tree of Git; its {@code ./loupe} builds it.
 */
@Tag("long")
class OldDataIT {
    private static final String ADMINISTRATOR = "loupe_" + "a".repeat(43);
    private static final String SHA256 = "8110e0a5f26eb9b2ae541ea1200e89e287d758a65ecb2ba9dedb0010d2467889";
    /** Set by hand on the earlier version. */
    private static final double THRESHOLD = 3;

    /** What people see: the answers of the earlier version must be part of the later one's. */
    private static final List<String> QUESTIONS = List.of(
            "projects list",
            "images list parts --limit 100",
            "findings parts",
            "versions parts",
            "runs list --project parts",
            "evaluations list --project parts",
            "models parts",
            "models show parts 1",
            "thresholds list parts 1",
            "aliases list parts",
            "aliases history parts",
            "policy get parts",
            "members list parts",
            "tokens list",
            "predictions list parts");

    /** What changes by itself: the last use of a token, when a page was read. */
    private static final List<String> OF_NOW = List.of("lastUsed", "lastUsedAt");

    @TempDir
    private Path folder;

    private Path data;
    private Process up;
    private int consolePort;
    private Path output;

    @BeforeEach
    void place() throws IOException {
        data = folder.resolve("data");
        Files.move(DrawnSurface.anomalyZip(folder), folder.resolve("parts.zip"));
        Files.write(folder.resolve("one.png"), DrawnSurface.png(4, Kind.SCRATCHED));
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (up != null) {
            up.destroy();
            assertTrue(up.waitFor(1, TimeUnit.MINUTES));
            up = null;
        }
    }

    @Test
    void allIsThereAndWorksAfterTheUpgrade() throws Exception {
        String earlier = System.getenv("LOUPE_BEFORE");
        assumeTrue(earlier != null, "skipped: LOUPE_BEFORE names no folder with an earlier version");
        Path before = Path.of(earlier);

        start(before);
        teach(before);
        String camera = created(before, "tokens create camera --role viewer --project parts");
        JsonNode predicted = predict(before, camera);
        assertTrue(predicted.path(0).path("score").asDouble() > 0, predicted.toString());
        // A prediction is logged a moment after its answer.
        await().atMost(Duration.ofMinutes(1))
                .until(() -> !Json.read(run(before, ADMINISTRATOR, "predictions list parts -o json"))
                        .isEmpty());
        Map<String, JsonNode> then = ask(before);
        stop();

        Path home = LoupeProgram.HOME;
        start(home);
        Map<String, JsonNode> now = ask(home);
        List<String> lost = new ArrayList<>();
        then.forEach((question, answer) -> compare(question, answer, now.get(question), lost));
        assertTrue(lost.isEmpty(), () -> String.join("\n", lost));
        for (String token : List.of(ADMINISTRATOR, camera)) {
            JsonNode again = predict(home, token);
            assertEquals(
                    predicted.path(0).path("score").asDouble(),
                    again.path(0).path("score").asDouble(),
                    1e-4,
                    again.toString());
            assertEquals(THRESHOLD, again.path(0).path("threshold").asDouble(), 1e-9, again.toString());
        }
        useWhatIsNew(home);
    }

    private void teach(Path home) throws Exception {
        run(home, ADMINISTRATOR, "projects create parts --task anomaly --item flange");
        run(home, ADMINISTRATOR, "import parts parts.zip");
        run(home, ADMINISTRATOR, "freeze parts");
        run(home, ADMINISTRATOR, "train parts --recipe patchcore --wait");
        run(home, ADMINISTRATOR, "promote parts 1");
        run(home, ADMINISTRATOR, "policy set parts --min-test-images 5");
        run(home, ADMINISTRATOR, "members set parts ann --role labeller");
        run(home, ADMINISTRATOR, "thresholds set parts 1 --method manual --reason tried --value " + THRESHOLD);
        run(home, ADMINISTRATOR, "predictions settings parts --mode full");
    }

    private Map<String, JsonNode> ask(Path home) throws Exception {
        Map<String, JsonNode> answers = new LinkedHashMap<>();
        for (String question : QUESTIONS) {
            answers.put(question, Json.read(run(home, ADMINISTRATOR, question + " -o json")));
        }
        return answers;
    }

    private JsonNode predict(Path home, String token) throws Exception {
        return Json.read(run(home, token, "predict parts one.png -o json"));
    }

    /** The new version goes on with the old data: the default tenant, another one, the audit log, a further training. */
    private void useWhatIsNew(Path home) throws Exception {
        JsonNode tenants = Json.read(run(home, ADMINISTRATOR, "tenants -o json"));
        assertEquals("default", tenants.at("/0/name").asText(), tenants.toString());
        assertEquals(1, tenants.size(), tenants.toString());
        run(home, ADMINISTRATOR, "audit verify");
        String acme = created(home, "tokens create admin --tenant acme --role admin");
        run(home, acme, "projects create acme.parts --task anomaly");
        assertFalse(run(home, acme, "projects list -o json").contains("\"parts\""));
        run(home, ADMINISTRATOR, "train parts --recipe patchcore --seed 2 --wait");
        run(home, ADMINISTRATOR, "promote parts 2");
        assertEquals(2, predict(home, ADMINISTRATOR).path(0).path("version").asInt());
    }

    private String created(Path home, String command) throws Exception {
        return Json.read(run(home, ADMINISTRATOR, command + " -o json"))
                .path("token")
                .asText();
    }

    /** Notes what of an earlier answer is not in a later one; objects may have got fields, and lists keep their order. */
    private static void compare(String place, JsonNode then, JsonNode now, List<String> lost) {
        if (then.isObject() && now.isObject()) {
            then.properties().stream()
                    .filter(field -> !OF_NOW.contains(field.getKey()))
                    .forEach(field ->
                            compare(place + "/" + field.getKey(), field.getValue(), now.path(field.getKey()), lost));
        } else if (then.isArray() && now.isArray() && then.size() == now.size()) {
            for (int i = 0; i < then.size(); i++) {
                compare(place + "/" + i, then.get(i), now.get(i), lost);
            }
        } else if (!then.equals(now)) {
            lost.add(place + ": " + then + " became " + now);
        }
    }

    private void start(Path home) throws IOException {
        output = Files.createTempFile(folder, "up", ".txt");
        consolePort = LoginBrowserIT.freePort();
        String ports = Stream.of("dataset", "training", "inference", "grpc")
                .map(each -> " --" + each + "-port 0")
                .collect(Collectors.joining("", "", " --console-port " + consolePort));
        up = process(home, ADMINISTRATOR, "up" + ports, output);
        await().atMost(Duration.ofMinutes(20)).until(() -> {
            assertTrue(up.isAlive(), () -> text(output));
            return text(output).contains("Problems are shown");
        });
    }

    private String run(Path home, String token, String command) throws IOException, InterruptedException {
        Path said = Files.createTempFile(folder, "said", ".txt");
        Process process = process(home, token, command, said);
        assertTrue(process.waitFor(15, TimeUnit.MINUTES), command);
        assertEquals(
                0, process.exitValue(), () -> command + "\n" + text(said) + text(errors(said)) + "\n" + text(output));
        return text(said);
    }

    private Process process(Path home, String token, String command, Path said) throws IOException {
        List<String> words = new ArrayList<>(List.of(home.resolve("loupe").toString()));
        words.addAll(List.of(command.split(" ")));
        words.addAll(List.of("--data", data.toString()));
        ProcessBuilder builder =
                new ProcessBuilder(words).directory(folder.toFile()).redirectOutput(said.toFile());
        builder.redirectError(errors(said).toFile());
        Map<String, String> environment = builder.environment();
        environment.put("LOUPE_AUTH_MODE", "token");
        environment.put("LOUPE_AUTH_ADMIN_TOKEN_SHA256", SHA256);
        environment.put("LOUPE_AUTH_COOKIE_KEY", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=");
        environment.put("LOUPE_CONSOLE_URL", "http://127.0.0.1:" + consolePort);
        environment.put("LOUPE_TOKEN", token);
        environment.remove("LOUPE_SERVER");
        return builder.start();
    }

    private static Path errors(Path said) {
        return said.resolveSibling(said.getFileName() + ".errors");
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
