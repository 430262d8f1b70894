package dev.loupe.contracts.evaluation;

import dev.loupe.contracts.Split;

/**
 * How well one model does on one split of one dataset version. The trainer writes it as {@code
 * attempts/N/evaluation.json}, before the result of the attempt. It never changes.
 *
 * @param format version of the document format, {@link #FORMAT}
 * @param model what was evaluated
 * @param data on which images
 * @param report the figures
 * @param evaluatedAt when it was evaluated, ISO 8601
 */
public record Evaluation(
        int format, EvaluatedModel model, EvaluationData data, EvaluationReport report, String evaluatedAt) {
    /** Version of the document format that this code writes. */
    public static final int FORMAT = 1;
    /** Most bytes of the document. */
    public static final long MAX_BYTES = 16L << 20;

    public Evaluation {
        if (format != FORMAT) {
            throw new IllegalArgumentException("evaluation: expected format " + FORMAT + ", got " + format);
        }
        if (model == null || data == null || report == null || evaluatedAt == null) {
            throw new IllegalArgumentException("evaluation: expected model, data, report and time, got " + model + ", "
                    + data + ", " + (report == null ? null : "a report") + ", " + evaluatedAt);
        }
    }

    /** Key of the evaluation of an attempt, in the run's folder. */
    public static String key(int attempt) {
        return "attempts/" + attempt + "/evaluation.json";
    }

    /**
     * The model that was evaluated.
     *
     * @param runId run that trained it
     * @param attempt attempt of the run that trained it
     * @param project name of the project
     * @param sha256 digest of the model file
     * @param trainerVersion version of the program that evaluated it
     */
    public record EvaluatedModel(String runId, int attempt, String project, String sha256, String trainerVersion) {}

    /**
     * The images that it was evaluated on.
     *
     * @param versionId id of the dataset version
     * @param number number of the dataset version
     * @param sha256 digest of its manifest
     * @param testDigest digest of its TEST images and their labels
     * @param split the split
     */
    public record EvaluationData(String versionId, int number, String sha256, String testDigest, Split split) {}
}
