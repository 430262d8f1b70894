package dev.loupe.training.launch;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How a trainer ended is seen, and its log is kept. */
@Tag("cluster")
class JobEndIT {
    @RegisterExtension
    private final JobScene scene = new JobScene();

    @Test
    void aTrainerThatEndsIsSeenAndItsLogIsKeptWhenItsPodIsGone() throws IOException {
        KubernetesJobLauncher launcher = scene.launcher("exit", "7");
        scene.launch(launcher);
        assertEquals(new ObservedJob.Ended(OptionalInt.of(7)), scene.awaitEnd(launcher));
        assertEquals("exiting with 7\n", scene.log(launcher, 0));
        assertEquals("with 7\n", scene.log(launcher, 8));

        launcher.discard(scene.name());
        JobScene.client()
                .batch()
                .v1()
                .jobs()
                .inNamespace(JobScene.namespace())
                .withName(scene.name().value())
                .delete();
        await().atMost(Duration.ofMinutes(2)).until(() -> scene.pods().isEmpty());

        assertEquals("exiting with 7\n", scene.log(launcher, 0));
        assertEquals(null, launcher.observe().get(scene.name()));
    }

    @Test
    void badConfigurationFailsTheJobAtOnce() {
        KubernetesJobLauncher launcher = scene.launcher("exit", "2");
        scene.launch(launcher);

        assertEquals(OptionalInt.of(2), ((ObservedJob.Ended) scene.awaitEnd(launcher)).exitCode());
        assertEquals(
                "PodFailurePolicy",
                scene.job().getStatus().getConditions().getLast().getReason());
    }

    @Test
    void aTrainerThatTakesMoreMemoryThanItMayIsSaidToHaveDoneSo() {
        KubernetesJobLauncher launcher = scene.launcher("allocate", "200");
        scene.launch(launcher);

        assertEquals(
                new ObservedJob.Ended(OptionalInt.of(137), "OUT_OF_MEMORY: it needed more than its limit of 64Mi"),
                scene.awaitEnd(launcher));
    }

    @Test
    void anAttemptThatTakesTooLongIsEnded() {
        KubernetesJobLauncher launcher = scene.launcher(Map.of("active-deadline", "3s"), "sleep", "600");
        scene.launch(launcher);

        String reason = ((ObservedJob.Ended) scene.awaitEnd(launcher)).reason();
        assertTrue(reason.startsWith("DEADLINE_EXCEEDED"), reason);
    }

    @Test
    void aTrainerThatIsStoppedEndsAndLeavesItsLog() throws IOException {
        KubernetesJobLauncher launcher = scene.launcher(Map.of("stop-grace", "0s"), "sleep", "600");
        scene.launch(launcher);
        scene.awaitRunning(launcher);
        await().atMost(Duration.ofMinutes(2)).until(() -> {
            launcher.stop(scene.name());
            return launcher.observe().get(scene.name()) == null;
        });
        launcher.discard(scene.name());

        assertEquals(
                null,
                JobScene.client()
                        .batch()
                        .v1()
                        .jobs()
                        .inNamespace(JobScene.namespace())
                        .withName(scene.name().value())
                        .get());
    }

    @Test
    void aTrainerThatIsAboutToEndIsLeftToDoSo() throws IOException {
        KubernetesJobLauncher launcher = scene.launcher("exit", "0");
        scene.launch(launcher);
        await().atMost(Duration.ofMinutes(2)).until(() -> {
            if (launcher.observe().get(scene.name()) instanceof ObservedJob.Running) {
                launcher.stop(scene.name()); // what is done once its result is there
            }
            return launcher.observe().get(scene.name()) instanceof ObservedJob.Ended;
        });

        launcher.discard(scene.name());
        assertEquals(
                "Complete", scene.job().getStatus().getConditions().getLast().getType(), "kept, for people to look at");
    }
}
