package dev.loupe.tests.cluster;

import static dev.loupe.tests.cluster.InstalledLoupe.NAMESPACE;
import static dev.loupe.tests.cluster.InstalledLoupe.PROJECT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.server.Training;
import dev.loupe.client.ClientException;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;

/** A run of the project, observed through the API and the cluster. */
record ObservedRun(String id) {
    private static final Duration PATIENCE = Duration.ofMinutes(6);
    private static final String RUN = "loupe.dev/run";

    /** Starts a long run, and waits for its first checkpoints. */
    static ObservedRun inTheMiddle() {
        return inTheMiddle(InstalledLoupe.train(24, 7));
    }

    static ObservedRun inTheMiddle(String id) {
        ObservedRun run = new ObservedRun(id);
        run.awaitMiddle();
        return run;
    }

    void awaitMiddle() {
        await(
                "is in the middle",
                state -> state.path("state").asText().equals("RUNNING")
                        && state.path("progress").path("phase").asText().equals("train")
                        && state.path("progress").path("done").asInt() >= 4);
    }

    JsonNode state() {
        try {
            return InstalledLoupe.loupe().training().run(id);
        } catch (ClientException lost) {
            return InstalledLoupe.reconnect().training().run(id);
        }
    }

    /** Waits for a state of the run, and returns it. Retries while the service is unavailable. */
    JsonNode await(String what, Predicate<JsonNode> so) {
        return org.awaitility.Awaitility.await("run " + what)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(300))
                .ignoreExceptionsInstanceOf(ClientException.class)
                .until(this::state, so);
    }

    JsonNode awaitState(String name) {
        return await("is " + name, state -> {
            boolean so = state.path("state").asText().equals(name);
            assertTrue(so || !Training.isFinal(state), state::toPrettyString);
            return so;
        });
    }

    /** Waits until the run is queued with a reason that contains this text. */
    void awaitReason(String words) {
        await("waits: " + words, state -> {
            assertFalse(Training.isFinal(state), state::toPrettyString);
            return state.path("state").asText().equals("QUEUED")
                    && state.path("reason").asText().contains(words);
        });
    }

    /** Waits until the run succeeds in its first attempt, with one Job and one model version. */
    JsonNode assertSucceedsUncharged() {
        JsonNode end = await("ends", Training::isFinal);
        assertEquals("SUCCEEDED", end.path("state").asText(), end.toPrettyString());
        assertEquals(1, end.path("attempt").asInt(), end.toPrettyString());
        assertEquals(1, jobs().size(), "Jobs of its only attempt");
        InstalledLoupe.loupe().models().awaitReady(PROJECT, id);
        assertEquals(1, versions());
        return end;
    }

    /** Waits until the run succeeds from a checkpoint, with one model version. */
    void assertResumesAndSucceedsUncharged() {
        JsonNode end = assertSucceedsUncharged();
        assertFalse(end.path("resumedFrom").asText("").isBlank(), end.toPrettyString());
    }

    long versions() {
        return InstalledLoupe.loupe().models().versions(PROJECT).stream()
                .filter(version -> version.path("runId").asText().equals(id))
                .count();
    }

    List<Job> jobs() {
        return client().batch()
                .v1()
                .jobs()
                .inNamespace(NAMESPACE)
                .withLabel(RUN, id)
                .list()
                .getItems();
    }

    Job awaitJob() {
        return org.awaitility.Awaitility.await("Job of run " + id)
                .atMost(PATIENCE)
                .until(this::jobs, jobs -> !jobs.isEmpty())
                .getFirst();
    }

    List<Pod> pods() {
        return client().pods().inNamespace(NAMESPACE).withLabel(RUN, id).list().getItems();
    }

    private static KubernetesClient client() {
        return InstalledLoupe.client();
    }
}
