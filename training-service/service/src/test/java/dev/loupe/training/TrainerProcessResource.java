package dev.loupe.training;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Lets the service start the trainer of the tests. */
public final class TrainerProcessResource implements QuarkusTestResourceLifecycleManager {
    @Override
    public Map<String, String> start() {
        try {
            Path folder =
                    Files.createTempDirectory(Path.of("target"), "trainers").toAbsolutePath();
            String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
            return Map.of(
                    "loupe.training.process.classpath-file",
                    Files.writeString(folder.resolve("classpath"), classPath).toString(),
                    "loupe.training.process.main-class",
                    FakeTrainer.class.getName(),
                    "loupe.training.recipes.directory",
                    folder.resolve("recipes").toString(),
                    "loupe.training.process.directory",
                    folder.resolve("jobs").toString(),
                    "loupe.training.process.heap",
                    "64M",
                    "loupe.training.process.options",
                    "-XX:TieredStopAtLevel=1,-Xshare:auto",
                    "loupe.training.space-backoff",
                    "0.5s",
                    "loupe.training.process.stop-grace",
                    "2s",
                    "loupe.training.deletion-interval",
                    "1s");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void stop() {}
}
