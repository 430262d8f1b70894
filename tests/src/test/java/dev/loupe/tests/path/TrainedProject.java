package dev.loupe.tests.path;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.RunRequest;
import dev.loupe.contracts.Task;
import dev.loupe.contracts.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Projects with models, for several tests. */
final class TrainedProject {
    /** An anomaly project of drawn surfaces with two model versions; version 1 is in production. */
    static final String SURFACES = "drawn-surfaces";

    /** A classification project of drawn surfaces, with one frozen dataset version and no model. */
    static final String CLASSES = "classes-to-train-further";

    /** A classification project of drawn surfaces with two equal model versions; version 1 is in production. */
    static final String TO_PROMOTE = "surfaces-to-promote";

    private static boolean trained;

    private TrainedProject() {}

    static synchronized void surfaces() throws IOException {
        if (trained) {
            return;
        }
        Connection loupe = RunningStack.loupe();
        Path folder = Files.createTempDirectory(Path.of("target"), "surfaces");
        loupe.datasets().createProject(SURFACES, Task.ANOMALY_DETECTION, "brushed surface");
        loupe.datasets().importImages(SURFACES, DrawnSurface.anomalyZip(folder));
        loupe.datasets().freeze(SURFACES, 1L, null);
        for (int version = 1; version <= 2; version++) {
            JsonNode run = train(SURFACES, anomaly(), version, true);
            assertEquals("SUCCEEDED", run.path("state").asText(), run.toPrettyString());
            JsonNode ready = loupe.models().awaitReady(SURFACES, run.path("id").asText());
            assertEquals(version, ready.path("number").asInt());
        }
        loupe.models().promote(SURFACES, "production", 1, false, "first");
        trained = true;
    }

    static void classes() throws IOException {
        freezeClasses(CLASSES);
    }

    static void toPromote() throws IOException {
        freezeClasses(TO_PROMOTE);
        Recipe recipe = new Recipe("transfer", Map.of("backbone", "random", "epochs", 5));
        for (int version = 1; version <= 2; version++) {
            JsonNode run = train(TO_PROMOTE, recipe, 1, true);
            RunningStack.loupe().models().awaitReady(TO_PROMOTE, run.path("id").asText());
        }
        RunningStack.loupe().models().promote(TO_PROMOTE, "production", 1, false, "first");
    }

    private static void freezeClasses(String project) throws IOException {
        Connection loupe = RunningStack.loupe();
        Path folder = Files.createTempDirectory(Path.of("target"), "classes");
        loupe.datasets().createProject(project, Task.CLASSIFICATION, "brushed surface");
        loupe.datasets().importImages(project, DrawnSurface.classesZip(folder, 12));
        loupe.datasets().freeze(project, 1L, null);
    }

    static JsonNode train(String project, Recipe recipe, long seed, boolean register) {
        JsonNode run = RunningStack.loupe().training().start(RunRequest.of(project, recipe, seed, register));
        return RunningStack.loupe().training().follow(run.path("id").asText(), _ -> {});
    }

    static Recipe anomaly() {
        return Recipe.of("patchcore");
    }

    static Recipe scratch(int epochs) {
        return new Recipe("scratch", Map.of("epochs", epochs, "batchSize", 16));
    }
}
