package dev.loupe.cli.demo;

import dev.loupe.cli.CommandException;
import dev.loupe.cli.command.BackboneInputOptions;
import dev.loupe.cli.command.LocalOptions;
import dev.loupe.cli.command.ProjectsCommand;
import dev.loupe.cli.command.UpCommand;
import dev.loupe.cli.local.LocalStack;
import dev.loupe.cli.local.LocalStackOptions;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Endpoints;
import dev.loupe.contracts.Task;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
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
    private BackboneInputOptions backboneInput;

    @Option(names = "--images", paramLabel = "FOLDER|ZIP", description = "your own pictures")
    private Path images;

    @Option(
            names = "--task",
            paramLabel = "TASK",
            defaultValue = "anomaly",
            description = "classification or anomaly (default: ${DEFAULT-VALUE})")
    private String task;

    @Option(
            names = "--backbone",
            paramLabel = "BACKBONE",
            defaultValue = "scattering",
            description = "an ONNX file, scattering (built in) or random (default: ${DEFAULT-VALUE})")
    private String backbone;

    @Option(names = "--json", description = "print the result as one JSON object in the last line")
    private boolean json;

    @Option(names = "--keep", description = "leave the servers that it started running until Ctrl-C")
    private boolean keep;

    @Override
    public void run() {
        long begin = System.nanoTime();
        Task chosen = ProjectsCommand.task(task);
        if (images != null && !Files.exists(images)) {
            throw new CommandException(images + ": there is no such folder or zip file");
        }
        if (backbone.endsWith(".onnx") && !Files.exists(Path.of(backbone))) {
            throw new CommandException(backbone + ": there is no such file");
        }
        CompletableFuture<Path> pictures = CompletableFuture.supplyAsync(() -> pictures(chosen));
        Narrator narrator = new Narrator(System.out);
        if (images == null) {
            narrator.say("Loupe's demonstration: does a machine see which parts are damaged?\n"
                    + "The pictures are drawn by this program, photographs they are not: metal plates, good ones and "
                    + "ones with a scratch,\na dent, a stain or a hair.");
        }
        Optional<Endpoints> running = running();
        if (running.isPresent()) {
            narrator.say("Using the Loupe that runs already.");
            play(running.get(), chosen, pictures, narrator, begin);
            return;
        }
        narrator.step("Start PostgreSQL, Kafka, S3 and the three services (all of it on this machine)");
        LocalStackOptions options = new LocalStackOptions(
                LocalOptions.home(), local.data(), local.ports().orFree(), false, local.fresh());
        try (LocalStack stack = LocalStack.start(options, UpCommand.listener(System.out))) {
            play(stack.endpoints(), chosen, pictures, narrator, begin);
            if (keep) {
                System.err.println("The servers go on. Stop them with Ctrl-C.");
                new CountDownLatch(1).await();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private Path pictures(Task chosen) {
        return images != null ? images : DrawnImages.folder(local.data().resolve("demo"), chosen);
    }

    private Optional<Endpoints> running() {
        if (!Files.exists(local.data().resolve(Endpoints.FILE)) || !LocalStack.isRunning(local.data())) {
            return Optional.empty();
        }
        return Optional.of(Endpoints.load(local.data()));
    }

    private void play(
            Endpoints endpoints, Task chosen, CompletableFuture<Path> pictures, Narrator narrator, long begin) {
        try (Connection connection = new Connection(endpoints)) {
            DemoPlan plan = new DemoPlan(
                    chosen, backbone, backboneInput.input(), local.data().resolve("demo"));
            DemoResult result = new Demo(connection, plan, narrator).play(drawn(pictures));
            result.tellWhatNext(narrator, endpoints);
            if (json) {
                System.out.println(result.json((System.nanoTime() - begin) / 1e9));
            }
        }
    }

    private static Path drawn(CompletableFuture<Path> pictures) {
        try {
            return pictures.join();
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof CommandException told ? told : failed;
        }
    }
}
