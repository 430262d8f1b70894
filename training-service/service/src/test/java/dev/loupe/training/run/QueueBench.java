package dev.loupe.training.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.loupe.events.v1.Task;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.training.Scene;
import dev.loupe.training.queue.TrainingQueue;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.util.Arrays;
import java.util.Locale;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

/**
 * What 10,000 queued runs cost: a benchmark, run by {@code ./loupe bench} and by no test. Prints medians in
 * milliseconds.
 */
@QuarkusTest
@TestProfile(QueueIT.NoReconciler.class)
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "training"))
class QueueBench {
    private static final int RUNS = 10_000;
    private static final int PROJECTS = 20;
    private static final int ROUNDS = 21;

    @Inject
    Jdbi jdbi;

    @Inject
    RunTransitions transitions;

    @Inject
    TrainingQueue queue;

    @Inject
    Runs runs;

    @Test
    void tenThousandQueuedRuns() {
        for (int i = 0; i < PROJECTS; i++) {
            String project = Scene.frozen(Task.CLASSIFICATION).getProjectName();
            jdbi.useHandle(handle -> handle.execute("""
                    insert into run (id, dataset_version_id, recipe, seed, register, priority)
                    select gen_random_uuid(), d.id, '{"name": "scratch"}', 1, true, mod(n, 3)
                    from dataset_version d, generate_series(1, ?) n where d.project_name = ?""", RUNS / PROJECTS, project));
        }
        assertEquals(RUNS, queue.places(1).size());
        UUID one = queue.places(1).keySet().iterator().next();

        print("whose turn it is, with every trainer busy", () -> transitions.startAttempts(0));
        print("whose turn it is, for 100 trainers", () -> queue.next(100));
        print("the place of every run", () -> queue.places(100));
        print("one queued run, as the API shows it", () -> runs.find(one));
    }

    private static void print(String what, Runnable task) {
        double[] milliseconds = new double[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            long begin = System.nanoTime();
            task.run();
            milliseconds[i] = (System.nanoTime() - begin) / 1e6;
        }
        Arrays.sort(milliseconds);
        System.out.printf(Locale.ROOT, "BENCH %d queued runs: %s: %.1f ms%n", RUNS, what, milliseconds[ROUNDS / 2]);
    }
}
