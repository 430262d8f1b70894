package dev.loupe.local;

import dev.loupe.cli.AdditionalCommand;
import dev.loupe.cli.command.Output;
import dev.loupe.cli.command.OutputOptions;
import dev.loupe.cli.server.Endpoints;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "up",
        description = {
            "Runs all of Loupe on this machine until Ctrl-C: PostgreSQL, Kafka, S3, the services and their console.",
            "Everything is kept in a folder, and the next up finds it again."
        },
        mixinStandardHelpOptions = true)
public final class UpCommand implements Runnable, AdditionalCommand {
    @Mixin
    private LocalOptions options;

    @Mixin
    private OutputOptions outputOptions;

    @Override
    public void run() {
        long begin = System.nanoTime();
        Output output = outputOptions.output();
        PrintStream words = output.isJson() ? System.err : System.out;
        words.println("Starting Loupe on " + options.data() + " …");
        LocalStackOptions stackOptions =
                new LocalStackOptions(LocalOptions.home(), options.data(), options.ports(), false, options.fresh());
        try (LocalStack stack = LocalStack.start(stackOptions, listener(words))) {
            Optional<URI> console = stack.startConsole();
            words.printf(
                    Locale.ROOT,
                    "Ready after %.1f s. %s%n",
                    (System.nanoTime() - begin) / 1e9,
                    whoMayCall(System.getenv("LOUPE_AUTH_MODE")));
            stack.keepRunning();
            words.println(console.map(address -> "Open " + address + " in a browser.")
                    .orElse("The console is left out: it is built where Node 20.19 or newer is on the PATH."));
            output.item(stack.endpoints().json(), addresses(stack.endpoints(), options.data()));
            new CountDownLatch(1).await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** @param mode of authentication; null: the default */
    private static String whoMayCall(String mode) {
        return mode == null || mode.equalsIgnoreCase("disabled")
                ? "No login is needed: it listens on this machine only."
                : "Callers must log in: LOUPE_AUTH_MODE is " + mode + ".";
    }

    private static String addresses(Endpoints endpoints, Path data) {
        return String.join(
                "\n",
                "  dataset-service    " + endpoints.dataset() + "  (API: /openapi-ui/)",
                "  training-service   " + endpoints.training() + "  (API: /openapi-ui/)",
                "  inference-service  " + endpoints.inference() + "  (API: /openapi-ui/)",
                "  predictions        " + endpoints.grpc() + "  (gRPC)",
                "  logs               " + data.resolve("log"),
                "Problems are shown here. Stop with Ctrl-C. In another window: ./loupe demo, ./loupe projects");
    }

    /** Prints the events of a stack. */
    public static StackListener listener(PrintStream stream) {
        return new StackListener() {
            @Override
            public void note(String sentence) {
                stream.println(sentence);
            }

            @Override
            public void ready(Server server, Duration took) {
                stream.printf(Locale.ROOT, "  %-18s ready after %.1f s%n", server.label(), took.toMillis() / 1e3);
            }

            @Override
            public void problem(Server server, String sentence) {
                stream.println(server.label() + ": " + sentence);
            }
        };
    }
}
