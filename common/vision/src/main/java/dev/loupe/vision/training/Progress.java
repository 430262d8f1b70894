package dev.loupe.vision.training;

import java.util.Map;

/** Hears how far a training is, and can end it. Called by the thread that trains, often: implementations return at once. */
public interface Progress {
    /** Hears nothing, and never cancels. */
    Progress NONE = new Progress() {
        @Override
        public void report(String phase, long done, long total, Map<String, Double> metrics) {}

        @Override
        public boolean cancelled() {
            return false;
        }
    };

    /**
     * @param phase {@code features}, {@code train}, {@code coreset}, {@code evaluate}, {@code package}
     * @param done units of the phase that are done: images, epochs or patches
     * @param total units of the phase, 0 if unknown
     * @param metrics newest values; may be empty
     */
    void report(String phase, long done, long total, Map<String, Double> metrics);

    /** Whether training should end now: it does so with a {@link CancelledException} at the next safe place. */
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
