package dev.loupe.local.demo;

import dev.loupe.cli.CommandException;
import dev.loupe.cli.command.BackboneInputOptions;
import dev.loupe.cli.command.OutputOptions;
import dev.loupe.cli.command.ProjectsCommand;
import dev.loupe.contracts.Task;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of a demonstration. */
public final class DemoOptions {
    @Mixin
    private BackboneInputOptions backboneInput;

    @Option(names = "--images", paramLabel = "FOLDER|ZIP", description = "your own images")
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
            description = "an ONNX file, scattering (built in) or random; without it a model is chosen among"
                    + " several, if DEV has images to choose by")
    private String backbone;

    @Mixin
    private OutputOptions output;

    @Option(names = "--json", description = "print the result as one JSON object in the last line")
    private boolean json;

    /**
     * Checks the options, and starts to draw images if none are given.
     *
     * @param folder where its images go
     * @throws CommandException when something that was named is not there
     */
    public Demonstration prepare(Path folder) {
        Task chosen = ProjectsCommand.task(task);
        if (images != null && !Files.exists(images)) {
            throw new CommandException(images + ": there is no such folder or zip file");
        }
        if (backbone != null && backbone.endsWith(".onnx") && !Files.exists(Path.of(backbone))) {
            throw new CommandException(backbone + ": there is no such file");
        }
        return new Demonstration(new DemoPlan(chosen, backbone, backboneInput.input(), folder), images, form());
    }

    private Demonstration.Form form() {
        if (output.output().isJson()) {
            return Demonstration.Form.JSON;
        }
        return json ? Demonstration.Form.TEXT_THEN_JSON_LINE : Demonstration.Form.TEXT;
    }
}
