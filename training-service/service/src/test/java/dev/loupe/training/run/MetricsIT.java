package dev.loupe.training.run;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.testing.DevstackTestResource;
import dev.loupe.training.FakeTrainer;
import dev.loupe.training.Scene;
import dev.loupe.training.TrainerProcessResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What a Prometheus sees of runs, queue, launcher and outbox. */
@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "training"))
@QuarkusTestResource(TrainerProcessResource.class)
class MetricsIT {
    @Test
    void runsTheQueueTheLauncherAndTheOutboxAreCounted() throws Exception {
        double before = value("loupe_runs_ended_total{state=\"succeeded\"}");
        double sent = value("loupe_outbox_sent_total");
        String held = Scene.run(FakeTrainer.HOLD);
        Scene.awaitState(held, "RUNNING");
        String queued = Scene.run(FakeTrainer.SUCCEED);
        await().atMost(Duration.ofMinutes(2))
                .until(() -> value("loupe_runs{state=\"running\"}") == 1 && value("loupe_runs{state=\"queued\"}") == 1);
        assertTrue(value("loupe_queue_oldest_seconds") > 0);

        java.nio.file.Files.createFile(Scene.folder(held, 1).resolve("go"));
        Scene.awaitState(queued, "SUCCEEDED");
        await().atMost(Duration.ofMinutes(2))
                .until(() -> value("loupe_runs_ended_total{state=\"succeeded\"}") == before + 2
                        && value("loupe_runs{state=\"running\"}") == 0
                        && value("loupe_outbox_sent_total") >= sent + 2
                        && value("loupe_outbox_waiting") == 0);
        assertTrue(value("loupe_launcher_launch_seconds_count{outcome=\"launched\"}") >= 2);
        assertTrue(value("loupe_launcher_observe_seconds_count{outcome=\"observed\"}") > 0);
    }

    /** Of a sample by its name and labels; 0 if there is none yet. */
    private static double value(String sample) {
        String metrics =
                given().get("/q/metrics").then().statusCode(200).extract().asString();
        Matcher matcher = Pattern.compile("^" + Pattern.quote(sample) + " (\\S+)$", Pattern.MULTILINE)
                .matcher(metrics);
        return matcher.find() ? Double.parseDouble(matcher.group(1)) : 0;
    }
}
