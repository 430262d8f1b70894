package dev.loupe.tests.path;

import static dev.loupe.tests.path.TrainedProject.SURFACES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.server.Json;
import dev.loupe.tests.path.DrawnSurface.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Unpacks the archive of the command line in an empty folder, and runs it with JAVA_HOME and a short PATH only. */
@ExtendWith(RunningStack.class)
class CommandLineArchiveIT {
    private static final Path PAGE = LoupeProgram.HOME.resolve("docs/reference/command-line.md");
    private static final Pattern BLOCK = Pattern.compile("^```bash\\n(.*?)^```", Pattern.MULTILINE | Pattern.DOTALL);

    @TempDir
    private Path folder;

    private record Ended(int status, String output) {}

    @BeforeAll
    static void train() throws IOException {
        TrainedProject.surfaces();
    }

    @BeforeEach
    void copyTheArchive() throws IOException {
        try (Stream<Path> built = Files.list(LoupeProgram.HOME.resolve("cli/target"))) {
            Path archive = built.filter(file -> file.toString().endsWith(".tar.gz"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("cli is not packaged"));
            Files.copy(archive, folder.resolve(archive.getFileName()));
        }
    }

    private Ended shell(String script) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("/bin/sh", "-e", "-c", script)
                .directory(folder.toFile())
                .redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("PATH", "/usr/bin:/bin");
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), output);
    }

    private static String server() {
        var endpoints = RunningStack.loupe().endpoints();
        return "dataset=%s,training=%s,inference=%s,grpc=%s"
                .formatted(endpoints.dataset(), endpoints.training(), endpoints.inference(), endpoints.grpc());
    }

    @Test
    void runsTheCommandsOfThePage() throws Exception {
        Matcher block = BLOCK.matcher(Files.readString(PAGE));
        assertTrue(block.find(), PAGE + " has a bash block");
        String script = block.group(1).replaceFirst("LOUPE_SERVER=\\S+", "LOUPE_SERVER='" + server() + "'");

        Ended ended = shell(script);

        assertEquals(0, ended.status(), ended.output());
        assertTrue(ended.output().contains(SURFACES), ended.output());
    }

    @Test
    void importsAndPredictsWithoutTheRepository() throws Exception {
        DrawnSurface.anomalyFolder(folder.resolve("images"));
        Files.write(folder.resolve("one.png"), DrawnSurface.png(4, Kind.SCRATCHED));

        Ended ended = shell("""
            tar -xzf loupe-cli-*.tar.gz --strip-components=1
            export LOUPE_SERVER='%s'
            bin/loupe projects create archive --task anomaly
            bin/loupe import archive images
            bin/loupe freeze archive
            bin/loupe predict %s one.png -o json >predictions.json
            """.formatted(server(), SURFACES));

        assertEquals(0, ended.status(), ended.output());
        JsonNode predictions = Json.read(Files.readString(folder.resolve("predictions.json")));
        assertEquals("abnormal", predictions.at("/0/answer").asText(), predictions.toString());
    }

    @Test
    void hasNoCommandsThatNeedTheRepository() throws Exception {
        Ended ended = shell("tar -xzf loupe-cli-*.tar.gz --strip-components=1; bin/loupe up");

        assertEquals(2, ended.status(), ended.output());
    }

    @Test
    void namesTheMissingServer() throws Exception {
        Ended ended = shell("tar -xzf loupe-cli-*.tar.gz --strip-components=1; bin/loupe projects -o json");

        assertEquals(2, ended.status(), ended.output());
        assertEquals("WRONG_USE", Json.read(ended.output()).path("code").asText(), ended.output());
    }

    @Test
    void refusesAnOlderJava() throws Exception {
        Path java = Files.createDirectories(folder.resolve("old/bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\necho '    java.specification.version = 21' >&2\n");
        assertTrue(java.toFile().setExecutable(true));

        Ended ended = shell("tar -xzf loupe-cli-*.tar.gz --strip-components=1; JAVA_HOME=$PWD/old bin/loupe projects");

        assertEquals(2, ended.status(), ended.output());
        assertEquals(List.of("loupe"), List.of(ended.output().split(":")[0]));
    }
}
