package dev.loupe.local.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
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

/** A demonstration. Its images are drawn while the servers start. */
public final class Demonstration {
    /** Format of the standard output. */
    enum Form {
        TEXT,
        TEXT_THEN_JSON_LINE,
        /** The text goes to the standard error stream. */
        JSON
    }

    private final long begin = System.nanoTime();
    private final Narrator narrator;
    private final DemoPlan plan;
    private final Form form;
    private final CompletableFuture<Path> source;

    /** @param images null: they are drawn */
    Demonstration(DemoPlan plan, Path images, Form form) {
        this(plan, images, form, form == Form.JSON ? System.err : System.out);
    }

    private Demonstration(DemoPlan plan, Path images, Form form, PrintStream audience) {
        this.narrator = new Narrator(audience);
        this.plan = plan;
        this.form = form;
        this.source = CompletableFuture.supplyAsync(
                () -> images != null ? images : DrawnImages.folder(plan.folder(), plan.task()));
        if (images == null) {
            narrator.say("Loupe's demonstration: find damaged parts.\n"
                    + "The images are drawn by this program: metal plates, good ones and ones with a scratch, a dent,\n"
                    + "a stain or a hair.");
        }
    }

    /**
     * A demonstration without output, on drawn images.
     *
     * @param folder where they go
     */
    public static Demonstration unseen(Path folder) {
        return new Demonstration(
                new DemoPlan(Task.ANOMALY_DETECTION, "scattering", BackboneInput.IMAGENET, folder),
                null,
                Form.TEXT,
                new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    }

    public Narrator narrator() {
        return narrator;
    }

    /**
     * Does all steps on a running Loupe.
     *
     * @param next what to tell at the end; {@code PROJECT} stands for the project that was made
     */
    public void play(Endpoints endpoints, List<String> next) {
        try (Connection connection = new Connection(endpoints)) {
            DemoResult result = new Demo(connection, plan, narrator).play(drawn());
            narrator.say("\nWhat next?");
            next.forEach(line -> narrator.say("  " + line.replace("PROJECT", result.project())));
            ObjectNode json = result.json((System.nanoTime() - begin) / 1e9);
            switch (form) {
                case TEXT -> {}
                case TEXT_THEN_JSON_LINE -> System.out.println(json);
                case JSON -> System.out.println(json.toPrettyString());
            }
        }
    }

    private Path drawn() {
        try {
            return source.join();
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof CommandException told ? told : failed;
        }
    }
}
