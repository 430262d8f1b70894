package dev.loupe.tests.path;

import static dev.loupe.tests.path.TrainedProject.SURFACES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.server.Json;
import dev.loupe.tests.path.DrawnSurface.Kind;
import dev.loupe.tests.path.LoupeProgram.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./loupe predict} and {@code ./loupe demo} with typical files of users. */
@ExtendWith(RunningStack.class)
class PredictIT {
    @TempDir
    private Path folder;

    private LoupeProgram loupe;

    @BeforeAll
    static void teach() throws IOException {
        TrainedProject.surfaces();
    }

    @BeforeEach
    void place() {
        loupe = new LoupeProgram(folder, Map.of());
    }

    private Ended run(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--data", RunningStack.DATA.toString()));
        return loupe.run(all);
    }

    private Path scratched(String file) throws IOException {
        Path path = folder.resolve(file);
        Files.createDirectories(path.getParent());
        return Files.write(path, DrawnSurface.png(file.hashCode(), Kind.SCRATCHED));
    }

    @Test
    void oneBadFileIsNamedAndTheOthersAreAnswered() throws Exception {
        scratched("good.png");
        Files.writeString(folder.resolve("text.png"), "this is not an image");
        scratched("last.png");

        Ended ended = run("predict", SURFACES, "good.png", "text.png", "missing.png", ".", "last.png", "-o", "json");

        assertEquals(1, ended.status(), ended.output());
        JsonNode answers = Json.read(ended.output());
        assertEquals(
                List.of("good.png", "text.png", "missing.png", ".", "last.png"),
                answers.findValuesAsText("file"),
                ended.output());
        for (int i = 0; i < 5; i++) {
            boolean good = i == 0 || i == 4;
            assertEquals(!good, answers.get(i).has("error"), answers.get(i).toString());
            assertEquals(good ? "abnormal" : "", answers.get(i).path("answer").asText());
            assertFalse(answers.get(i).path("error").asText().contains("image 0"), ended.output());
        }
        Ended table = run("predict", SURFACES, "text.png");
        assertEquals(1, table.status(), table.output());
        assertTrue(table.output().contains("failed: "), table.output());
    }

    @Test
    void equalNamesInTwoFoldersGetAHeatmapEach() throws Exception {
        scratched("a/1.png");
        scratched("b/1.png");

        Ended ended = run("predict", SURFACES, "a/1.png", "b/1.png", "--heatmaps", "out");

        assertEquals(0, ended.status(), ended.output());
        assertTrue(Files.size(folder.resolve("out/a/1-heatmap.png")) > 0);
        assertTrue(Files.size(folder.resolve("out/b/1-heatmap.png")) > 0);
    }

    @Test
    void fileOf40MegabytesIsAnsweredOrRefusedInTheMemoryThatThereIs() throws Exception {
        byte[] png = DrawnSurface.png(1, Kind.SCRATCHED);
        Files.write(folder.resolve("large.png"), Arrays.copyOf(png, 40_000_000));
        Files.write(folder.resolve("huge.png"), Arrays.copyOf(png, 70_000_000));
        scratched("good.png");

        Ended ended = run("predict", SURFACES, "large.png", "huge.png", "good.png", "--heatmaps", "out", "-o", "json");

        JsonNode answers = Json.read(ended.output());
        assertTrue(answers.get(1).path("error").asText().contains("MiB"), ended.output());
        assertEquals("abnormal", answers.get(2).path("answer").asText(), ended.output());
        assertTrue(answers.get(0).has("error") || answers.get(0).has("answer"), ended.output());
        assertEquals(1, ended.status(), ended.output());
    }

    @Test
    void demoOfAClassifierPredictsImagesWhoseSplitWasDrawn() throws Exception {
        Path zip = DrawnSurface.classesZip(folder, 12);

        JsonNode result = lastLine(run("demo", "--images", zip.toString(), "--task", "classification", "--json"));

        assertTrue(result.path("predictions").asInt() > 0, result.toString());
        assertTrue(result.path("testImages").asInt() > 0, result.toString());
    }

    @Test
    void demoWithGoodPartsOnlySkipsTheEvaluationAndPredicts() throws Exception {
        for (int i = 0; i < 24; i++) {
            Path file = folder.resolve("parts/good/" + i + ".png");
            Files.createDirectories(file.getParent());
            Files.write(file, DrawnSurface.png(i, Kind.SOUND));
        }

        Ended ended = run("demo", "--images", "parts", "--json");

        JsonNode result = lastLine(ended);
        assertTrue(ended.output().contains("Skip the evaluation: auroc needs normal and abnormal"), ended.output());
        assertTrue(result.path("value").isNull(), result.toString());
        assertTrue(result.path("predictions").asInt() > 0, result.toString());
    }

    private static JsonNode lastLine(Ended ended) throws Exception {
        assertEquals(0, ended.status(), ended.output());
        return Json.read(ended.output().lines().toList().getLast());
    }
}
