package dev.loupe.cli.demo;

import dev.loupe.cli.CommandException;
import dev.loupe.cli.server.BackboneInput;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Endpoints;
import dev.loupe.contracts.Task;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** A demonstration that is about to be played; its pictures are being drawn meanwhile. */
public final class Demonstration {
    private final long begin = System.nanoTime();
    private final Narrator narrator;
    private final DemoPlan plan;
    private final boolean json;
    private final CompletableFuture<Path> pictures;

    /** @param images null: they are drawn */
    Demonstration(DemoPlan plan, Path images, boolean json) {
        this(plan, images, json, System.out);
    }

    private Demonstration(DemoPlan plan, Path images, boolean json, PrintStream audience) {
        this.narrator = new Narrator(audience);
        this.plan = plan;
        this.json = json;
        this.pictures = CompletableFuture.supplyAsync(
                () -> images != null ? images : DrawnImages.folder(plan.folder(), plan.task()));
        if (images == null) {
            narrator.say("Loupe's demonstration: does a machine see which parts are damaged?\n"
                    + "The pictures are drawn by this program, photographs they are not: metal plates, good ones and "
                    + "ones with a scratch,\na dent, a stain or a hair.");
        }
    }

    /**
     * One that nobody watches, on drawn pictures.
     *
     * @param folder where they go
     */
    public static Demonstration unseen(Path folder) {
        return new Demonstration(
                new DemoPlan(Task.ANOMALY_DETECTION, "scattering", BackboneInput.IMAGENET, folder),
                null,
                false,
                new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    }

    public Narrator narrator() {
        return narrator;
    }

    /**
     * The whole job on a Loupe that runs.
     *
     * @param next what to tell at the end; {@code PROJECT} stands for the project that was made
     */
    public void play(Endpoints endpoints, List<String> next) {
        try (Connection connection = new Connection(endpoints)) {
            DemoResult result = new Demo(connection, plan, narrator).play(drawn());
            narrator.say("\nWhat next?");
            next.forEach(line -> narrator.say("  " + line.replace("PROJECT", result.project())));
            if (json) {
                System.out.println(result.json((System.nanoTime() - begin) / 1e9));
            }
        }
    }

    private Path drawn() {
        try {
            return pictures.join();
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof CommandException told ? told : failed;
        }
    }
}
