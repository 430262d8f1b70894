package dev.loupe.vision.labels;

import dev.loupe.vision.training.Progress;
import java.util.Map;

/** Reports the epochs of several heads as one phase: their losses are not metrics of the model. */
final class PhaseProgress implements Progress {
    private final Progress progress;
    private final String phase;
    private final long epochs;
    private long done;

    /**
     * @param epochs number of epochs of all heads together
     */
    PhaseProgress(Progress progress, String phase, long epochs) {
        this.progress = progress;
        this.phase = phase;
        this.epochs = epochs;
    }

    /** Each report is one epoch. */
    @Override
    public void report(String ofHead, long ofEpochs, long total, Map<String, Double> metrics) {
        progress.report(phase, ++done, epochs, Map.of());
    }

    @Override
    public boolean cancelled() {
        return progress.cancelled();
    }
}
