package dev.loupe.local.demo;

import dev.loupe.cli.AdditionalCommand;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.server.Endpoints;
import dev.loupe.client.ClientException;
import dev.loupe.local.LocalOptions;
import dev.loupe.local.LocalStack;
import dev.loupe.local.LocalStackOptions;
import dev.loupe.local.UpCommand;
import java.net.URI;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "demo",
        description = {
            "Does all steps once, and says what it does: import, freeze, train, evaluate, promote, predict.",
            "Without options it draws its own images. It uses a running ./loupe up, or starts and stops its own."
        },
        mixinStandardHelpOptions = true)
public final class DemoCommand implements Runnable, AdditionalCommand {
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
            play(demonstration, Endpoints.load(local.data()), Optional.empty());
            return;
        }
        demonstration.narrator().step("Start PostgreSQL, Kafka, S3 and the three services (all of it on this machine)");
        LocalStackOptions options = new LocalStackOptions(
                LocalOptions.home(), local.data(), local.ports().orFree(), false, local.fresh());
        AtomicBoolean ending = new AtomicBoolean();
        Thread interrupted = new Thread(
                () -> {
                    ending.set(true);
                    System.err.println("\nInterrupted; stopping the servers that this demo started.");
                },
                "demo-stop");
        Runtime.getRuntime().addShutdownHook(interrupted);
        try (LocalStack stack = LocalStack.start(options, UpCommand.listener(demonstration.narrator().stream()))) {
            play(demonstration, stack.endpoints(), keep ? stack.startConsole() : Optional.empty());
            if (keep) {
                System.err.println("The servers keep running. Stop them with Ctrl-C.");
                new CountDownLatch(1).await();
            }
        } catch (CommandException | ClientException lost) {
            // Its servers end while it asks them.
            if (!ending.get()) {
                throw lost;
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        } finally {
            forget(interrupted);
        }
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException exiting) {
            // It is running.
        }
    }

    private static void play(Demonstration demonstration, Endpoints endpoints, Optional<URI> console) {
        List<String> next = new ArrayList<>();
        console.ifPresent(address -> next.add(address + "/projects/PROJECT/runs     in a browser: the runs"));
        next.addAll(List.of(
                "./loupe up                                     and in another window:",
                "./loupe models PROJECT",
                "./loupe predict PROJECT some.png --heatmaps .",
                "./loupe demo --images FOLDER|ZIP --task anomaly        your own images: train/good, "
                        + "test/good, test/…",
                "./loupe demo --images FOLDER|ZIP --task classification your own classes: one folder for each",
                "The API, to click on: " + endpoints.dataset() + "/openapi-ui/ while it runs"));
        demonstration.play(endpoints, next);
    }
}
