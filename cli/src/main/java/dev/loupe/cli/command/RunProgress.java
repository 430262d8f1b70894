package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import java.util.function.Consumer;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Shows the progress of a run: on a terminal a bar for each phase, otherwise a line for each. Not thread-safe.
 */
public final class RunProgress implements Consumer<JsonNode>, AutoCloseable {
    private final PrintStream stream;
    private final boolean terminal =
            System.console() != null && System.console().isTerminal();
    private String shown = "";
    private ProgressBar bar;

    public RunProgress(PrintStream stream) {
        this.stream = stream;
    }

    @Override
    public void accept(JsonNode run) {
        String state = run.path("state").asText();
        JsonNode progress = run.path("progress");
        String phase = state.equals("RUNNING") && progress.hasNonNull("phase")
                ? progress.path("phase").asText()
                : state.toLowerCase(java.util.Locale.ROOT);
        if (!phase.equals(shown)) {
            shown = phase;
            close();
            if (!terminal) {
                stream.println("  " + phase);
            }
        }
        if (terminal && progress.path("total").asLong() > 0 && state.equals("RUNNING")) {
            show(phase, progress);
        }
    }

    private void show(String phase, JsonNode progress) {
        if (bar == null) {
            bar = new ProgressBarBuilder()
                    .setTaskName(String.format("  %-9s", phase))
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis(200)
                    .setConsumer(new ConsoleProgressBarConsumer(stream))
                    .build();
        }
        bar.maxHint(progress.path("total").asLong());
        bar.stepTo(progress.path("done").asLong());
        StringBuilder extra = new StringBuilder();
        if (progress.path("imagesPerSecond").asDouble() > 0) {
            extra.append(Math.round(progress.path("imagesPerSecond").asDouble()))
                    .append(" images/s ");
        }
        bar.setExtraMessage(extra.append(Output.text(progress.path("metrics"))).toString());
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
