package dev.loupe.cli.demo;

import dev.loupe.cli.command.LocalOptions;
import dev.loupe.cli.command.UpCommand;
import dev.loupe.cli.local.LocalStack;
import dev.loupe.cli.local.LocalStackOptions;
import dev.loupe.cli.server.Endpoints;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "demo",
        description = {
            "Does the whole job once, and tells what it does: import, freeze, train, judge, promote, predict.",
            "Without options it draws its own pictures. It uses a running ./loupe up, or starts and stops its own."
        },
        mixinStandardHelpOptions = true)
public final class DemoCommand implements Runnable {
    @Mixin
    private LocalOptions local;

    @Mixin
    private DemoOptions demo;

    @Option(names = "--keep", description = "leave the servers that it started running until Ctrl-C")
    private boolean keep;

    @Override
    public void run() {
        Demonstration demonstration = demo.prepare(local.data().resolve("demo"));
        if (Files.exists(local.data().resolve(Endpoints.FILE)) && LocalStack.isRunning(local.data())) {
            demonstration.narrator().say("Using the Loupe that runs already.");
            play(demonstration, Endpoints.load(local.data()));
            return;
        }
        demonstration.narrator().step("Start PostgreSQL, Kafka, S3 and the three services (all of it on this machine)");
        LocalStackOptions options = new LocalStackOptions(
                LocalOptions.home(), local.data(), local.ports().orFree(), false, local.fresh());
        try (LocalStack stack = LocalStack.start(options, UpCommand.listener(System.out))) {
            play(demonstration, stack.endpoints());
            if (keep) {
                System.err.println("The servers go on. Stop them with Ctrl-C.");
                new CountDownLatch(1).await();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void play(Demonstration demonstration, Endpoints endpoints) {
        demonstration.play(
                endpoints,
                List.of(
                        "./loupe up                                     and in another window:",
                        "./loupe models PROJECT",
                        "./loupe predict PROJECT some.png --heatmaps .",
                        "./loupe demo --images FOLDER|ZIP --task anomaly        your own pictures: train/good, "
                                + "test/good, test/…",
                        "./loupe demo --images FOLDER|ZIP --task classification your own classes: one folder for each",
                        "The API, to click on: " + endpoints.dataset() + "/openapi-ui/ while it runs"));
    }
}
