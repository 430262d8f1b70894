package dev.loupe.cli.command;

import picocli.CommandLine.Option;

/** How a command prints its result. */
public final class OutputOptions {

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "table",
            description = "table or json; errors are JSON then, too (default: ${DEFAULT-VALUE})")
    private OutputFormat format = OutputFormat.TABLE;

    public Output output() {
        return new Output(format, System.out);
    }
}
