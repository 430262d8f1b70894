package dev.loupe.training.report;

import dev.loupe.training.result.TestResult;
import java.util.Base64;

/**
 * An image that a model is wrong on.
 *
 * @param name name of the uploaded file
 * @param truth true label, with the kind of defect
 * @param predicted predicted label
 * @param score its probability, or the anomaly score
 * @param thumbnail {@code data:} URI of a small JPEG, empty if there is none
 * @param heatmap {@code data:} URI of a PNG to lay over the thumbnail, empty if there is none
 */
record WrongImage(
        String name, String truth, String predicted, FigureText.Figure score, String thumbnail, String heatmap) {
    /** Most bytes of a thumbnail, and of a heatmap, in a report. */
    static final int MAX_BYTES = 64 << 10;

    /**
     * @param jpeg its thumbnail; null, or larger than a report may have, for none
     * @param png its heatmap; null, or larger than a report may have, for none
     */
    static WrongImage of(TestResult result, byte[] jpeg, byte[] png) {
        String thumbnail = uri("image/jpeg", jpeg);
        return new WrongImage(
                result.name(),
                result.defect() == null ? result.truth() : result.truth() + ", " + result.defect(),
                result.predicted(),
                FigureText.Figure.of(result.score()),
                thumbnail,
                thumbnail.isEmpty() ? "" : uri("image/png", png));
    }

    private static String uri(String type, byte[] content) {
        return content == null || content.length > MAX_BYTES
                ? ""
                : "data:" + type + ";base64," + Base64.getEncoder().encodeToString(content);
    }
}
