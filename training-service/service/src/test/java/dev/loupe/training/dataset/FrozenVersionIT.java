package dev.loupe.training.dataset;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.devstack.DevstackTestResource;
import dev.loupe.events.v1.DatasetVersionFrozen;
import dev.loupe.events.v1.Task;
import dev.loupe.training.Scene;
import dev.loupe.training.TrainerProcessResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "training"))
@QuarkusTestResource(TrainerProcessResource.class)
class FrozenVersionIT {
    private static final String TYPE = "dev.loupe.dataset-version-frozen.v1";

    @Inject
    DatasetVersions versions;

    @Test
    void aVersionThatIsAnnouncedAgainStaysAsItWas() {
        DatasetVersionFrozen event = Scene.frozen(Task.CLASSIFICATION);
        byte[] changed = event.toBuilder().setTrainImages(99).build().toByteArray();
        Scene.send(UUID.randomUUID().toString(), TYPE, changed);
        DatasetVersionFrozen second = event.toBuilder()
                .setNumber(2)
                .setDatasetVersionId(UUID.randomUUID().toString())
                .build();
        Scene.send(UUID.randomUUID().toString(), TYPE, second.toByteArray());

        await().until(() -> versions.require(event.getProjectId(), null).number() == 2);
        assertEquals(10, versions.require(event.getProjectName(), 1).trainImages());
    }

    @Test
    void whatNobodyUnderstandsGoesToTheDeadLettersAndTheNextVersionIsHeard() {
        String mark = UUID.randomUUID().toString();
        Scene.send(mark, TYPE, ("no protobuf " + mark).getBytes(StandardCharsets.UTF_8));
        byte[] noUuid = Scene.version(Task.CLASSIFICATION)
                .setProjectId("no uuid " + mark)
                .build()
                .toByteArray();
        Scene.send(mark + "-2", TYPE, noUuid);
        Scene.send(mark + "-3", "dev.loupe.something-else.v1", noUuid);

        assertTrue(Scene.knows(Scene.frozen(Task.CLASSIFICATION).getProjectName()));
        long letters = Scene.records("loupe.dead-letters", all -> count(all, mark) >= 2).stream()
                .filter(letter -> text(letter.value()).contains(mark))
                .count();
        assertEquals(2, letters);
    }

    private static long count(
            java.util.List<org.apache.kafka.clients.consumer.ConsumerRecord<String, byte[]>> letters, String mark) {
        return letters.stream()
                .filter(letter -> text(letter.value()).contains(mark))
                .count();
    }

    private static String text(byte[] value) {
        return new String(value, StandardCharsets.UTF_8);
    }
}
