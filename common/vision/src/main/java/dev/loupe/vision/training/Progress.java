package dev.loupe.vision.training;

import java.util.Map;

/**
 * Receives the progress of a training, and can cancel it. The training thread calls it often, so it must return at
 * once.
 */
public interface Progress {
    /** Ignores progress and never cancels. */
    Progress NONE = new Progress() {
        @Override
        public void report(String phase, long done, long total, Map<String, Double> metrics) {}

        @Override
        public boolean cancelled() {
            return false;
        }
    };

    /**
     * @param phase current phase: {@code features}, {@code train}, {@code coreset}, {@code measure}, {@code
     *     evaluate}, {@code package}
     * @param done completed units of the phase: images, epochs or patches
     * @param total total units of the phase, 0 if unknown
     * @param metrics newest values of the metrics; may be empty
     */
    void report(String phase, long done, long total, Map<String, Double> metrics);

    /** Whether training should end now, with a {@link CancelledException} at the next safe point. */
    boolean cancelled();

    /**
     * @throws CancelledException if {@link #cancelled()}
     */
    default void check() {
        if (cancelled()) {
            throw new CancelledException();
        }
    }
}
