package dev.loupe.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The scores of an anomaly detector for the DEV images: what its thresholds are chosen on. A package of an earlier
 * version of Loupe has none.
 *
 * @param images scores by id of the image, which is its SHA-256
 */
public record DevScores(@JsonValue SortedMap<String, Score> images) {
    /** Name of the file in the package. */
    public static final String FILE = "dev-scores.json";

    private static final ObjectMapper JSON = JsonMapper.builder()
            // Later versions of this format may add fields.
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    /**
     * The score of one image.
     *
     * @param label label of the image in the dataset
     * @param score anomaly score, finite
     */
    public record Score(String label, double score) {
        public Score {
            if (!Double.isFinite(score)) {
                throw new IllegalArgumentException("a score is " + score + ", expected finite numbers");
            }
        }
    }

    public DevScores {
        images = Collections.unmodifiableSortedMap(new TreeMap<>(images));
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static DevScores of(Map<String, Score> images) {
        return new DevScores(new TreeMap<>(images));
    }

    /**
     * Reads the file of a package.
     *
     * @throws InvalidPackageException if it is in another format
     */
    public static DevScores parse(byte[] file) {
        try {
            DevScores scores = JSON.readValue(file, DevScores.class);
            if (scores == null) {
                throw new InvalidPackageException("model package: " + FILE + " is empty");
            }
            return scores;
        } catch (JacksonException e) {
            throw new InvalidPackageException(
                    "model package: " + FILE + " cannot be read: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the file of a package. */
    public byte[] toJson() {
        try {
            return JSON.writeValueAsBytes(this);
        } catch (JacksonException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the scores of the images whose label is accepted, in ascending order. */
    public double[] sorted(Predicate<String> label) {
        return images.values().stream()
                .filter(image -> label.test(image.label()))
                .mapToDouble(Score::score)
                .sorted()
                .toArray();
    }
}
