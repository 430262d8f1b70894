package dev.loupe.contracts.training;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import java.util.List;

/**
 * TRAIN and DEV images of a classifier's dataset version whose labels are probably wrong. The trainer writes it as {@code
 * attempts/N/label-issues.json}, before the result of the attempt.
 *
 * @param skipped why the labels were not checked, null if they were
 * @param backbone name of the backbone whose features were used, null if the labels were not checked
 * @param images number of images that were checked
 * @param leftOut classes that were left out, because they have too few images
 * @param total number of images whose labels are probably wrong
 * @param issues these images, the one whose label is least probable first; at most {@value #MAX_ISSUES}
 */
@JsonInclude(Include.NON_NULL)
public record LabelIssues(
        Skipped skipped, String backbone, int images, List<String> leftOut, int total, List<Issue> issues) {
    /** Most issues of a document. */
    public static final int MAX_ISSUES = 1000;
    /** Most bytes of a document. */
    public static final long MAX_BYTES = 4L << 20;

    public LabelIssues {
        leftOut = leftOut == null ? List.of() : List.copyOf(leftOut);
        issues = issues == null ? List.of() : List.copyOf(issues);
        if (issues.size() > MAX_ISSUES || total < issues.size() || images < total) {
            throw new IllegalArgumentException("label issues: expected at most " + MAX_ISSUES
                    + ", at most as many as in total, and at most as many in total as images, got " + issues.size()
                    + ", " + total + " and " + images);
        }
    }

    /** Labels that were not checked. */
    public static LabelIssues skipped(Skipped why) {
        return new LabelIssues(why, null, 0, List.of(), 0, List.of());
    }

    /** Key of the document of an attempt, in the run's folder. */
    public static String key(int attempt) {
        return "attempts/" + attempt + "/label-issues.json";
    }

    /**
     * An image whose label is probably wrong. The probabilities are those of a model that has not learned from it.
     *
     * @param sha256 digest of the encoded image
     * @param name name of the uploaded file
     * @param label its label
     * @param labelProbability probability of its label
     * @param likelyLabel class that it probably belongs to
     * @param likelyProbability probability of that class
     */
    public record Issue(
            String sha256,
            String name,
            String label,
            double labelProbability,
            String likelyLabel,
            double likelyProbability) {
        public Issue {
            if (sha256 == null || label == null || likelyLabel == null || label.equals(likelyLabel)) {
                throw new IllegalArgumentException("label issue: expected a digest and two labels, got '" + sha256
                        + "', '" + label + "', '" + likelyLabel + "'");
            }
            if (!isProbability(labelProbability) || !isProbability(likelyProbability)) {
                throw new IllegalArgumentException(
                        "label issue of image " + sha256 + ": expected probabilities from 0 to 1, got "
                                + labelProbability + " and " + likelyProbability);
            }
        }

        private static boolean isProbability(double value) {
            return value >= 0 && value <= 1;
        }
    }
}
