package dev.loupe.dataset.finding;

import dev.loupe.dataset.quality.FindingKind;
import dev.loupe.storage.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * What a search finds. The same observation has the same {@link #id}, whatever its severity and its figures.
 *
 * @param rank orders observations of the same severity, the greatest first; 0..1
 * @param message message for people, with the figures
 * @param label label that it is about; null if it is about images
 * @param split split that it is about; null if it is about images or a label in all splits
 * @param images digests of the images that it is about, ordered; empty if it is about a label
 * @param figures measured and expected values, by name
 */
record Observation(
        FindingKind kind,
        Severity severity,
        double rank,
        String message,
        String label,
        String split,
        List<String> images,
        Map<String, Double> figures) {
    private static final int ID_LENGTH = 32;

    Observation {
        images = images.stream().sorted().toList();
        figures = Map.copyOf(figures);
    }

    /** An observation about images. */
    static Observation ofImages(
            FindingKind kind,
            Severity severity,
            double rank,
            String message,
            List<String> images,
            Map<String, Double> figures) {
        return new Observation(kind, severity, rank, message, null, null, images, figures);
    }

    /** An observation about a label. */
    static Observation ofLabel(
            FindingKind kind,
            Severity severity,
            String message,
            String label,
            String split,
            Map<String, Double> figures) {
        return new Observation(kind, severity, 0, message, label, split, List.of(), figures);
    }

    /** Identifies the kind and what the observation is about, in a project. */
    String id() {
        String subject = kind + "\n" + label + "\n" + split + "\n" + String.join("\n", images);
        return Sha256.of(subject.getBytes(StandardCharsets.UTF_8)).substring(0, ID_LENGTH);
    }

    /** Position in the order of all observations: the most severe first. */
    double position() {
        return severity.ordinal() + 1 - Math.clamp(rank, 0, 1);
    }
}
