package dev.loupe.vision.training;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.loupe.contracts.training.NearestNormal;
import dev.loupe.model.ClassPrediction;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The prediction for one TEST image.
 *
 * @param label true label
 * @param predicted predicted label: a class, or for an anomaly detector normal or abnormal according to the threshold
 * @param score probability of the predicted class, 0..1, or the anomaly score
 * @param probabilities for a classifier, the probability of the {@value #MAX_PROBABILITIES} most probable classes and of
 *     the true one, the highest first; empty for an anomaly detector
 * @param nearest the normal TRAIN image that its most abnormal place is nearest to; null if it is not known. Packages do not
 *     contain it
 */
public record TestPrediction(
        String label,
        String predicted,
        double score,
        @JsonInclude(Include.NON_EMPTY) Map<String, Double> probabilities,
        @JsonIgnore NearestNormal nearest) {
    private static final int MAX_PROBABILITIES = 5;

    public TestPrediction {
        probabilities = Collections.unmodifiableMap(new LinkedHashMap<>(probabilities));
    }

    /** The prediction of an anomaly detector. */
    public TestPrediction(String label, String predicted, double score) {
        this(label, predicted, score, Map.of(), null);
    }

    /** The same prediction, with the normal image that is nearest. */
    public TestPrediction with(NearestNormal normal) {
        return new TestPrediction(label, predicted, score, probabilities, normal);
    }

    /** The prediction of a classifier. */
    static TestPrediction of(String label, ClassPrediction answer) {
        Map<String, Double> probabilities = new LinkedHashMap<>();
        IntStream.range(0, answer.labels().size())
                .boxed()
                .sorted((a, b) -> Float.compare(answer.probabilities()[b], answer.probabilities()[a]))
                .filter(i -> probabilities.size() < MAX_PROBABILITIES
                        || answer.labels().get(i).equals(label))
                .forEach(i -> probabilities.put(answer.labels().get(i), (double) answer.probabilities()[i]));
        return new TestPrediction(label, answer.label(), answer.score(), probabilities, null);
    }
}
