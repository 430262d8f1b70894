package dev.loupe.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.loupe.contracts.training.TrainerSpec.OutputRef;
import dev.loupe.storage.StoredObject;
import dev.loupe.vision.training.Checkpoint;
import dev.loupe.vision.training.Checkpoints;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredCheckpointsIT {
    @TempDir
    static Path scratch;

    private static Scene scene;

    private final OutputRef output = new OutputRef("loupe", "runs/" + UUID.randomUUID() + "/");
    private Path state;

    @BeforeAll
    static void open() throws IOException {
        scene = new Scene(scratch);
    }

    @AfterAll
    static void close() {
        scene.close();
    }

    @BeforeEach
    void makeAFolder() throws IOException {
        state = Files.createTempDirectory(scratch, "state");
        Files.writeString(state.resolve("features"), "never changes");
    }

    @Test
    void theNewestIsFoundAndTwoAreKept() throws IOException {
        Checkpoints checkpoints = checkpoints();
        assertEquals(Optional.empty(), checkpoints.latest());
        for (int epoch = 1; epoch <= 4; epoch++) {
            Files.writeString(state.resolve("weights"), "of epoch " + epoch);
            checkpoints.save("epoch " + epoch, state);
        }

        Checkpoint latest = checkpoints().latest().orElseThrow();
        assertEquals("epoch 4", latest.name());
        assertEquals("of epoch 4", Files.readString(latest.folder().resolve("weights")));
        assertEquals("never changes", Files.readString(latest.folder().resolve("features")));
        assertEquals(2, objects("manifests/").size());
        assertEquals(3, objects("files/").size(), "the weights of two epochs, the features once");
    }

    @Test
    void aCheckpointThatWasCutShortIsNotThere() throws IOException {
        Files.writeString(state.resolve("weights"), "1");
        checkpoints().save("epoch 1", state);
        scene.store.put(scene.at(output.prefix() + "checkpoints/files/" + "ab".repeat(32)), new byte[9], "a/b");

        assertEquals("epoch 1", checkpoints().latest().orElseThrow().name());
        checkpoints().save("epoch 2", state);
        assertEquals(2, objects("files/").size(), "what was cut short is removed");
    }

    @Test
    void anotherAttemptGoesOnCounting() throws IOException {
        checkpoints().save("epoch 1", state);
        checkpoints().save("epoch 2", state);
        Files.writeString(state.resolve("weights"), "3");
        checkpoints().save("epoch 3", state);
        assertEquals("epoch 3", checkpoints().latest().orElseThrow().name());
    }

    private Checkpoints checkpoints() throws IOException {
        return new StoredCheckpoints(scene.store, output, Files.createTempDirectory(scratch, "scratch"));
    }

    private List<StoredObject> objects(String under) {
        return scene.store.list(output.bucket(), output.prefix() + "checkpoints/" + under);
    }
}
