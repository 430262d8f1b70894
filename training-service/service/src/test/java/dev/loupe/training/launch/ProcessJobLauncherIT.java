package dev.loupe.training.launch;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.contracts.training.TrainerSpec.OutputRef;
import dev.loupe.service.storage.StorageConfig;
import dev.loupe.testing.DevstackTestResource;
import dev.loupe.training.FakeTrainer;
import dev.loupe.training.TrainerProcessResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(value = DevstackTestResource.class, initArgs = @ResourceArg(name = "schema", value = "training"))
@QuarkusTestResource(TrainerProcessResource.class)
class ProcessJobLauncherIT {
    @Inject
    ProcessConfig config;

    @Inject
    StorageConfig storage;

    @Inject
    ObjectMapper json;

    /** Receives the reports of the trainers. */
    private static HttpServer service;

    private final UUID run = UUID.randomUUID();
    private final JobName job = JobName.of(run, 1);

    @BeforeAll
    static void startService() throws IOException {
        service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        service.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        service.start();
    }

    @AfterAll
    static void stopService() {
        service.stop(0);
    }

    private JobLauncher launcher() {
        return new ProcessJobLauncher(config, Optional::empty, json);
    }

    @Test
    void aTrainerIsAdoptedByTheNextServiceWhichDoesNotStartAnother() throws IOException {
        JobLauncher before = launcher();
        before.launch(job, "token", TrainerResources.DEFAULT, 0, holding());
        await().atMost(Duration.ofMinutes(2)).until(() -> sees(before) instanceof ObservedJob.Running);
        ProcessHandle trainer = trainer();

        JobLauncher after = launcher();
        assertInstanceOf(ObservedJob.Running.class, sees(after));
        after.launch(job, "token", TrainerResources.DEFAULT, 0, holding());
        assertEquals(trainer.pid(), trainer().pid());
        after.stop(job);
        await().atMost(Duration.ofMinutes(2)).until(() -> sees(after) instanceof ObservedJob.Ended);
        assertEquals(new ObservedJob.Ended(OptionalInt.empty()), sees(after));
        await().atMost(Duration.ofMinutes(2))
                .until(() -> sees(before).equals(new ObservedJob.Ended(OptionalInt.of(143))));
    }

    @Test
    void ofTwoTrainersForOneJobOneGoesOn() throws IOException {
        JobLauncher killed = launcher();
        JobLauncher restarted = launcher();
        killed.launch(job, "token", TrainerResources.DEFAULT, 0, holding());
        restarted.launch(
                job, "token", TrainerResources.DEFAULT, 0, holding()); // the first has not come to its claim yet
        await().atMost(Duration.ofMinutes(2)).until(() -> log(killed).lines().count() > 0);

        ProcessHandle one = trainer();
        // Either has ended with 3, or is the one that goes on.
        await().atMost(Duration.ofMinutes(2))
                .untilAsserted(() -> assertEquals(1, trainersOfThisJob(), "log of the trainers: " + log(killed)));
        assertTrue(one.isAlive());
        assertEquals(
                1,
                log(killed).lines().filter(line -> line.startsWith("attempt 1")).count());
        one.destroyForcibly();
        await().atMost(Duration.ofMinutes(2)).until(() -> sees(restarted) instanceof ObservedJob.Ended);
    }

    @Test
    void aTrainerThatIgnoresTheRequestToEndIsKilled() throws IOException {
        JobLauncher launcher = launcher();
        launcher.launch(job, "token", TrainerResources.DEFAULT, 0, holding());
        await().atMost(Duration.ofMinutes(2)).until(() -> sees(launcher) instanceof ObservedJob.Running);
        ProcessHandle trainer = trainer();
        new ProcessBuilder("kill", "-STOP", Long.toString(trainer.pid())).start(); // it hears nothing any more
        await().atMost(Duration.ofMinutes(2)).until(() -> {
            launcher.stop(job);
            return sees(launcher) instanceof ObservedJob.Ended;
        });
        assertEquals(new ObservedJob.Ended(OptionalInt.of(137)), sees(launcher));
    }

    @Test
    void aDiscardedJobKeepsItsLogAlone() throws IOException {
        JobLauncher launcher = launcher();
        launcher.launch(job, "token", TrainerResources.DEFAULT, 0, holding());
        await().atMost(Duration.ofMinutes(2)).until(() -> sees(launcher) instanceof ObservedJob.Running);
        trainer().destroyForcibly();
        await().atMost(Duration.ofMinutes(2)).until(() -> sees(launcher) instanceof ObservedJob.Ended);
        String log = log(launcher);
        launcher.discard(job);
        launcher.discard(job);

        assertEquals(null, sees(launcher));
        assertEquals(log, log(launcher));
        launcher.launch(job, "token", TrainerResources.DEFAULT, 0, holding()); // a job has one trainer, ever
        assertEquals(null, sees(launcher));
        assertEquals("", new String(launcher.log(JobName.of(run, 9), 0).readAllBytes(), StandardCharsets.UTF_8));
    }

    @Test
    void aLaunchThatFailsSaysWhy() {
        LaunchException e = assertThrows(LaunchException.class, () -> launcher()
                .launch(job, "token", TrainerResources.DEFAULT, 0, environment -> {
                    throw new LaunchException(LaunchException.Consequence.RETRY, "the folder is full", null);
                }));
        assertTrue(e.getMessage().contains("full"), e.getMessage());
    }

    private ObservedJob sees(JobLauncher launcher) {
        return launcher.observe().get(job);
    }

    private ProcessHandle trainer() throws IOException {
        return TrainerProcess.read(folder()).orElseThrow().handle().orElseThrow();
    }

    private Path folder() {
        return config.directory().toAbsolutePath().resolve(job.value());
    }

    private long trainersOfThisJob() {
        return ProcessHandle.current()
                .children()
                .filter(child -> child.info().commandLine().orElse("").contains(job.value()))
                .count();
    }

    private String log(JobLauncher launcher) throws IOException {
        try (var log = launcher.log(job, 0)) {
            return new String(log.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Its reports are accepted, so nothing ends it. */
    private Function<TrainerEnvironment, TrainerSpec> holding() {
        return environment -> new TrainerSpec(
                run.toString(),
                1,
                UUID.randomUUID().toString(),
                "p",
                null,
                null,
                null,
                Recipe.of("transfer"),
                null,
                FakeTrainer.HOLD,
                new OutputRef(storage.bucket(), "runs/" + run + "/"),
                environment.workDirectory().toString(),
                environment.cacheDirectory().toString(),
                "http://127.0.0.1:" + service.getAddress().getPort(),
                environment.threads());
    }
}
