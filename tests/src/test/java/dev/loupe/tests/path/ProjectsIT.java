package dev.loupe.tests.path;

import static dev.loupe.tests.path.TrainedProject.SURFACES;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.cli.server.Connection;
import dev.loupe.contracts.Task;
import dev.loupe.inference.v1.DetectAnomalyResponse;
import dev.loupe.tests.path.DrawnSurface.Kind;
import dev.loupe.tests.path.LoupeProgram.Ended;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Renames and deletions of projects, through all services. */
@ExtendWith(RunningStack.class)
class ProjectsIT {
    @TempDir
    Path folder;

    @Test
    void renamedProjectsModelAnswersToBothNames() throws Exception {
        TrainedProject.surfaces();
        String renamed = "surfaces-2";
        try {
            run(0, "projects", "rename", SURFACES, renamed);
            await().atMost(Duration.ofMinutes(2)).ignoreExceptions().until(() -> answers(renamed));
            assertTrue(answers(SURFACES), "the former name");
            assertTrue(run(0, "runs", "list", "--project", renamed).contains(renamed));
            // Other tests use this model, too.
            Ended refused = loupe("projects", "delete", renamed, "--yes");
            assertEquals(1, refused.status(), refused.output());
            assertTrue(refused.output().contains("--force"), refused.output());
        } finally {
            run(0, "projects", "rename", renamed, SURFACES);
        }
        await().atMost(Duration.ofMinutes(2)).ignoreExceptions().until(() -> answers(SURFACES));
    }

    @Test
    void deletedProjectIsGoneAndItsNameIsFree() throws Exception {
        Connection connection = RunningStack.loupe();
        connection.datasets().createProject("trial", Task.CLASSIFICATION, null);
        Ended unasked = loupe("projects", "delete", "trial");
        assertEquals(2, unasked.status(), unasked.output());
        assertTrue(unasked.output().contains("--yes"), unasked.output());

        run(0, "projects", "delete", "trial", "--yes");

        assertFalse(connection.datasets().projects().stream()
                .anyMatch(project -> project.path("name").asText().equals("trial")));
        connection.datasets().createProject("trial", Task.ANOMALY_DETECTION, null);
    }

    private static boolean answers(String model) {
        DetectAnomalyResponse answer = RunningStack.loupe()
                .predictions()
                .detectAnomaly(model, "", DrawnSurface.png(78, Kind.SCRATCHED), false);
        return answer.getAnomalous();
    }

    private String run(int status, String... arguments) throws IOException, InterruptedException {
        Ended ended = loupe(arguments);
        assertEquals(status, ended.status(), ended.output());
        return ended.output();
    }

    private Ended loupe(String... arguments) throws IOException, InterruptedException {
        return new LoupeProgram(folder, Map.of())
                .run(Stream.concat(Stream.of(arguments), Stream.of("--data", RunningStack.DATA.toString()))
                        .toList());
    }
}
