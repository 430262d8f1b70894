package dev.loupe.cli.command;

import dev.loupe.cli.server.BackboneInput;
import picocli.CommandLine.Option;

/** Preprocessing of the input of a backbone: {@code (x / scale - mean) / std}. */
public final class BackboneInputOptions {

    @Option(
            names = "--scale",
            paramLabel = "X",
            defaultValue = "255",
            description = "the input is (x / scale - mean) / std for x in 0..255 (default: ${DEFAULT-VALUE})")
    private double scale;

    @Option(
            names = "--mean",
            paramLabel = "R,G,B",
            defaultValue = "0.485,0.456,0.406",
            description = "(default: ${DEFAULT-VALUE}, as for most networks trained on ImageNet)")
    private String mean;

    @Option(
            names = "--std",
            paramLabel = "R,G,B",
            defaultValue = "0.229,0.224,0.225",
            description = "(default: ${DEFAULT-VALUE})")
    private String std;

    public BackboneInput input() {
        return new BackboneInput(scale, mean, std);
    }
}
